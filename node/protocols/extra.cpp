#include "node/protocols/extra.hpp"

#include <utility>

#include "node/protocols/linear.hpp"
#include "node/protocols/synchronous_rounds.hpp"

namespace hearsay {
namespace {

class Extra final : public RoundMethod {
 public:
  Letter adapt(const ModelBuffer& start, ModelBuffer trained) override {
    now_.model = start;
    now_.step = combine({{1.0, &start}, {-1.0, &trained}});
    return {.model = start};
  }

  void mix(AggregationRequest&, const Letter&, const HeardLetters& heard) override {
    is_whole_ = heard.is_whole;
  }

  ModelBuffer conclude(ModelBuffer mixed) override {
    now_.mixed = std::move(mixed);
    ModelBuffer next = before_.model.empty() ? combine({{1.0, &now_.mixed}, {-1.0, &now_.step}})
                                             : combine({{1.0, &now_.model},
                                                        {1.0, &now_.mixed},
                                                        {-0.5, &before_.model},
                                                        {-0.5, &before_.mixed},
                                                        {-1.0, &now_.step},
                                                        {1.0, &before_.step}});
    before_ = std::exchange(now_, {});
    if (!is_whole_) before_ = {};
    return next;
  }

  void persist(Archive& archive) override { archive(before_, now_, is_whole_); }

 private:
  struct Round {
    ModelBuffer model;  ///< x^k.
    ModelBuffer mixed;  ///< m^k.
    ModelBuffer step;   ///< u^k.

    void persist(Archive& archive) { archive(model, mixed, step); }
  };

  Round before_;          ///< Nothing if the next round is like the first.
  Round now_;             ///< Until it is concluded.
  bool is_whole_ = true;  ///< Nothing was missing in this round.
};

}  // namespace

std::unique_ptr<Protocol> make_protocol(const ExtraOptions& options, const PeerView& view) {
  return make_synchronous(options, view, std::make_unique<Extra>());
}

}  // namespace hearsay
