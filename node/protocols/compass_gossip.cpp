#include "node/protocols/compass_gossip.hpp"

#include <algorithm>
#include <compare>
#include <limits>
#include <utility>

#include "node/protocols/compass_scheduler.hpp"
#include "node/protocols/message_data.hpp"
#include "node/protocols/neighborhood.hpp"

namespace hearsay {
namespace {

/// The name of a group: who created it or the one that it succeeds, and when.
struct GroupName {
  PeerId creator = -1;          ///< -1: no group.
  std::int64_t created = 0;     ///< On the creator's clock, which outlives its state.
  std::int32_t generation = 0;  ///< Groups that it succeeds.

  friend auto operator<=>(const GroupName&, const GroupName&) = default;
  bool is_none() const { return creator < 0; }
  void persist(Archive& archive) { archive(creator, created, generation); }
};

struct KnownGroup {
  GroupName name;
  Rendezvous there;

  void persist(Archive& archive) { archive(name, there); }
};

/// The last that was heard of a neighbor.
struct Heard {
  static constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::min();

  std::int64_t told_at = kNever;  ///< On its clock, which outlives its state.
  GroupName group;                ///< That it said it is in.
  std::int64_t sent_at = kNever;
  GroupName arrived;  ///< The group of its last model.
  std::int32_t age = 0;
  ModelBuffer model;  ///< Empty once mixed.

  void persist(Archive& archive) { archive(told_at, group, sent_at, arrived, age, model); }
};

// So that sums of times stay in range.
bool is_sound(const Rendezvous& there) {
  constexpr SimTime kFar{std::int64_t{1} << 61};
  return there.expected >= SimTime{} - kFar && there.expected <= there.latest &&
         there.latest <= kFar && there.fastest >= 1 && there.fastest <= kSlowestStep;
}

class CompassGossip final : public Protocol {
 public:
  CompassGossip(const CompassGossipOptions& options, const PeerView& view)
      : options_(options),
        rule_{.q_min = options.q_min,
              .q_max = options.q_max,
              .lambda = options.lambda,
              .momentum = options.speed_momentum},
        self_(view.self),
        keep_previous_(view.keep_previous),
        neighbors_(view),
        heard_(view.neighbors.size()) {}

  void on_start(ModelBuffer model, StartKind how, Effects& effects) override {
    own_ = {};
    group_ = {};
    groups_.clear();
    heard_.assign(heard_.size(), {});
    if (how != StartKind::kTogether) neighbors_.say_hello(effects);
    begin_task(std::move(model), effects);
  }

  Reception on_message(Message message, Effects& effects) override {
    const std::optional<std::size_t> position = neighbors_.find(message.from);
    if (!position || message.round < 0) return Reception::kRefused;
    Reception reception = Reception::kAccepted;
    switch (message.kind) {
      case MessageKind::kModel:
        reception = on_model(message, heard_[*position]);
        break;
      case MessageKind::kMembership:
        reception = on_group(message, heard_[*position]);
        break;
      case MessageKind::kHello:
        heard_[*position].group = {};
        if (!group_.is_none()) tell_group(message.from, effects);
        break;
      case MessageKind::kGoodbye:
        break;
      default:
        return Reception::kRefused;
    }
    if (reception == Reception::kRefused) return reception;
    neighbors_.note(message, *position);
    if (!own_.empty() && awaited().empty()) mix(effects);
    return reception;
  }

  void on_trained(ModelBuffer model, double, Effects& effects) override {
    speed_ = measured_speed(rule_, speed_, effects.now - start_, steps_);
    own_ = std::move(model);
    send_model(effects);
    if (awaited().empty() || effects.now >= there_.latest) {
      mix(effects);
    } else {
      effects.timers.push_back(
          {.delay = there_.latest - effects.now, .id = static_cast<std::uint64_t>(age_)});
    }
  }

