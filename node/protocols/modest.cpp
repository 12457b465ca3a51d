#include "node/protocols/modest.hpp"

#include <algorithm>
#include <cmath>
#include <span>
#include <utility>
#include <vector>

#include "node/base/check.hpp"
#include "node/protocols/live_sampling.hpp"
#include "node/protocols/membership.hpp"
#include "node/protocols/message_data.hpp"
#include "node/protocols/neighborhood.hpp"

namespace hearsay {
namespace {

/// For whom a peer looks: a trainer for aggregators, an aggregator for trainers.
enum class Role : std::uint64_t { kTrainer = 0, kAggregator = 1 };

enum class TimerKind : std::uint64_t { kAskAgain, kPingTimeout, kAggregate, kRejoin, kRest };
constexpr std::uint64_t kTimerKinds = 5;

std::uint64_t timer_id(TimerKind kind, std::uint64_t value) {
  return value * kTimerKinds + static_cast<std::uint64_t>(kind);
}

/// Models that fill an inbox. The slack is for fractions that binary numbers miss.
int models_needed(const ModestOptions& options) {
  const double share = options.sample_size * options.success_fraction.value;
  return std::max(1, static_cast<int>(std::ceil(share - 1e-9)));
}

/// A trained model and who sent it.
struct Trained {
  PeerId sender = 0;
  ModelBuffer model;

  void persist(Archive& archive) { archive(sender, model); }
};

/// The greatest round that a message may name.
int last_round(const ModestOptions& options) {
  return options.rounds > 0 ? options.rounds + 1 : MembershipView::kMaxRound - 1;
}

class Modest final : public Protocol {
 public:
  Modest(const ModestOptions& options, const PeerView& view)
      : options_(options),
        self_(view.self),
        keep_previous_(view.keep_previous),
        rng_(view.rng.split("receivers")),
        members_(view, {.fanout = options.sample_size,
                        .inactive_rounds = options.inactive_rounds,
                        .last_round = last_round(options),
                        .rejoin = options.rejoin,
                        .rejoin_timer = timer_id(TimerKind::kRejoin, 0)}),
        to_aggregators_(view.self),
        to_trainers_(view.self) {}

  void on_start(ModelBuffer model, StartKind how, Effects& effects) override {
    forget_work();
    if (keep_previous_) previous_ = model;
    members_.start(how, effects);
    if (how != StartKind::kTogether) return;
    if (std::ranges::count(members_.first_of_order(1, options_.sample_size), self_) > 0) {
      static_cast<void>(take_mean(1, std::move(model), effects));
    }
  }

  Reception on_message(Message message, Effects& effects) override {
    if (!members_.accepts(message.from, message.round)) return Reception::kRefused;
    switch (message.kind) {
      case MessageKind::kPing:
        return on_ping(message, effects);
      case MessageKind::kPong:
        return on_pong(message, effects);
      case MessageKind::kMembership:
        return on_membership(message, effects);
      case MessageKind::kModel:
      case MessageKind::kTrained:
        // Nobody sends the model from which the first sample starts.
        if (message.round < 2 || !members_.take_view(message)) return Reception::kRefused;
        if (finished_) return Reception::kLate;
        return message.kind == MessageKind::kModel
                   ? take_mean(message.round, std::move(message.model), effects)
                   : take_trained(message.round, message.from, std::move(message.model), effects);
      default:
        return Reception::kRefused;
    }
  }

  void on_trained(ModelBuffer model, double, Effects& effects) override {
    is_training_ = false;
    trained_ = std::move(model);
    if (effects.now == training_since_ && is_alone()) {
      effects.timers.push_back(
          {.delay = options_.ping_timeout,
           .id = timer_id(TimerKind::kRest, static_cast<std::uint64_t>(k_train_))});
      return;
    }
    seek_aggregators(effects);
  }

  void on_aggregated(ModelBuffer model, Effects& effects) override {
    const int round = std::exchange(aggregating_, 0);
    if (finished_) return;
    if (round != k_agg_) {
      average_if_complete(effects);
      return;
    }
    report(round, model, effects);
    if (is_after_last(round)) {
      finish(model, effects);
      send_model(MessageKind::kModel, round, model, members_.members(), effects);
      return;
    }
    mean_ = std::move(model);
    to_trainers_.start(members_.order(round), options_.sample_size);
    advance(Role::kAggregator, effects);
  }

