#include "aggregators/cfa.hpp"

#include <vector>

#include "aggregators/neighborhood.hpp"

namespace hearsay {
namespace {

class Cfa final : public Aggregator {
 public:
  explicit Cfa(double epsilon) : epsilon_(epsilon) {}

  void aggregate(const AggregationInput& input, const AggregationContext& context,
                 std::span<float> result) const override {
    std::vector<double> weights = sample_shares(input.received);
    weights.resize(input.received.size());
    for (double& weight : weights) weight *= epsilon_;
    step_from_own(input, weights, context, result);
  }

 private:
  double epsilon_;
};

}  // namespace

std::unique_ptr<Aggregator> make_aggregator(const CfaOptions& options) {
  return std::make_unique<Cfa>(options.epsilon);
}

}  // namespace hearsay
