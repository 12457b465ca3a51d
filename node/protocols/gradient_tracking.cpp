#include "node/protocols/gradient_tracking.hpp"

#include <utility>

#include "node/protocols/linear.hpp"
#include "node/protocols/synchronous_rounds.hpp"

namespace hearsay {
namespace {

class GradientTracking final : public RoundMethod {
 public:
  Letter adapt(const ModelBuffer& start, ModelBuffer trained) override {
    next_step_ = combine({{1.0, &start}, {-1.0, &trained}});
    ModelBuffer tracker =
        step_.empty() ? next_step_ : combine({{1.0, &mixed_}, {1.0, &next_step_}, {-1.0, &step_}});
    ModelBuffer model = combine({{1.0, &start}, {-1.0, &tracker}});
    return {.model = std::move(model), .tracker = std::move(tracker)};
  }

  void mix(AggregationRequest& request, const Letter& own, const HeardLetters& heard) override {
    std::vector<Term> terms{{request.own_weight, &own.tracker}};
    for (std::size_t k = 0; k < heard.letters.size(); ++k) {
      terms.push_back({request.received[k].weight, &heard.letters[k].tracker});
    }
    next_mixed_ = linear_combination(terms);
  }

  ModelBuffer conclude(ModelBuffer mixed) override {
    step_ = std::exchange(next_step_, {});
    mixed_ = std::exchange(next_mixed_, {});
    return mixed;
  }

  Letter last_letter(ModelBuffer model) const override {
    return {.model = std::move(model), .tracker = mixed_};
  }

  void persist(Archive& archive) override { archive(step_, mixed_, next_step_, next_mixed_); }

 private:
  ModelBuffer step_;        ///< u^{k-1}; none before the first round.
  ModelBuffer mixed_;       ///< z^k.
  ModelBuffer next_step_;   ///< u^k, until the round is concluded.
  ModelBuffer next_mixed_;  ///< z^{k+1}, likewise.
};

}  // namespace

std::unique_ptr<Protocol> make_protocol(const GradientTrackingOptions& options,
                                        const PeerView& view) {
  return make_synchronous(options, view, std::make_unique<GradientTracking>(), {.tracker = true});
}

}  // namespace hearsay
