#include "tests/faults/run_checker.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <set>
#include <sstream>
#include <utility>

#include "tests/faults/random_world.hpp"

namespace hearsay {
namespace {

constexpr std::int64_t kMostCalls = 1'000'000;
constexpr std::size_t kMostComplaints = 8;

/// Rounding of one aggregation, relative to the greatest parameter.
constexpr double kRounding = 1e-6;

bool has_clock_faults(const Scenario& scenario) {
  return std::ranges::any_of(scenario.faults, [](const Fault& fault) {
    return std::holds_alternative<ClockSkewFault>(fault.action);
  });
}

bool is_idle(const Effects& effects) {
  return !effects.completed && effects.sends.empty() && effects.timers.empty() && !effects.train &&
         !effects.stop_training && !effects.aggregate && !effects.finished;
}

bool goes_down(PeerChangeKind kind) {
  return kind == PeerChangeKind::kCrash || kind == PeerChangeKind::kCrashWithStateLoss ||
         kind == PeerChangeKind::kLeave;
}

}  // namespace

/// Stands between the runtime and one peer's protocol.
class RunChecker::WatchedProtocol final : public Protocol {
 public:
  WatchedProtocol(RunChecker& checker, PeerId id, std::unique_ptr<Protocol> protocol)
      : checker_(checker), id_(id), protocol_(std::move(protocol)) {}

  void on_start(ModelBuffer model, StartKind how, Effects& effects) override {
    if ((how == StartKind::kRestarted) != std::exchange(has_started_, true)) {
      checker_.complain(id_, "starts as if for the first time, or not, and it is the other way");
    }
    checker_.check_start(id_, how);
    checker_.check_clock(id_, effects.now);
    protocol_->on_start(std::move(model), how, effects);
    if (how != StartKind::kTogether) checker_.check_hello(id_, effects);
    checker_.after_call(id_, effects);
  }

  Reception on_message(Message message, Effects& effects) override {
    checker_.before_call(id_, effects);
    checker_.check_delivery(id_, message);
    const Reception reception = protocol_->on_message(std::move(message), effects);
    if (reception == Reception::kLate) ++checker_.late_;
    if (reception == Reception::kRefused) ++checker_.refused_;
    checker_.after_call(id_, effects);
    return reception;
  }

  void on_trained(ModelBuffer model, double loss, Effects& effects) override {
    checker_.before_call(id_, effects);
    if (!std::exchange(checker_.peer_of(id_).is_training, false)) {
      checker_.complain(id_, "is told of a training it did not ask for");
    }
    protocol_->on_trained(std::move(model), loss, effects);
    checker_.after_call(id_, effects);
  }

  void on_aggregated(ModelBuffer model, Effects& effects) override {
    checker_.before_call(id_, effects);
    if (!std::exchange(checker_.peer_of(id_).is_aggregating, false)) {
      checker_.complain(id_, "is told of an aggregation it did not ask for");
    }
    protocol_->on_aggregated(std::move(model), effects);
    checker_.after_call(id_, effects);
  }

  void on_timer(std::uint64_t id, Effects& effects) override {
    checker_.before_call(id_, effects);
    checker_.check_timer(id_, id, effects.now);
    protocol_->on_timer(id, effects);
    checker_.after_call(id_, effects);
  }

  void on_leave(Effects& effects) override {
    if (!checker_.peer_of(id_).is_up) checker_.complain(id_, "leaves and is not there");
    checker_.peer_of(id_).now = effects.now;
    protocol_->on_leave(effects);
    checker_.after_call(id_, effects);
  }

  std::vector<PeerId> waiting_for() const override { return protocol_->waiting_for(); }
  void persist(Archive& archive) override { protocol_->persist(archive); }

