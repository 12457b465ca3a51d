#include "aggregators/pre/clipping.hpp"

#include "aggregators/norms.hpp"
#include "aggregators/pre/clipped_inputs.hpp"

namespace hearsay {
namespace {

class Clipping final : public PreAggregator {
 public:
  explicit Clipping(const ClippingOptions& options) : options_(options) {}

  std::vector<Mixture> mix(const InputVectors& x, const AggregationContext&) const override {
    return clipped_inputs(norms_of(x.rows()), options_.threshold);
  }

 private:
  ClippingOptions options_;
};

}  // namespace

std::unique_ptr<PreAggregator> make_pre_aggregator(const ClippingOptions& options) {
  return std::make_unique<Clipping>(options);
}

}  // namespace hearsay
