// What a protocol wants done: the second half of PeerLoop.
#include <atomic>
#include <utility>

#include "node/base/check.hpp"
#include "node/base/stopwatch.hpp"
#include "node/runtime/peer_loop.hpp"
#include "node/runtime/peer_work.hpp"

namespace hearsay {
namespace {

// An aggregation that reads fewer floats than this (some 10 us) is not worth handing to
// another thread.
constexpr std::size_t kInlineAggregation = 150'000;

}  // namespace

void PeerLoop::apply_effects(PeerId id, PeerState& peer) {
  if (effects_.completed) {
    if (effects_.finished) peer.final_model = effects_.completed->model;
    report(id, peer, std::move(*effects_.completed));
    effects_.completed.reset();
  }
  for (Message& message : effects_.sends) {
    message.from = id;
    send_or_withhold(std::move(message), peer);
  }
  effects_.sends.clear();
  for (const TimerRequest& timer : effects_.timers) {
    const SimTime due = scripted_ ? world_.faults.timer_due(id, now_, timer.delay)
                                  : add_saturating(now_, timer.delay);
    push_own(id, EventKind::kTimer, due, timer.id);
  }
  effects_.timers.clear();
  if (std::exchange(effects_.stop_training, false)) stop_training(peer);
  if (effects_.train) {
    start_training(id, peer, std::move(*effects_.train));
    effects_.train.reset();
  }
  if (effects_.aggregate) {
    start_aggregation(id, peer, std::move(*effects_.aggregate));
    effects_.aggregate.reset();
  }
  if (effects_.finished) {
    HEARSAY_CHECK(!peer.has_finished);
    peer.has_finished = true;
    effects_.finished = false;
  }
}

void PeerLoop::report(PeerId id, PeerState& peer, RoundReport completed) {
  HEARSAY_CHECK(completed.round >= peer.round);
  peer.round = completed.round;
  if (world_.keep_latest) peer.latest = completed.model;
  RoundNotice notice{.peer = id,
                     .time = now_,
                     .round = completed.round,
                     .counters = counters(id, now_),
                     .events = peer.events};
  if (peer.stored) *peer.stored = {.model = completed.model, .training = peer.training};
  ModelBuffer trained = std::exchange(peer.before_mixing, {});
  if (observer_.wants_model(completed.round)) {
    notice.model = std::move(completed.model);
    notice.trained = std::move(trained);
  }
  observer_.on_round(notice);
  if (observer_.wants_pause()) pause_ = true;
}

// An attacker's messages wait until all that is due at this instant has happened, so that it
// knows what others send now; what it sends behind them waits too.
void PeerLoop::send_or_withhold(Message message, PeerState& peer) {
  if (attackers_ != nullptr) {
    const bool is_crafted = AdversaryMemory::is_attacked(message.kind) &&
                            world_.adversaries->crafts(message.from, now_);
    if (is_crafted || !peer.withheld.empty()) {
      if (peer.withheld.empty()) push_own(message.from, EventKind::kAttack, now_);
      peer.withheld.push_back(std::move(message));
      return;
    }
    attackers_->was_sent(message);
  }
  send(std::move(message), peer);
}

void PeerLoop::send_withheld(PeerState& peer) {
  if (peer.withheld.empty()) return;
  std::vector<Message> messages = std::exchange(peer.withheld, {});
  attackers_->craft(messages, now_);
  for (Message& message : messages) send(std::move(message), peer);
}

void PeerLoop::send(Message message, PeerState& peer) {
  const WireMessage wire = encoder_.encode(std::move(message), ++peer.sequence);
  const Buffer& payload = wire.payload;
  const Transfer transfer{.from = wire.envelope.from,
                          .to = wire.envelope.to,
                          .sequence = wire.envelope.sequence,
                          .bytes = wire_bytes(payload.size())};
  ++peer.counters.messages_sent;
  peer.counters.bytes_sent += transfer.bytes;
  arrivals_.clear();
  const Fate fate = world_.network.send(transfer, now_, arrivals_);
  if (fate == Fate::kLost) {
    ++peer.counters.messages_lost;
    return;
  }
  LinkSender& link = links_.senders[static_cast<std::size_t>(map_.loop_of(transfer.to))];
  Journey journey{
      .sent = now_, .left = now_, .payload_bytes = static_cast<std::uint32_t>(payload.size())};
  if (fate == Fate::kUnderway) {
    HEARSAY_CHECK(map_.loops == 1);
    link.post(wire.envelope, payload);
    const Ticket ticket =
        link_from(transfer.from).expect(transfer.from, transfer.sequence, journey);
    underway_.emplace(std::pair(transfer.from, transfer.sequence), ticket);
    return;
  }
  for (const Arrival& arrival : arrivals_) {
    link.post(wire.envelope, payload);
    journey.left = arrival.left;
    announce(transfer, arrival.time, journey);
  }
}

void PeerLoop::announce(const Transfer& transfer, SimTime arrival, const Journey& journey) {
  Event event{.time = arrival,
              .sequence = transfer.sequence,
              .receiver = transfer.to,
              .sender = transfer.from,
              .kind = EventKind::kArrived};
  const int loop = map_.loop_of(transfer.to);
  if (loop == index_) {
    event.ticket = link_from(transfer.from).expect(transfer.from, transfer.sequence, journey);
    queue_->push(event);
  } else {
    announcements_[static_cast<std::size_t>(loop)].push_back({event, journey});
  }
}

// Returns when it is done; the time until then counts as busy. Work that is never done, on
// a peer that stays frozen, counts as none.
SimTime PeerLoop::begin_work(PeerId id, PeerState& peer, SimTime work) const {
  const SimTime due = scripted_ ? world_.faults.finish(id, now_, work) : add_saturating(now_, work);
  if (due != SimTime::max()) peer.counters.busy = peer.counters.busy + (due - now_);
  return due;
}

// A training that was given up counts as if it had not begun, but for the time it took.
void PeerLoop::stop_training(PeerState& peer) {
  if (!std::exchange(peer.is_training, false)) return;
  abandon(peer.counters, peer.training_due, now_);
  peer.counters.wasted_steps += peer.steps_under_way;
  peer.training_job.reset();
  peer.trained = {};
  peer.training = {.steps = peer.steps_before};
}

// Takes back the time after `now` of work that would have ended at `due`.
void PeerLoop::abandon(PeerCounters& counters, SimTime due, SimTime now) {
  if (due == SimTime::max() || due <= now) return;
  counters.busy = counters.busy - (due - now);
}

void PeerLoop::start_training(PeerId id, PeerState& peer, TrainRequest request) {
  HEARSAY_CHECK(!peer.is_training);
  peer.is_training = true;
  const int steps = steps_of(world_, id, now_, request);
  ModelBuffer& model = request.model;
  if (attackers_ != nullptr) attackers_->trains_from(id, model);
  const SimTime due =
      begin_work(id, peer, world_.compute.training_time(id, steps, peer.trainings++));
  peer.training_due = due;
  peer.steps_under_way = steps;
  peer.steps_before = peer.training.steps;
  push_own(id, EventKind::kTrained, due);
  if (learner_) {
    peer.trained = learner_->train(id, std::move(model), std::move(peer.training), steps);
    return;
  }
  // std::function wants copyable state; a copied buffer handle would forbid training in place.
  struct Input {
    ModelBuffer model;
    TrainingState state;
  };
  auto input = std::make_shared<Input>(Input{std::move(model), std::move(peer.training)});
  peer.training_job =
      world_.pool.submit(due, [id, steps, input, cpu = cpu_.get()](Learner& learner) {
        const CpuStopwatch watch;
        TrainResult result =
            learner.train(id, std::move(input->model), std::move(input->state), steps);
        watch.add_to(cpu->training_ns);
        return result;
      });
}

void PeerLoop::start_aggregation(PeerId id, PeerState& peer, AggregationRequest request) {
  HEARSAY_CHECK(!peer.is_aggregating);
  peer.is_aggregating = true;
  count_heard(peer.counters, request);
  const SimTime due = begin_work(
      id, peer, aggregation_time(world_, id, peer.aggregations++, peer.trainings, request));
  peer.aggregation_due = due;
  push_own(id, EventKind::kAggregated, due);
  AggregatorState* const state = peer.aggregator_state.get();
  if (learner_) {
    peer.aggregated = aggregate(world_, id, now_, request, state, learner_.get());
    return;
  }
  const auto timed = [&world = world_, id, now = now_, state, cpu = cpu_.get()](
                         const AggregationRequest& inputs, Learner* learner) {
    const CpuStopwatch watch;
    AggregationResult result = aggregate(world, id, now, inputs, state, learner);
    watch.add_to(cpu->aggregation_ns);
    return result;
  };
  const bool is_small = (request.received.size() + 1) * request.own.size() < kInlineAggregation;
  if (is_small && !world_.aggregator.needs_oracle()) {
    peer.aggregated = timed(request, nullptr);
    return;
  }
  peer.aggregation_job = world_.pool.submit(
      due,
      [timed, request = std::move(request)](Learner& learner) { return timed(request, &learner); });
}

}  // namespace hearsay