 private:
  RunChecker& checker_;
  PeerId id_;
  std::unique_ptr<Protocol> protocol_;
  bool has_started_ = false;
};

RunChecker::RunChecker(const Scenario& scenario, const LearningProblem& problem,
                       const FaultTimeline& faults, std::atomic<bool>& stop)
    : scenario_(scenario),
      problem_(problem),
      faults_(faults),
      stop_(stop),
      graph_(make_chosen(scenario.topology, scenario.peers,
                         Rng(scenario.seeds.graph).split("topology"))),
      has_true_clocks_(!has_clock_faults(scenario)),
      peers_(static_cast<std::size_t>(scenario.peers)),
      least_(problem.layout().size(), std::numeric_limits<float>::infinity()),
      greatest_(problem.layout().size(), -std::numeric_limits<float>::infinity()),
      mean_(problem.layout().size()) {
  for (PeerId id = 0; id < scenario.peers; ++id) {
    const ModelBuffer model = problem.initial_model(id);
    for (std::size_t k = 0; k < mean_.size(); ++k) {
      least_[k] = std::min(least_[k], model.values()[k]);
      greatest_[k] = std::max(greatest_[k], model.values()[k]);
      scale_ = std::max<double>(scale_, std::abs(model.values()[k]));
      mean_[k] += static_cast<double>(model.values()[k]) / scenario.peers;
    }
  }
}

RunChecker::~RunChecker() = default;

ProtocolFactory RunChecker::watch(ProtocolFactory factory) {
  return [this, factory = std::move(factory)](PeerId id, SimTime now) {
    peer_of(id).round = 0;
    return std::make_unique<WatchedProtocol>(*this, id, factory(id, now));
  };
}

template <class... Parts>
void RunChecker::complain(PeerId peer, const Parts&... parts) {
  if (complaints_.size() == kMostComplaints) return;
  std::ostringstream text;
  text << "peer " << peer << ' ';
  (text << ... << parts);
  complaints_.push_back(text.str());
}

RunChecker::Letter RunChecker::letter_of(const Message& message, PeerId from) {
  const Digest model = message.model.empty() ? 0 : message.model.digest();
  return {from, message.to, message.kind, message.round, model, message.data.digest()};
}

void RunChecker::check_start(PeerId id, StartKind how) {
  Peer& peer = peer_of(id);
  if (peer.is_up) complain(id, "starts and is up already");
  if (peer.has_finished) complain(id, "starts again after it had finished");
  if (how == StartKind::kTogether && !faults_.is_present_at_start(id)) {
    complain(id, "starts with the others, but is not there yet");
  }
  peer.is_up = true;
}

void RunChecker::check_clock(PeerId id, SimTime now) {
  Peer& peer = peer_of(id);
  if (now < peer.now) complain(id, "sees its clock run backwards");
  peer.now = now;
  if (has_true_clocks_ && !faults_.is_up(id, now)) complain(id, "acts at a time when it is down");
  if (++calls_ == kMostCalls) {
    complain(id, "goes on and on: ", calls_, " calls of protocols");
    stop_.store(true);
  }
}

void RunChecker::before_call(PeerId id, const Effects& effects) {
  if (!is_idle(effects)) complain(id, "is handed the effects of an earlier call");
  if (!peer_of(id).is_up) complain(id, "is called while it is down");
  check_clock(id, effects.now);
  if (has_true_clocks_ && faults_.thaw_time(id, effects.now) != effects.now) {
    complain(id, "is called while it is frozen");
  }
}

void RunChecker::after_call(PeerId id, const Effects& effects) {
  Peer& peer = peer_of(id);
  if (effects.completed) {
    const int least = has_common_rounds() ? peer.round + 1 : peer.round;
    if (effects.completed->round < least) complain(id, "does round ", peer.round, " again");
    peer.round = effects.completed->round;
  }
  for (const Message& message : effects.sends) {
    if (!std::ranges::binary_search(graph_.neighbors(id), message.to)) {
      complain(id, "sends to ", message.to, ", who is no neighbor");
    }
    ++sent_;
    letters_[letter_of(message, id)].sent.push_back(peer.now);
  }
  for (const TimerRequest& timer : effects.timers) {
    peer.timers.emplace(timer.id, peer.now + timer.delay);
  }
  if (effects.stop_training) peer.is_training = false;
  if (effects.train) {
    if (std::exchange(peer.is_training, true)) complain(id, "trains twice at once");
    peer.steps = faults_.owns_data(id, peer.now) ? problem_.steps_per_round(id) : 0;
    if (peer.steps > 0 && effects.train->steps > 0) peer.steps = effects.train->steps;
    steps_ += peer.steps;
  }
  if (effects.aggregate) {
    if (std::exchange(peer.is_aggregating, true)) complain(id, "aggregates twice at once");
    check_aggregation(id, *effects.aggregate);
  }
  if ((effects.train || effects.aggregate || effects.finished) && peer.has_finished) {
    complain(id, "goes on after it has finished");
  }
  peer.has_finished = peer.has_finished || effects.finished;
}

void RunChecker::check_hello(PeerId id, const Effects& effects) {
  if (!has_true_clocks_ || !std::holds_alternative<DpsgdOptions>(scenario_.protocol)) return;
  for (const PeerId neighbor : graph_.neighbors(id)) {
    if (!peer_of(neighbor).is_up || !faults_.is_up(neighbor, effects.now)) continue;
    if (std::ranges::find(effects.sends, neighbor, &Message::to) != effects.sends.end()) continue;
    complain(id, "comes back without a word to ", neighbor, ", who is there");
  }
}

void RunChecker::check_delivery(PeerId id, const Message& message) {
  ++delivered_;
  if (message.to != id) complain(id, "is given a message to ", message.to);
  Copies& copies = letters_[letter_of(message, message.from)];
  if (++copies.received > 2 * copies.sent.size()) {
    complain(id, "hears from ", message.from, " what it did not send in round ", message.round);
  }
  const bool was_in_reach = std::ranges::any_of(copies.sent, [&](SimTime sent) {
    return faults_.is_connected_throughout(message.from, id, sent, sent);
  });
  if (has_true_clocks_ && !was_in_reach) {
    complain(id, "hears from ", message.from, " over a link that was down");
  }
}

void RunChecker::check_timer(PeerId id, std::uint64_t timer, SimTime now) {
  auto& timers = peer_of(id).timers;
  const auto [first, last] = timers.equal_range(timer);
  const auto due = std::find_if(first, last, [&](const auto& item) { return item.second <= now; });
  if (due == last) {
    complain(id, "hears a timer early, or one it did not set");
  } else {
    timers.erase(due);
  }
}

void RunChecker::check_aggregation(PeerId id, const AggregationRequest& request) {
  double weights = request.own_weight;
  PeerId last = -1;
  for (const HeardModel& heard : request.received) {
    weights += heard.weight;
    if (heard.sender <= last) complain(id, "combines models out of the order of senders");
    last = heard.sender;
    // An aggregator of MoDeST takes its own model as one of many.
    const bool is_own =
        heard.sender == id && std::holds_alternative<ModestOptions>(scenario_.protocol);
    if (!is_own && !std::ranges::binary_search(graph_.neighbors(id), heard.sender)) {
      complain(id, "combines a model of ", heard.sender, ", who is no neighbor");
    }
    if (heard.model.size() != mean_.size()) complain(id, "combines something that is no model");
  }
  if (std::abs(weights - 1.0) > 1e-9) complain(id, "combines with weights of ", weights, " in all");
  combined_ += static_cast<std::int64_t>(request.received.size());
}

void RunChecker::on_refused(PeerId, const Envelope&, RefusalReason reason, SimTime) {
  if (reason == RefusalReason::kAltered) ++altered_;
}

void RunChecker::on_change(PeerId id, const PeerChange& change) {
  if (!goes_down(change.kind)) return;
  Peer& peer = peer_of(id);
  peer.is_up = peer.is_training = peer.is_aggregating = false;
  peer.timers.clear();
}

void RunChecker::on_round(const RoundNotice& notice) {
  if (notice.counters.busy > notice.counters.up) {
    complain(notice.peer, "was busy longer than up, in round ", notice.round);
  }
  if (notice.model.size() != mean_.size()) {
    complain(notice.peer, "reports something that is no model, in round ", notice.round);
  } else {
    if (keeps_span(scenario_)) check_span(notice);
    if (keeps_mean(scenario_)) add_to_mean(notice);
  }
}

void RunChecker::check_span(const RoundNotice& notice) {
  for (std::size_t k = 0; k < mean_.size(); ++k) {
    const double tolerance = notice.round * kRounding * scale_;
    const double value = notice.model.values()[k];
    if (value >= least_[k] - tolerance && value <= greatest_[k] + tolerance) continue;
    complain(notice.peer, "has left what the initial models span: parameter ", k, " is ", value,
             " in round ", notice.round);
    return;
  }
}

void RunChecker::add_to_mean(const RoundNotice& notice) {
  auto& [peers, sum] = sums_[notice.round];
  ++peers;
  sum.resize(mean_.size());
  for (std::size_t k = 0; k < sum.size(); ++k) sum[k] += notice.model.values()[k];
  if (peers < scenario_.peers) return;
  for (std::size_t k = 0; k < sum.size(); ++k) {
    const double change = sum[k] / peers - mean_[k];
    if (std::abs(change) <= notice.round * kRounding * scale_) continue;
    complain(notice.peer, "completes round ", notice.round, ", and the mean of parameter ", k,
             " has changed by ", change);
    return;
  }
}

bool RunChecker::is_frozen_for_good(PeerId id, SimTime end) const {
  return faults_.thaw_time(id, end) == SimTime::max();
}

void RunChecker::check_messages(const SimulationOutcome& outcome) {
  const PeerCounters& totals = outcome.totals;
  const std::int64_t duplicates = outcome.network.duplicates;
  const auto compare = [this](const char* what, std::int64_t counted, std::int64_t seen) {
    if (counted != seen) complain(-1, "(all): ", what, ' ', counted, " counted, ", seen, " seen");
  };
  compare("messages sent:", totals.messages_sent, sent_);
  compare("messages late:", totals.messages_late, late_);
  compare("messages refused:", totals.messages_refused, refused_ + altered_);
  compare("models combined:", totals.models_heard, combined_);
  compare("models by age:", std::reduce(totals.staleness.begin(), totals.staleness.end()),
          combined_);
  if (!is_cut(outcome)) {
    compare("fates of messages:", delivered_ + altered_ + totals.messages_lost, sent_ + duplicates);
  }
  bool loses = loses_messages(scenario_) || takes_peers_away(scenario_);
  for (PeerId id = 0; id < scenario_.peers; ++id) {
    loses = loses || is_frozen_for_good(id, outcome.end);
  }
  if (!loses) compare("messages lost:", totals.messages_lost, 0);
  for (PeerId id = 0; id < scenario_.peers; ++id) {
    if (peer_of(id).is_training) steps_ -= peer_of(id).steps;
  }
  if (!has_true_clocks_) return;
  compare("local steps:", totals.steps + totals.wasted_steps, steps_);
}

bool RunChecker::has_common_rounds() const {
  return std::visit([](const auto& protocol) { return protocol.kCommonRounds; },
                    scenario_.protocol);
}

// Whether the run came to its end before its peers did.
bool RunChecker::is_cut(const SimulationOutcome& outcome) const {
  return scenario_.until > SimTime{} && outcome.status == SimulationOutcome::Status::kDone;
}

// Whether it waits for somebody, who may wait for others, who will never do anything.
bool RunChecker::is_stuck_for_good(const SimulationOutcome& outcome, PeerId id) const {
  std::set<PeerId> seen;
  std::vector<PeerId> open{id};
  while (!open.empty()) {
    const PeerId next = open.back();
    open.pop_back();
    if (!seen.insert(next).second) continue;
    const Peer& peer = peers_[static_cast<std::size_t>(next)];
    const bool can_hear = peer.is_up && faults_.is_up(next, outcome.end);
    if (!can_hear || is_frozen_for_good(next, outcome.end)) return true;
    const auto waiting = std::ranges::find(outcome.waiting, next, &WaitingPeer::peer);
    if (waiting == outcome.waiting.end()) continue;
    open.insert(open.end(), waiting->waits_for.begin(), waiting->waits_for.end());
  }
  return false;
}

void RunChecker::check_end(const SimulationOutcome& outcome) {
  using Status = SimulationOutcome::Status;
  if (outcome.status == Status::kInterrupted) complain(-1, "(all): the run has not ended");
  if (outcome.model_digest.has_value() != (outcome.status == Status::kDone)) {
    complain(-1, "(all): a digest of models, or none, and it is the other way");
  }
  const auto* const protocol = std::get_if<DpsgdOptions>(&scenario_.protocol);
  const bool waits = protocol == nullptr || protocol->missing == MissingPolicy::kWait;
  const bool loses = loses_messages(scenario_) && outcome.totals.messages_lost + altered_ > 0;
  std::size_t waiting = 0;
  for (PeerId id = 0; id < scenario_.peers; ++id) {
    if (!peer_of(id).is_up || peer_of(id).has_finished || is_cut(outcome)) continue;
    ++waiting;
    if (is_frozen_for_good(id, outcome.end) || (waits && loses)) continue;
    if (!waits) complain(id, "stalls, though it need not wait");
    if (!is_stuck_for_good(outcome, id)) complain(id, "stalls without a reason");
  }
  if (waiting != outcome.waiting.size()) {
    complain(-1, "(all): ", outcome.waiting.size(), " peers wait, not ", waiting);
  }
  if (outcome.waiting.empty() == (outcome.status == Status::kStalled)) {
    complain(-1, "(all): stalled or not, and it is the other way");
  }
}

void RunChecker::conclude(const SimulationOutcome& outcome) {
  check_messages(outcome);
  check_end(outcome);
  if (outcome.totals.busy > outcome.totals.up) complain(-1, "(all): busy longer than up");
  if (!keeps_mean(scenario_)) return;
  for (const auto& [round, sum] : sums_) {
    if (sum.first != scenario_.peers) complain(-1, "(all): not all have done round ", round);
  }
}

}  // namespace hearsay
