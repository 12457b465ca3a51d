#include "node/protocols/dpsgd.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "node/base/check.hpp"

namespace hearsay {
namespace {

/// The models heard for one round, one slot per neighbor.
struct Inbox {
  std::vector<ModelBuffer> slots;
  std::size_t filled = 0;
};

class Dpsgd final : public Protocol {
 public:
  Dpsgd(const DpsgdOptions& options, const PeerView& view) : rounds_(options.rounds), view_(view) {
    HEARSAY_CHECK(view.neighbors.size() == view.weights.size());
    for (Inbox& inbox : inboxes_) inbox.slots.resize(view.neighbors.size());
  }

  void on_start(ModelBuffer model, Effects& effects) override {
    begin_round(std::move(model), effects);
  }

  bool on_message(Message message, Effects& effects) override {
    if (message.kind != MessageKind::kModel || round_ == rounds_) return false;
    const bool for_this_round = message.round == round_ && !aggregating_;
    if (!for_this_round && message.round != round_ + 1) return false;
    const auto neighbor = std::ranges::lower_bound(view_.neighbors, message.from);
    if (neighbor == view_.neighbors.end() || *neighbor != message.from) return false;
    Inbox& inbox = inbox_of(message.round);
    ModelBuffer& slot =
        inbox.slots[static_cast<std::size_t>(neighbor - view_.neighbors.begin())];
    if (!slot.empty()) return false;
    slot = std::move(message.model);
    ++inbox.filled;
    if (for_this_round) aggregate_if_complete(effects);
    return true;
  }

  void on_trained(ModelBuffer model, double, Effects& effects) override {
    own_ = std::move(model);
    for (const PeerId neighbor : view_.neighbors) {
      effects.sends.push_back({.from = view_.self,
                               .to = neighbor,
                               .kind = MessageKind::kModel,
                               .round = round_,
                               .model = own_});
    }
    aggregate_if_complete(effects);
  }

  void on_aggregated(ModelBuffer model, Effects& effects) override {
    ++round_;
    aggregating_ = false;
    effects.completed = RoundReport{.round = round_, .model = model};
    if (round_ == rounds_) {
      effects.finished = true;
    } else {
      begin_round(std::move(model), effects);
    }
  }

  std::vector<PeerId> waiting_for() const override {
    std::vector<PeerId> missing;
    if (own_.empty()) return missing;
    const Inbox& inbox = inboxes_[static_cast<std::size_t>(round_ % 2)];
    for (std::size_t k = 0; k < inbox.slots.size(); ++k) {
      if (inbox.slots[k].empty()) missing.push_back(view_.neighbors[k]);
    }
    return missing;
  }

 private:
  Inbox& inbox_of(int round) { return inboxes_[static_cast<std::size_t>(round % 2)]; }

  void begin_round(ModelBuffer model, Effects& effects) {
    if (view_.keep_previous) previous_ = model;
    effects.train = std::move(model);
  }

  void aggregate_if_complete(Effects& effects) {
    Inbox& inbox = inbox_of(round_);
    if (own_.empty() || inbox.filled < inbox.slots.size()) return;
    AggregationRequest request{.round = round_,
                               .own_weight = view_.self_weight,
                               .own = std::exchange(own_, {}),
                               .previous = std::exchange(previous_, {}),
                               .received = {}};
    request.received.reserve(inbox.slots.size());
    for (std::size_t k = 0; k < inbox.slots.size(); ++k) {
      request.received.push_back({.sender = view_.neighbors[k],
                                  .weight = view_.weights[k],
                                  .round = round_,
                                  .model = std::exchange(inbox.slots[k], {})});
    }
    inbox.filled = 0;
    aggregating_ = true;
    effects.aggregate = std::move(request);
  }

  int rounds_;
  PeerView view_;
  int round_ = 0;             ///< Rounds done.
  bool aggregating_ = false;  ///< This round's messages are all in and handed over.
  ModelBuffer own_;       ///< The trained model while its neighbors' are awaited.
  ModelBuffer previous_;  ///< The model this round started from, if kept.
  std::array<Inbox, 2> inboxes_;  ///< Of rounds round_ and round_ + 1, by parity.
};

}  // namespace

std::unique_ptr<Protocol> make_protocol(const DpsgdOptions& options, const PeerView& view) {
  return std::make_unique<Dpsgd>(options, view);
}

}  // namespace hearsay