  void on_aggregated(ModelBuffer model, Effects& effects) override {
    ++age_;
    effects.completed = RoundReport{.round = age_, .model = model};
    if (has_finished()) {
      group_ = {};
      effects.finished = true;
    } else {
      begin_task(std::move(model), effects);
    }
  }

  void on_timer(std::uint64_t id, Effects& effects) override {
    if (!own_.empty() && id == static_cast<std::uint64_t>(age_)) mix(effects);
  }

  void on_leave(Effects& effects) override { neighbors_.say_goodbye(effects); }

  std::vector<PeerId> waiting_for() const override {
    std::vector<PeerId> peers;
    if (own_.empty()) return peers;
    for (const std::size_t position : awaited()) peers.push_back(neighbors_.id(position));
    return peers;
  }

  void persist(Archive& archive) override {
    archive(age_, begun_, steps_, speed_, start_, group_, there_, own_, previous_, neighbors_,
            heard_, groups_);
  }

 private:
  bool has_finished() const { return options_.rounds > 0 && age_ == options_.rounds; }

  /// Positions of the neighbors that this peer's group is not complete without.
  std::vector<std::size_t> awaited() const {
    std::vector<std::size_t> positions;
    if (group_.is_none()) return positions;
    for (std::size_t k = 0; k < heard_.size(); ++k) {
      if (neighbors_.is_present(k) && heard_[k].group == group_ && heard_[k].arrived != group_) {
        positions.push_back(k);
      }
    }
    return positions;
  }

  Reception on_model(Message& message, Heard& heard) const {
    GroupName group;
    std::int64_t sent_at = 0;
    if (!unpack(message.data, group, sent_at)) return Reception::kRefused;
    if (sent_at == heard.sent_at) return Reception::kRefused;
    if (sent_at < heard.sent_at || has_finished()) return Reception::kLate;
    heard.sent_at = sent_at;
    heard.arrived = group;
    heard.age = message.round;
    heard.model = std::move(message.model);
    return Reception::kAccepted;
  }

  Reception on_group(const Message& message, Heard& heard) {
    KnownGroup known;
    std::int64_t told_at = 0;
    if (!unpack(message.data, known, told_at) || known.name.is_none() || !is_sound(known.there)) {
      return Reception::kRefused;
    }
    if (told_at <= heard.told_at) return Reception::kLate;
    heard.told_at = told_at;
    heard.group = known.name;
    learn(known);
    return Reception::kAccepted;
  }

  void learn(const KnownGroup& known) {
    const auto found = std::ranges::find(groups_, known.name, &KnownGroup::name);
    if (found == groups_.end()) {
      groups_.push_back(known);
    } else {
      found->there.fastest = std::min(found->there.fastest, known.there.fastest);
    }
  }

  void send_model(Effects& effects) const {
    for (std::size_t k = 0; k < neighbors_.size(); ++k) {
      if (!neighbors_.is_present(k)) continue;
      effects.sends.push_back({.to = neighbors_.id(k),
                               .kind = MessageKind::kModel,
                               .round = begun_,
                               .model = own_,
                               .data = pack(group_, effects.now.nanoseconds)});
    }
  }

  void tell_group(PeerId to, Effects& effects) const {
    const KnownGroup known{.name = group_, .there = there_};
    effects.sends.push_back({.to = to,
                             .kind = MessageKind::kMembership,
                             .round = age_,
                             .model = {},
                             .data = pack(known, effects.now.nanoseconds)});
  }

  void mix(Effects& effects) {
    AggregationRequest request{.round = age_,
                               .own_weight = 1.0,
                               .own = std::exchange(own_, {}),
                               .previous = std::exchange(previous_, {}),
                               .received = {}};
    for (std::size_t k = 0; k < heard_.size(); ++k) {
      Heard& heard = heard_[k];
      if (heard.model.empty()) continue;
      const int staleness = std::max(0, age_ - heard.age);
      const double weight = neighbors_.weight(k) * staleness_weight(options_.staleness, staleness);
      request.own_weight -= weight;
      request.received.push_back({.sender = neighbors_.id(k),
                                  .weight = weight,
                                  .round = heard.age,
                                  .model = std::exchange(heard.model, {})});
    }
    effects.aggregate = std::move(request);
  }