  void on_timer(std::uint64_t id, Effects& effects) override {
    const std::uint64_t value = id / kTimerKinds;
    switch (static_cast<TimerKind>(id % kTimerKinds)) {
      case TimerKind::kAskAgain:
        if (const auto peer = sampling(role_of(value)).awaited_by(value / 2)) {
          send_ping(*peer, value, effects);
        }
        break;
      case TimerKind::kPingTimeout:
        sampling(role_of(value)).on_timeout(value / 2);
        advance(role_of(value), effects);
        break;
      case TimerKind::kAggregate:
        if (static_cast<int>(value) != k_agg_) break;
        is_overdue_ = true;
        average_if_complete(effects);
        break;
      case TimerKind::kRejoin:
        members_.on_quiet(effects);
        break;
      case TimerKind::kRest:
        if (static_cast<int>(value) == k_train_ && !trained_.empty()) seek_aggregators(effects);
        break;
    }
  }

  void on_leave(Effects& effects) override { members_.leave(effects); }

  std::vector<PeerId> waiting_for() const override {
    std::vector<PeerId> awaited = to_aggregators_.awaited();
    const std::vector<PeerId> pinged = to_trainers_.awaited();
    awaited.insert(awaited.end(), pinged.begin(), pinged.end());
    if (!is_averaged_ && aggregating_ == 0 && !inbox_.empty()) add_missing(awaited);
    std::ranges::sort(awaited);
    awaited.erase(std::ranges::unique(awaited).begin(), awaited.end());
    return awaited;
  }

  void persist(Archive& archive) override {
    archive.mark("modest");
    archive(rng_, members_, k_train_, is_training_, training_since_, trained_, to_aggregators_);
    archive(k_agg_, inbox_, is_averaged_, is_overdue_, aggregating_, mean_, to_trainers_);
    archive(previous_, reported_, finished_, final_);
  }

 private:
  static Role role_of(std::uint64_t ping) { return static_cast<Role>(ping % 2); }

  LiveSampling& sampling(Role role) {
    return role == Role::kTrainer ? to_aggregators_ : to_trainers_;
  }

  bool is_after_last(int round) const { return options_.rounds > 0 && round > options_.rounds; }

  /// What it was at when it crashed is not taken up again, or a round might be done twice.
  void forget_work() {
    is_training_ = false;
    trained_ = mean_ = {};
    to_aggregators_.stop();
    to_trainers_.stop();
    inbox_.clear();
    is_averaged_ = true;
    aggregating_ = 0;
  }

  Reception on_membership(const Message& message, Effects& effects) {
    const std::optional<MembershipChange> change = members_.take_advertisement(message);
    if (!change) return Reception::kRefused;
    if (finished_ && *change == MembershipChange::kJoin) {
      send_model(MessageKind::kModel, last_round(options_), final_, {message.from}, effects);
    }
    return Reception::kAccepted;
  }

  /// Sends the pings that the search wants; if it is over, goes on with what it found.
  void advance(Role role, Effects& effects) {
    for (const PingRequest& request : sampling(role).take_pings()) {
      const std::uint64_t ping = request.id * 2 + static_cast<std::uint64_t>(role);
      send_ping(request.peer, ping, effects);
      if (options_.second_ping < options_.ping_timeout) {
        effects.timers.push_back(
            {.delay = options_.second_ping, .id = timer_id(TimerKind::kAskAgain, ping)});
      }
      effects.timers.push_back(
          {.delay = options_.ping_timeout, .id = timer_id(TimerKind::kPingTimeout, ping)});
    }
    std::optional<std::vector<PeerId>> alive = sampling(role).take_result();
    if (!alive) return;
    if (role == Role::kTrainer) {
      send_trained(std::move(*alive), effects);
    } else {
      send_mean(std::move(*alive), effects);
    }
  }

