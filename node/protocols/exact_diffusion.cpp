#include "node/protocols/exact_diffusion.hpp"

#include <utility>

#include "node/protocols/lazy_view.hpp"
#include "node/protocols/linear.hpp"
#include "node/protocols/synchronous_rounds.hpp"

namespace hearsay {
namespace {

class ExactDiffusion final : public RoundMethod {
 public:
  Letter adapt(const ModelBuffer& start, ModelBuffer trained) override {
    next_psi_ = std::move(trained);
    if (psi_.empty()) return {.model = next_psi_};
    return {.model = combine({{1.0, &next_psi_}, {1.0, &start}, {-1.0, &psi_}})};
  }

  void mix(AggregationRequest&, const Letter&, const HeardLetters& heard) override {
    is_whole_ = heard.is_whole;
  }

  ModelBuffer conclude(ModelBuffer mixed) override {
    psi_ = std::exchange(next_psi_, {});
    if (!is_whole_) psi_ = {};
    return mixed;
  }

  void persist(Archive& archive) override { archive(psi_, next_psi_, is_whole_); }

 private:
  ModelBuffer psi_;       ///< psi^k; none if it equals x^k.
  ModelBuffer next_psi_;  ///< psi^{k+1}, until the round is concluded.
  bool is_whole_ = true;  ///< Nothing was missing in this round.
};

}  // namespace

std::unique_ptr<Protocol> make_protocol(const ExactDiffusionOptions& options,
                                        const PeerView& view) {
  const LazyView lazy(view);
  return make_synchronous(options, options.lazy ? lazy.view() : view,
                          std::make_unique<ExactDiffusion>());
}

}  // namespace hearsay