  void begin_task(ModelBuffer model, Effects& effects) {
    begun_ = age_;
    start_ = effects.now;
    steps_ = options_.q_min;
    if (speed_ > 0) {
      take_group(effects.now);
      for (std::size_t k = 0; k < neighbors_.size(); ++k) {
        if (neighbors_.is_present(k)) tell_group(neighbors_.id(k), effects);
      }
    }
    if (keep_previous_) previous_ = model;
    effects.train = TrainRequest{std::move(model), steps_};
  }

  /// Joins or creates the next group.
  void take_group(SimTime now) {
    const GroupName former = std::exchange(group_, {});
    std::erase_if(groups_,
                  [&](const KnownGroup& known) { return successor_of(known).there.latest <= now; });
    std::vector<KnownGroup> open;
    std::vector<KnownGroup> successors;
    for (const KnownGroup& known : groups_) {
      if (known.name != former) open.push_back(known);
      successors.push_back(successor_of(known));
    }
    join(open, now);
    if (group_.is_none()) join(successors, now);
    if (group_.is_none()) create(now);
    there_.fastest = std::min(there_.fastest, speed_);
    learn({.name = group_, .there = there_});
  }

  /// The one that gives the most steps, if there is one; of equals that of the least name, so
  /// that peers that choose at the same time choose the same.
  void join(std::span<const KnownGroup> groups, SimTime now) {
    for (const KnownGroup& known : groups) {
      const std::optional<int> q = steps_to_join(rule_, known.there, speed_, now);
      if (!q) continue;
      if (!group_.is_none() && std::pair(-*q, known.name) >= std::pair(-steps_, group_)) continue;
      steps_ = *q;
      group_ = known.name;
      there_ = known.there;
    }
  }

  void create(SimTime now) {
    std::vector<Rendezvous> open;
    for (const KnownGroup& known : groups_) open.push_back(known.there);
    steps_ = steps_to_create(rule_, open, speed_, now);
    there_ = new_rendezvous(rule_, speed_, steps_, now);
    group_ = {.creator = self_, .created = now.nanoseconds, .generation = 0};
  }

  KnownGroup successor_of(const KnownGroup& known) const {
    KnownGroup next{
        .name = known.name,
        .there = new_rendezvous(rule_, known.there.fastest, options_.q_max, known.there.expected)};
    ++next.name.generation;
    return next;
  }

  CompassGossipOptions options_;
  CompassRule rule_;
  PeerId self_;
  bool keep_previous_;
  std::int32_t age_ = 0;    ///< Mixes done.
  std::int32_t begun_ = 0;  ///< Age at the beginning of the task.
  std::int32_t steps_ = 0;  ///< Of the task.
  std::int64_t speed_ = 0;  ///< S; 0: not known.
  SimTime start_;           ///< Of the task.
  GroupName group_;
  Rendezvous there_;      ///< Of the group.
  ModelBuffer own_;       ///< The trained model while its neighbors' are awaited.
  ModelBuffer previous_;  ///< The model this task started from, if kept.
  Neighborhood neighbors_;
  std::vector<Heard> heard_;        ///< In parallel to the neighbors.
  std::vector<KnownGroup> groups_;  ///< In the order in which they were heard of.
};

}  // namespace

std::unique_ptr<Protocol> make_protocol(const CompassGossipOptions& options, const PeerView& view) {
  return std::make_unique<CompassGossip>(options, view);
}

std::optional<std::string> unfit(const CompassGossipOptions& options, const Graph&) {
  if (options.q_min <= options.q_max) return std::nullopt;
  return "q_min " + std::to_string(options.q_min) + " exceeds q_max " +
         std::to_string(options.q_max) + ": use " + std::to_string(options.q_max) + " or less";
}

}  // namespace hearsay
