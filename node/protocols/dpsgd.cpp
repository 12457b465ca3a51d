#include "node/protocols/dpsgd.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "node/base/check.hpp"

namespace hearsay {
namespace {

/// What the peer knows of a neighbor: kept together, since every message touches it.
struct Neighbor {
  PeerId id = 0;
  double weight = 0.0;
  std::array<ModelBuffer, 2> heard;  ///< Of this round and the next, by parity.
};

class Dpsgd final : public Protocol {
 public:
  Dpsgd(const DpsgdOptions& options, const PeerView& view)
      : self_(view.self),
        rounds_(options.rounds),
        self_weight_(view.self_weight),
        keep_previous_(view.keep_previous),
        neighbors_(view.neighbors.size()) {
    HEARSAY_CHECK(view.neighbors.size() == view.weights.size());
    for (std::size_t k = 0; k < neighbors_.size(); ++k) {
      neighbors_[k].id = view.neighbors[k];
      neighbors_[k].weight = view.weights[k];
    }
  }

  void on_start(ModelBuffer model, Effects& effects) override {
    begin_round(std::move(model), effects);
  }

  bool on_message(Message message, Effects& effects) override {
    if (message.kind != MessageKind::kModel || round_ == rounds_) return false;
    const bool for_this_round = message.round == round_ && !aggregating_;
    if (!for_this_round && message.round != round_ + 1) return false;
    const auto neighbor = std::ranges::lower_bound(neighbors_, message.from, {}, &Neighbor::id);
    if (neighbor == neighbors_.end() || neighbor->id != message.from) return false;
    const std::size_t parity = parity_of(message.round);
    if (!neighbor->heard[parity].empty()) return false;
    neighbor->heard[parity] = std::move(message.model);
    ++heard_[parity];
    if (for_this_round) aggregate_if_complete(effects);
    return true;
  }

  void on_trained(ModelBuffer model, double, Effects& effects) override {
    own_ = std::move(model);
    for (const Neighbor& neighbor : neighbors_) {
      effects.sends.push_back({.from = self_,
                               .to = neighbor.id,
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
    for (const Neighbor& neighbor : neighbors_) {
      if (neighbor.heard[parity_of(round_)].empty()) missing.push_back(neighbor.id);
    }
    return missing;
  }

 private:
  static std::size_t parity_of(int round) { return static_cast<std::size_t>(round % 2); }

  void begin_round(ModelBuffer model, Effects& effects) {
    if (keep_previous_) previous_ = model;
    effects.train = std::move(model);
  }

  void aggregate_if_complete(Effects& effects) {
    const std::size_t parity = parity_of(round_);
    if (own_.empty() || heard_[parity] < neighbors_.size()) return;
    AggregationRequest request{.round = round_,
                               .own_weight = self_weight_,
                               .own = std::exchange(own_, {}),
                               .previous = std::exchange(previous_, {}),
                               .received = {}};
    request.received.reserve(neighbors_.size());
    for (Neighbor& neighbor : neighbors_) {
      request.received.push_back({.sender = neighbor.id,
                                  .weight = neighbor.weight,
                                  .round = round_,
                                  .model = std::exchange(neighbor.heard[parity], {})});
    }
    heard_[parity] = 0;
    aggregating_ = true;
    effects.aggregate = std::move(request);
  }

  PeerId self_;
  int rounds_;
  int round_ = 0;                         ///< Rounds done.
  std::array<std::uint32_t, 2> heard_{};  ///< Neighbors heard, by parity of the round.
  double self_weight_;
  bool keep_previous_;
  bool aggregating_ = false;         ///< This round's messages are all in and handed over.
  ModelBuffer own_;                  ///< The trained model while its neighbors' are awaited.
  ModelBuffer previous_;             ///< The model this round started from, if kept.
  std::vector<Neighbor> neighbors_;  ///< Ascending by id.
};

}  // namespace

std::unique_ptr<Protocol> make_protocol(const DpsgdOptions& options, const PeerView& view) {
  return std::make_unique<Dpsgd>(options, view);
}

}  // namespace hearsay
