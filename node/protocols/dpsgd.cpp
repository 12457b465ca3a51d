#include "node/protocols/dpsgd.hpp"

#include <algorithm>
#include <utility>

#include "node/base/check.hpp"

namespace hearsay {
namespace {

/// A model and the round it was made for.
struct Slot {
  ModelBuffer model;
  std::int32_t round = -1;

  void persist(Archive& archive) { archive(model, round); }
};

/// What the peer knows of a neighbor: kept together, since every message touches it.
struct Neighbor {
  PeerId id = 0;
  bool absent = false;     ///< Has left, or is not there yet.
  bool suspected = false;  ///< Let a timeout pass and has not been heard from since.
  bool has_asked = false;  ///< Said hello and has not been sent a model since.
  double weight = 0.0;
  Slot next;   ///< The oldest model that serves the present round or a later one, if there
               ///< is one; else possibly an older one, kept for MissingPolicy::kLastModel.
  Slot ahead;  ///< The newest of a later round than `next`'s, if there is one.

  bool has(int round) const { return !next.model.empty() && next.round >= round; }
  bool is_awaited() const { return !absent && !suspected; }
  void persist(Archive& archive) { archive(absent, suspected, has_asked, next, ahead); }
};

class Dpsgd final : public Protocol {
 public:
  Dpsgd(const DpsgdOptions& options, const PeerView& view)
      : options_(options),
        self_(view.self),
        self_weight_(view.self_weight),
        keep_previous_(view.keep_previous),
        neighbors_(view.neighbors.size()) {
    HEARSAY_CHECK(view.neighbors.size() == view.weights.size());
    for (std::size_t k = 0; k < neighbors_.size(); ++k) {
      neighbors_[k].id = view.neighbors[k];
      neighbors_[k].weight = view.weights[k];
      neighbors_[k].absent = std::ranges::binary_search(view.absent, view.neighbors[k]);
    }
  }

  void on_start(ModelBuffer model, StartKind how, Effects& effects) override {
    own_ = {};
    aggregating_ = false;
    newest_heard_ = 0;
    for (Neighbor& neighbor : neighbors_) neighbor.next = neighbor.ahead = {};
    if (how != StartKind::kTogether) say_hello(effects);
    begin_round(std::move(model), effects);
  }

  Reception on_message(Message message, Effects& effects) override {
    Neighbor* const neighbor = find(message.from);
    if (neighbor == nullptr || message.round < 0 || message.round > options_.rounds) {
      return Reception::kRefused;
    }
    switch (message.kind) {
      case MessageKind::kModel:
        return on_model(*neighbor, std::move(message), effects);
      case MessageKind::kHello:
        set_awaited(*neighbor);
        neighbor->has_asked = true;
        if (has_finished()) {
          answer(*neighbor, final_, effects);
        } else if (!own_.empty()) {
          answer(*neighbor, own_, effects);
        }
        return Reception::kAccepted;
      case MessageKind::kGoodbye:
        stop_waiting_for(*neighbor);
        neighbor->absent = true;
        aggregate_if_complete(effects);
        return Reception::kAccepted;
    }
    return Reception::kRefused;
  }

  void on_trained(ModelBuffer model, double, Effects& effects) override {
    own_ = std::move(model);
    send_to_all(MessageKind::kModel, own_, effects);
    if (missing_ > 0 && options_.missing != MissingPolicy::kWait) {
      effects.timers.push_back(
          {.delay = options_.timeout, .id = static_cast<std::uint64_t>(round_)});
    }
    aggregate_if_complete(effects);
  }