  void send_ping(PeerId peer, std::uint64_t ping, Effects& effects) const {
    effects.sends.push_back({.to = peer,
                             .kind = MessageKind::kPing,
                             .round = members_.newest_round(),
                             .model = {},
                             .data = pack(ping)});
  }

  Reception on_ping(const Message& message, Effects& effects) {
    std::uint64_t ping = 0;
    if (!unpack(message.data, ping)) return Reception::kRefused;
    members_.saw(message.from, message.round);
    if (!finished_) members_.note_activity(effects);
    effects.sends.push_back({.to = message.from,
                             .kind = MessageKind::kPong,
                             .round = members_.newest_round(),
                             .model = {},
                             .data = message.data});
    return Reception::kAccepted;
  }

  Reception on_pong(const Message& message, Effects& effects) {
    std::uint64_t ping = 0;
    if (!unpack(message.data, ping)) return Reception::kRefused;
    members_.saw(message.from, message.round);
    if (!sampling(role_of(ping)).on_pong(message.from, ping / 2)) return Reception::kLate;
    advance(role_of(ping), effects);
    return Reception::kAccepted;
  }

  void send_model(MessageKind kind, int round, const ModelBuffer& model,
                  std::vector<PeerId> receivers, Effects& effects) {
    rng_.shuffle(std::span(receivers));
    const Buffer data = members_.hand_out_view();
    for (const PeerId peer : receivers) {
      if (peer == self_) continue;
      effects.sends.push_back(
          {.to = peer, .kind = kind, .round = round, .model = model, .data = data});
    }
  }

  void report(int round, const ModelBuffer& model, Effects& effects) {
    if (keep_previous_) previous_ = model;
    if (round - 1 <= reported_) return;
    reported_ = round - 1;
    effects.completed = RoundReport{.round = reported_, .model = model};
  }

  /// As trainer.
  Reception take_mean(int round, ModelBuffer model, Effects& effects) {
    if (round <= k_train_) return Reception::kLate;
    k_train_ = round;
    members_.saw(self_, round);
    members_.note_activity(effects);
    report(round, model, effects);
    if (is_after_last(round)) {
      finish(std::move(model), effects);
      return Reception::kAccepted;
    }
    stop_training(effects);
    is_training_ = true;
    training_since_ = effects.now;
    effects.train = TrainRequest{std::move(model)};
    return Reception::kAccepted;
  }

  /// Without others to ask and samples to train on, rounds would follow each other at once.
  bool is_alone() const { return members_.order(k_train_ + 1) == std::vector<PeerId>{self_}; }

  void seek_aggregators(Effects& effects) {
    to_aggregators_.start(members_.order(k_train_ + 1), options_.aggregators);
    advance(Role::kTrainer, effects);
  }

  void stop_training(Effects& effects) {
    if (std::exchange(is_training_, false)) effects.stop_training = true;
    to_aggregators_.stop();
    trained_ = {};
  }

  void send_trained(std::vector<PeerId> aggregators, Effects& effects) {
    const bool is_own = std::ranges::count(aggregators, self_) > 0;
    ModelBuffer model = std::exchange(trained_, {});
    send_model(MessageKind::kTrained, k_train_ + 1, model, std::move(aggregators), effects);
    if (is_own) static_cast<void>(take_trained(k_train_ + 1, self_, std::move(model), effects));
  }

  /// As aggregator.
  Reception take_trained(int round, PeerId sender, ModelBuffer model, Effects& effects) {
    if (round > k_agg_) begin_inbox(round, effects);
    if (round < k_agg_ || is_averaged_) return Reception::kLate;
    const auto place = std::ranges::lower_bound(inbox_, sender, {}, &Trained::sender);
    if (place != inbox_.end() && place->sender == sender) return Reception::kRefused;
    inbox_.insert(place, {sender, std::move(model)});
    average_if_complete(effects);
    return Reception::kAccepted;
  }

