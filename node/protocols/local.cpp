#include "node/protocols/local.hpp"

#include <utility>

namespace hearsay {
namespace {

class Local final : public Protocol {
 public:
  explicit Local(const LocalOptions& options) : rounds_(options.rounds) {}

  void on_start(ModelBuffer model, StartKind, Effects& effects) override {
    effects.train = TrainRequest{std::move(model)};
  }

  Reception on_message(Message, Effects&) override { return Reception::kRefused; }

  void on_trained(ModelBuffer model, double, Effects& effects) override {
    effects.completed = RoundReport{.round = ++round_, .model = model};
    if (round_ == rounds_) {
      effects.finished = true;
    } else {
      effects.train = TrainRequest{std::move(model)};
    }
  }

  void on_aggregated(ModelBuffer, Effects&) override {}
  void on_timer(std::uint64_t, Effects&) override {}
  void on_leave(Effects&) override {}
  std::vector<PeerId> waiting_for() const override { return {}; }
  void persist(Archive& archive) override { archive(round_); }

 private:
  int rounds_;
  std::int32_t round_ = 0;
};

}  // namespace

std::unique_ptr<Protocol> make_protocol(const LocalOptions& options, const PeerView&) {
  return std::make_unique<Local>(options);
}

}  // namespace hearsay