  void on_aggregated(ModelBuffer model, Effects& effects) override {
    const bool skips = newest_heard_ > round_ + 1;
    round_ = std::max(round_ + 1, newest_heard_);
    aggregating_ = false;
    effects.completed = RoundReport{.round = round_, .model = model};
    if (has_finished()) {
      final_ = std::move(model);
      effects.finished = true;
      // Who skips rounds owes its neighbors the models of those; the final one stands for all.
      for (Neighbor& neighbor : neighbors_) {
        if (neighbor.has_asked || (skips && !neighbor.absent)) answer(neighbor, final_, effects);
      }
    } else {
      begin_round(std::move(model), effects);
    }
  }

  void on_timer(std::uint64_t id, Effects& effects) override {
    if (own_.empty() || id != static_cast<std::uint64_t>(round_)) return;
    for (Neighbor& neighbor : neighbors_) {
      if (!neighbor.is_awaited() || neighbor.has(round_)) continue;
      stop_waiting_for(neighbor);
      neighbor.suspected = true;
    }
    aggregate_if_complete(effects);
  }

  void on_leave(Effects& effects) override { send_to_all(MessageKind::kGoodbye, {}, effects); }

  std::vector<PeerId> waiting_for() const override {
    std::vector<PeerId> missing;
    if (own_.empty()) return missing;
    for (const Neighbor& neighbor : neighbors_) {
      if (neighbor.is_awaited() && !neighbor.has(round_)) missing.push_back(neighbor.id);
    }
    return missing;
  }

  void persist(Archive& archive) override {
    archive(round_, newest_heard_, missing_, aggregating_, own_, previous_, final_);
    for (Neighbor& neighbor : neighbors_) neighbor.persist(archive);
  }

 private:
  bool has_finished() const { return round_ == options_.rounds; }

  /// The least round whose models are still of use.
  int open_round() const { return aggregating_ ? round_ + 1 : round_; }

  Neighbor* find(PeerId id) {
    const auto found = std::ranges::lower_bound(neighbors_, id, {}, &Neighbor::id);
    return found != neighbors_.end() && found->id == id ? &*found : nullptr;
  }

  Reception on_model(Neighbor& neighbor, Message message, Effects& effects) {
    if (has_finished()) {
      // Its hello may have been overtaken by an older goodbye.
      if (!neighbor.is_awaited()) {
        set_awaited(neighbor);
        answer(neighbor, final_, effects);
      }
      return Reception::kLate;
    }
    newest_heard_ = std::max(newest_heard_, message.round);
    if (message.round < open_round()) {
      set_awaited(neighbor);
      if (options_.missing == MissingPolicy::kLastModel && message.round > neighbor.next.round) {
        neighbor.next = {std::move(message.model), message.round};
      }
      return Reception::kLate;
    }
    if (!store(neighbor, std::move(message.model), message.round)) return Reception::kRefused;
    aggregate_if_complete(effects);
    return Reception::kAccepted;
  }

  /// Keeps a model that is still of use; false if it is there already.
  bool store(Neighbor& neighbor, ModelBuffer model, int round) {
    set_awaited(neighbor);
    if (!neighbor.has(open_round())) {
      if (!aggregating_) --missing_;
      neighbor.next = {std::move(model), round};
      return true;
    }
    if (round == neighbor.next.round || round == neighbor.ahead.round) return false;
    if (round < neighbor.next.round) {
      std::swap(neighbor.next.model, model);
      std::swap(neighbor.next.round, round);
    }
    if (round > neighbor.ahead.round) neighbor.ahead = {std::move(model), round};
    return true;
  }

  /// The neighbor is there: it is waited for from now on.
  void set_awaited(Neighbor& neighbor) {
    if (neighbor.is_awaited()) return;
    neighbor.absent = neighbor.suspected = false;
    if (!aggregating_ && !neighbor.has(round_)) ++missing_;
  }

  void stop_waiting_for(const Neighbor& neighbor) {
    if (!aggregating_ && neighbor.is_awaited() && !neighbor.has(round_)) --missing_;
  }

  void answer(Neighbor& neighbor, const ModelBuffer& model, Effects& effects) const {
    neighbor.has_asked = false;
    effects.sends.push_back(
        {.to = neighbor.id, .kind = MessageKind::kModel, .round = round_, .model = model});
  }