  void begin_inbox(int round, Effects& effects) {
    k_agg_ = round;
    members_.saw(self_, round);
    members_.note_activity(effects);
    inbox_.clear();
    is_averaged_ = is_overdue_ = false;
    mean_ = {};
    to_trainers_.stop();
    if (options_.aggregation_timeout <= SimTime{}) return;
    effects.timers.push_back(
        {.delay = options_.aggregation_timeout,
         .id = timer_id(TimerKind::kAggregate, static_cast<std::uint64_t>(round))});
  }

  /// An average under way, of a round that has been left behind, is waited for.
  void average_if_complete(Effects& effects) {
    const bool is_enough = is_overdue_ || std::ssize(inbox_) >= models_needed(options_);
    if (is_averaged_ || aggregating_ > 0 || inbox_.empty() || !is_enough) return;
    is_averaged_ = true;
    aggregating_ = k_agg_;
    const double weight = 1.0 / static_cast<double>(inbox_.size());
    AggregationRequest request{.round = k_agg_ - 1,
                               .own_weight = weight,
                               .own = std::move(inbox_.front().model),
                               .previous = previous_,
                               .received = {}};
    for (std::size_t i = 1; i < inbox_.size(); ++i) {
      request.received.push_back({.sender = inbox_[i].sender,
                                  .weight = weight,
                                  .round = k_agg_ - 1,
                                  .model = std::move(inbox_[i].model)});
    }
    inbox_.clear();
    effects.aggregate = std::move(request);
  }

  void send_mean(std::vector<PeerId> trainers, Effects& effects) {
    const bool is_own = std::ranges::count(trainers, self_) > 0;
    ModelBuffer model = std::exchange(mean_, {});
    send_model(MessageKind::kModel, k_agg_, model, std::move(trainers), effects);
    if (is_own) static_cast<void>(take_mean(k_agg_, std::move(model), effects));
  }

  void finish(ModelBuffer model, Effects& effects) {
    stop_training(effects);
    to_trainers_.stop();
    inbox_.clear();
    final_ = std::move(model);
    finished_ = true;
    effects.finished = true;
  }

  /// The trainers of the round before whose models have not come, as far as can be known.
  void add_missing(std::vector<PeerId>& awaited) const {
    for (const PeerId peer : members_.first_of_order(k_agg_ - 1, options_.sample_size)) {
      const bool is_there = std::ranges::binary_search(inbox_, peer, {}, &Trained::sender);
      if (!is_there && peer != self_) awaited.push_back(peer);
    }
  }

  ModestOptions options_;
  PeerId self_;
  bool keep_previous_;
  Rng rng_;  ///< For the order in which models are sent.
  Membership members_;

  int k_train_ = 0;  ///< Newest round in which it was asked to train.
  bool is_training_ = false;
  SimTime training_since_;
  ModelBuffer trained_;  ///< While aggregators for it are sought.
  LiveSampling to_aggregators_;

  int k_agg_ = 0;               ///< Newest round whose sample's mean it was asked to make.
  std::vector<Trained> inbox_;  ///< Ascending by sender.
  bool is_averaged_ = true;     ///< The inbox of k_agg_ has been handed over.
  bool is_overdue_ = false;     ///< It is handed over, full or not.
  int aggregating_ = 0;         ///< The round being averaged; 0: none.
  ModelBuffer mean_;            ///< While trainers for it are sought.
  LiveSampling to_trainers_;

  ModelBuffer previous_;  ///< The newest mean known, if kept.
  int reported_ = 0;
  bool finished_ = false;
  ModelBuffer final_;
};

}  // namespace

std::unique_ptr<Protocol> make_protocol(const ModestOptions& options, const PeerView& view) {
  return std::make_unique<Modest>(options, view);
}

std::optional<std::string> unfit(const ModestOptions& options, const Graph& graph) {
  if (auto wrong = unfit_unless_complete("protocol modest", graph)) return wrong;
  const int n = graph.num_peers();
  const int needed = models_needed(options);
  if (needed > n && options.aggregation_timeout == SimTime{}) {
    return "protocol modest waits for " + std::to_string(needed) +
           " trained models in each round, but there are " + std::to_string(n) +
           " peers; use protocol.sample_size " + std::to_string(n) + " or less";
  }
  return std::nullopt;
}

}  // namespace hearsay
