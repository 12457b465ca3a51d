// What a protocol wants done, and the jobs that come of it: the second half of LiveHost.
#include <poll.h>

#include <stdexcept>
#include <utility>

#include "node/base/check.hpp"
#include "node/base/stopwatch.hpp"
#include "node/live/live_host.hpp"
#include "node/runtime/peer_work.hpp"

namespace hearsay {
namespace {

// An aggregation that reads fewer floats than this (some 10 us) is not worth handing to
// another thread.
constexpr std::size_t kInlineAggregation = 150'000;

}  // namespace

void LiveHost::apply_effects(PeerId id, PeerState& peer) {
  Effects effects = std::exchange(effects_, {});
  if (effects.completed) {
    if (effects.finished) peer.final_model = effects.completed->model;
    report_round(id, peer, std::move(*effects.completed));
  }
  for (Message& message : effects.sends) {
    message.from = id;
    send_or_withhold(std::move(message), peer);
  }
  for (const TimerRequest& timer : effects.timers) {
    const SimTime due = world_.faults.timer_due(id, now_, timer.delay);
    if (due != SimTime::max()) agenda_.emplace(due, Timer{id, peer.life, timer.id});
  }
  // Its result will bear an old ticket.
  if (effects.stop_training && std::exchange(peer.is_training, false)) {
    peer.counters.wasted_steps += peer.steps_under_way;
    peer.training = {.steps = peer.steps_before};
  }
  if (effects.train) start_training(id, peer, std::move(*effects.train));
  if (effects.aggregate) start_aggregation(id, peer, std::move(*effects.aggregate));
  if (effects.finished) peer.has_finished = true;
}

void LiveHost::report_round(PeerId id, PeerState& peer, RoundReport completed) {
  HEARSAY_CHECK(completed.round >= peer.round);
  peer.round = completed.round;
  last_progress_ = now_;
  round_was_finished_ = true;
  if (world_.keep_latest) peer.latest = completed.model;
  *peer.stored = {.model = completed.model, .training = peer.training};
  RoundNews news{.notice = {.peer = id,
                            .time = now_,
                            .round = completed.round,
                            .model = {},
                            .trained = {},
                            .counters = counters_of(peer)}};
  ModelBuffer trained = std::exchange(peer.before_mixing, {});
  if (plan_.wants_model(completed.round)) {
    news.notice.model = std::move(completed.model);
    news.notice.trained = std::move(trained);
  }
  tell(std::move(news));
}

// An attacker's messages wait until all that is due now has happened, so that it knows what
// others in its process send now; what it sends behind them waits too.
void LiveHost::send_or_withhold(Message message, PeerState& peer) {
  if (attackers_ != nullptr) {
    const bool is_crafted = AdversaryMemory::is_attacked(message.kind) &&
                            world_.adversaries->crafts(message.from, now_);
    if (is_crafted || !peer.withheld.empty()) {
      peer.withheld.push_back(std::move(message));
      return;
    }
    attackers_->was_sent(message);
  }
  send(std::move(message), peer);
}

void LiveHost::send_withheld() {
  if (attackers_ == nullptr) return;
  for (auto& [id, peer] : peers_) {
    std::vector<Message> messages = std::exchange(peer.withheld, {});
    attackers_->craft(messages, now_);
    for (Message& message : messages) send(std::move(message), peer);
  }
}

void LiveHost::send(Message message, PeerState& peer) {
  const WireMessage wire = encoder_.encode(std::move(message), ++peer.sequence);
  const Envelope& envelope = wire.envelope;
  ++peer.counters.messages_sent;
  peer.counters.bytes_sent += wire_bytes(wire.payload.size());
  if (!world_.faults.is_connected_throughout(envelope.from, envelope.to, now_, now_)) {
    ++peer.counters.messages_lost;
    return;
  }
  if (!plan_.emulate_network) {
    transmit(wire);
    return;
  }
  arrivals_.clear();
  const Transfer transfer{.from = envelope.from,
                          .to = envelope.to,
                          .sequence = envelope.sequence,
                          .bytes = wire_bytes(wire.payload.size())};
  if (world_.network.send(transfer, now_, arrivals_) == Fate::kLost) {
    ++peer.counters.messages_lost;
    return;
  }
  HEARSAY_CHECK(!arrivals_.empty());
  agenda_.emplace(arrivals_.front().time, Departure{wire});
}

void LiveHost::transmit(WireMessage message) {
  const int process = plan_.process_of_peer[static_cast<std::size_t>(message.envelope.to)];
  if (process == self_) {
    inbox_.push_back(std::move(message));
  } else {
    endpoint_.send(process, ParcelKind::kMessages, codec_.encode({&message, 1}));
  }
}

// `work`: what it takes by the compute model.
Completion LiveHost::begin_work(PeerId id, std::uint64_t ticket, SimTime work) const {
  Completion done{.peer = id, .ticket = ticket, .result = {}, .took = {}, .begun = now_};
  if (plan_.emulate_compute) done.due = world_.faults.finish(id, now_, work);
  return done;
}

// The work's result comes back as a completion, also where it throws.
template <class Work>
void LiveHost::submit(Completion begun, Work work) {
  ++jobs_;
  const auto carry_out = [this, begun = std::move(begun),
                          work = std::move(work)](Learner& learner) {
    const Stopwatch watch;
    Completion done = begun;
    try {
      done.result = work(learner);
    } catch (const std::exception& error) {
      done.error = error.what();
    }
    done.took = SimTime::from_seconds(watch.seconds());
    completions_.push(std::move(done));
    return true;
  };
  if (world_.problem.traits().is_cheap) {
    carry_out(world_.pool.own_learner());
  } else {
    world_.pool.submit(now_, carry_out);
  }
}

void LiveHost::start_training(PeerId id, PeerState& peer, TrainRequest request) {
  HEARSAY_CHECK(!peer.is_training);
  peer.is_training = true;
  const int steps = steps_of(world_, id, now_, request);
  peer.steps_under_way = steps;
  peer.steps_before = peer.training.steps;
  if (attackers_ != nullptr) attackers_->trains_from(id, request.model);
  // std::function wants copyable state; a copied buffer handle would forbid training in place.
  struct Input {
    ModelBuffer model;
    TrainingState state;
  };
  auto input = std::make_shared<Input>(Input{std::move(request.model), std::move(peer.training)});
  const SimTime time = world_.compute.training_time(id, steps, peer.trainings);
  submit(begin_work(id, ++peer.trainings, time), [this, id, steps, input](Learner& learner) {
    const CpuStopwatch watch;
    TrainResult result = learner.train(id, std::move(input->model), std::move(input->state), steps);
    watch.add_to(training_ns_);
    return result;
  });
}

void LiveHost::start_aggregation(PeerId id, PeerState& peer, AggregationRequest request) {
  HEARSAY_CHECK(!peer.is_aggregating);
  peer.is_aggregating = true;
  count_heard(peer.counters, request);
  const SimTime time = aggregation_time(world_, id, peer.aggregations, peer.trainings, request);
  const bool is_small = (request.received.size() + 1) * request.own.size() < kInlineAggregation;
  AggregatorState* const state = peer.aggregator_state.get();
  if (state != nullptr) ++remembering_;
  const auto combine = [this, id, now = now_, state,
                        request = std::move(request)](Learner& learner) {
    const CpuStopwatch watch;
    AggregationResult result = aggregate(world_, id, now, request, state, &learner);
    watch.add_to(aggregation_ns_);
    return result;
  };
  Completion begun = begin_work(id, ++peer.aggregations, time);
  if (is_small && !world_.aggregator.needs_oracle()) {
    ++jobs_;
    begun.result = combine(world_.pool.own_learner());
    completions_.push(std::move(begun));
  } else {
    submit(std::move(begun), combine);
  }
}

// While a rule combines on a worker it may write what it remembers of the peer.
void LiveHost::await_remembering() {
  while (remembering_ > 0) {
    pollfd ready{.fd = completions_.descriptor(), .events = POLLIN, .revents = 0};
    poll(&ready, 1, -1);
    collect_completions();
  }
}

void LiveHost::collect_completions() {
  for (Completion& done : completions_.take()) {
    --jobs_;
    if (!done.error.empty()) throw std::runtime_error(done.error);
    const bool is_aggregation = std::holds_alternative<AggregationResult>(done.result);
    if (is_aggregation && remembering_ > 0) --remembering_;
    completed_.push_back(std::move(done));
  }
}

void LiveHost::on_trained(const Completion& done, PeerState& peer, TrainResult result) {
  peer.is_training = false;
  peer.training = std::move(result.state);
  peer.counters.steps += peer.steps_under_way;
  peer.counters.samples += result.samples;
  peer.counters.busy = peer.counters.busy + done.took;
  if (!result.finite) tell(DivergedNews{done.peer, now_});
  if (world_.keep_trained) peer.before_mixing = result.model;
  peer.protocol->on_trained(std::move(result.model), result.loss, effects_);
}

void LiveHost::on_aggregated(const Completion& done, PeerState& peer, AggregationResult result) {
  peer.is_aggregating = false;
  PeerCounters& counters = peer.counters;
  counters.busy = counters.busy + done.took;
  counters.attacks_combined += result.attacks;
  counters.attack_influence += result.influence;
  const AggregationIncidents& incidents = result.incidents;
  counters.models_not_finite += std::ssize(incidents.not_finite);
  if (incidents.infeasible) ++counters.infeasible_aggregations;
  if (incidents.infeasible || !incidents.not_finite.empty()) {
    tell(IncidentNews{done.peer, result.round, now_, incidents});
  }
  peer.protocol->on_aggregated(std::move(result.model), effects_);
}

}  // namespace hearsay