  /// To those as well that were absent when last heard of: they may have come meanwhile.
  void say_hello(Effects& effects) const {
    for (const Neighbor& neighbor : neighbors_) {
      effects.sends.push_back(
          {.to = neighbor.id, .kind = MessageKind::kHello, .round = round_, .model = {}});
    }
  }

  void send_to_all(MessageKind kind, const ModelBuffer& model, Effects& effects) {
    for (Neighbor& neighbor : neighbors_) {
      if (neighbor.absent) continue;
      if (kind == MessageKind::kModel) neighbor.has_asked = false;
      effects.sends.push_back({.to = neighbor.id, .kind = kind, .round = round_, .model = model});
    }
  }

  void begin_round(ModelBuffer model, Effects& effects) {
    missing_ = 0;
    for (Neighbor& neighbor : neighbors_) {
      if (!neighbor.ahead.model.empty() && neighbor.next.round < round_) {
        neighbor.next = std::exchange(neighbor.ahead, {});
      }
      if (neighbor.is_awaited() && !neighbor.has(round_)) ++missing_;
    }
    if (keep_previous_) previous_ = model;
    effects.train = std::move(model);
  }

  void aggregate_if_complete(Effects& effects) {
    if (own_.empty() || missing_ > 0) return;
    AggregationRequest request{.round = round_,
                               .own_weight = self_weight_,
                               .own = std::exchange(own_, {}),
                               .previous = std::exchange(previous_, {}),
                               .received = {}};
    request.received.reserve(neighbors_.size());
    for (Neighbor& neighbor : neighbors_) add_to(request, neighbor);
    if (request.received.size() < neighbors_.size()) give_missing_weight(request);
    aggregating_ = true;
    effects.aggregate = std::move(request);
  }

  void add_to(AggregationRequest& request, Neighbor& neighbor) const {
    const bool keeps_last = options_.missing == MissingPolicy::kLastModel;
    const bool serves = neighbor.has(round_);
    const bool stands_in = keeps_last && !neighbor.absent && !neighbor.next.model.empty();
    if (!serves && !stands_in) return;
    request.received.push_back({.sender = neighbor.id,
                                .weight = neighbor.weight,
                                .round = neighbor.next.round,
                                .model = neighbor.next.model});
    if (!keeps_last && neighbor.next.round == round_) neighbor.next.model = {};
  }

  void give_missing_weight(AggregationRequest& request) const {
    double present = request.own_weight;
    for (const HeardModel& heard : request.received) present += heard.weight;
    double total = self_weight_;
    for (const Neighbor& neighbor : neighbors_) total += neighbor.weight;
    if (options_.missing_weight == MissingWeight::kSelf || present <= 0.0) {
      request.own_weight += total - present;
      return;
    }
    request.own_weight *= total / present;
    for (HeardModel& heard : request.received) heard.weight *= total / present;
  }

  DpsgdOptions options_;
  PeerId self_;
  int round_ = 0;         ///< Rounds done or skipped.
  int newest_heard_ = 0;  ///< Newest round of any model heard since the start.
  int missing_ = 0;       ///< Neighbors awaited in this round and not heard.
  double self_weight_;
  bool keep_previous_;
  bool aggregating_ = false;         ///< This round's models are handed over.
  ModelBuffer own_;                  ///< The trained model while its neighbors' are awaited.
  ModelBuffer previous_;             ///< The model this round started from, if kept.
  ModelBuffer final_;                ///< Once all rounds are done.
  std::vector<Neighbor> neighbors_;  ///< Ascending by id.
};

}  // namespace

std::unique_ptr<Protocol> make_protocol(const DpsgdOptions& options, const PeerView& view) {
  return std::make_unique<Dpsgd>(options, view);
}

}  // namespace hearsay
