#include "node/runtime/simulation.hpp"

#include <bit>
#include <utility>

#include "node/base/check.hpp"
#include "node/base/stopwatch.hpp"

namespace hearsay {
namespace {

// An aggregation that reads fewer floats than this takes less time than handing it to
// another thread does.
constexpr std::size_t kInlineAggregation = 500'000;

// How many events ahead memory is fetched: first what an event names, then what that names.
constexpr std::size_t kFarAhead = 32;
constexpr std::size_t kNearAhead = 16;

bool is_message(EventKind kind) {
  return kind == EventKind::kArrived || kind == EventKind::kDelivered;
}

void add_time(std::atomic<std::int64_t>& total, const CpuStopwatch& watch) {
  total.fetch_add(static_cast<std::int64_t>(watch.seconds() * 1e9), std::memory_order_relaxed);
}

}  // namespace

// What every message touches comes first and fills one cache line.
struct alignas(64) Simulation::Peer {
  std::unique_ptr<Protocol> protocol;
  Digest events = 0;
  std::uint64_t sequence = 0;
  PeerCounters counters;
  bool is_training = false;
  bool is_aggregating = false;
  bool has_finished = false;

  TrainingState training;
  std::shared_ptr<Task<TrainResult>> training_job;  ///< Null: the result is in `trained`.
  TrainResult trained;
  std::shared_ptr<Task<ModelBuffer>> aggregation_job;  ///< Null: the result is in `aggregated`.
  ModelBuffer aggregated;
  ModelBuffer before_mixing;  ///< Kept for the observer if asked for.
  ModelBuffer final_model;    ///< Set when the peer has finished.
};

Simulation::Simulation(SimulationInputs inputs, std::vector<std::unique_ptr<Protocol>> protocols,
                       SimulationObserver& observer)
    : in_(std::move(inputs)), observer_(observer), queue_(make_ladder_queue()) {
  peers_.resize(protocols.size());
  for (std::size_t i = 0; i < protocols.size(); ++i) peers_[i].protocol = std::move(protocols[i]);
}

Simulation::~Simulation() = default;

const PeerCounters& Simulation::peer_counters(PeerId peer) const {
  return peers_[static_cast<std::size_t>(peer)].counters;
}

double Simulation::training_seconds() const {
  return static_cast<double>(training_nanoseconds_.load()) * 1e-9;
}

double Simulation::aggregation_seconds() const {
  return static_cast<double>(aggregation_nanoseconds_.load()) * 1e-9;
}

SimulationOutcome Simulation::run() {
  for (std::size_t i = 0; i < peers_.size(); ++i) {
    push_own(static_cast<PeerId>(i), EventKind::kStart, SimTime{});
  }
  bool interrupted = false;
  while (finished_ < peers_.size() && !interrupted) {
    const std::optional<Event> event = queue_->pop();
    if (!event) break;
    HEARSAY_CHECK(event->time >= now_);
    now_ = event->time;
    ++counters_.events;
    prefetch();
    handle(*event, peers_[static_cast<std::size_t>(event->receiver)]);
    interrupted = in_.stop.load(std::memory_order_relaxed);
  }
  return conclude(interrupted && finished_ < peers_.size());
}

// With many peers nearly every event touches memory that has left the cache. What the
// next events need is fetched ahead, so that the waits overlap.
void Simulation::prefetch() const {
  if (const Event* const far = queue_->upcoming(kFarAhead)) {
    __builtin_prefetch(&peers_[static_cast<std::size_t>(far->receiver)]);
    if (is_message(far->kind)) in_.exchange.prefetch(far->ticket);
  }
  if (const Event* const near = queue_->upcoming(kNearAhead)) {
    const Peer& peer = peers_[static_cast<std::size_t>(near->receiver)];
    const auto* const protocol = reinterpret_cast<const std::byte*>(peer.protocol.get());
    for (std::size_t line = 0; line < 3; ++line) __builtin_prefetch(protocol + 64 * line);
    if (is_message(near->kind)) in_.exchange.prefetch_payload(near->ticket);
  }
}

void Simulation::handle(const Event& event, Peer& peer) {
  switch (event.kind) {
    case EventKind::kStart:
      peer.protocol->on_start(in_.problem.initial_model(event.receiver), effects_);
      break;
    case EventKind::kTrained:
      on_trained(event, peer);
      break;
    case EventKind::kAggregated:
      on_aggregated(event, peer);
      break;
    case EventKind::kArrived:
      on_arrived(event, peer);
      break;
    case EventKind::kDelivered:
      on_delivered(event, peer);
      break;
  }
  apply_effects(event.receiver, peer);
}

void Simulation::on_arrived(const Event& event, Peer& peer) {
  const std::int64_t bytes = wire_bytes(in_.exchange.payload_bytes(event.ticket));
  const SimTime done = in_.network.receive(event.receiver, bytes, event.time);
  if (done == event.time) return on_delivered(event, peer);
  Event delivered = event;
  delivered.time = done;
  delivered.kind = EventKind::kDelivered;
  queue_->push(delivered);
}

void Simulation::on_delivered(const Event& event, Peer& peer) {
  const WireMessage message = in_.exchange.take(event.ticket);
  const Envelope& envelope = message.envelope;
  HEARSAY_CHECK(envelope.to == event.receiver);
  const std::uint64_t record[] = {static_cast<std::uint64_t>(event.time.nanoseconds),
                                  static_cast<std::uint64_t>(EventKind::kDelivered),
                                  static_cast<std::uint64_t>(event.sender), event.sequence,
                                  message.payload.digest()};
  peer.events = digest_bytes(std::as_bytes(std::span(record)), peer.events);
  peer.counters.bytes_received += wire_bytes(message.payload.size());
  std::optional<ModelBuffer> model = in_.codec.decode(message.payload, in_.problem.layout());
  const bool accepted =
      model && envelope.codec == in_.codec_number &&
      peer.protocol->on_message({.from = envelope.from,
                                 .to = envelope.to,
                                 .kind = static_cast<MessageKind>(envelope.kind),
                                 .round = envelope.round,
                                 .model = std::move(*model)},
                                effects_);
  if (!accepted) {
    ++counters_.messages_refused;
    observer_.on_refused(event.receiver, envelope, now_);
  }
}

void Simulation::on_trained(const Event& event, Peer& peer) {
  TrainResult result = peer.training_job ? in_.pool.take(peer.training_job)
                                         : std::exchange(peer.trained, {});
  peer.training_job.reset();
  peer.is_training = false;
  peer.training = std::move(result.state);
  peer.counters.steps = peer.training.steps;
  peer.counters.samples += result.samples;
  const std::uint64_t record[] = {static_cast<std::uint64_t>(event.time.nanoseconds),
                                  static_cast<std::uint64_t>(EventKind::kTrained),
                                  std::bit_cast<std::uint64_t>(result.loss)};
  peer.events = digest_bytes(std::as_bytes(std::span(record)), peer.events);
  if (!result.finite) observer_.on_diverged(event.receiver, now_);
  if (in_.keep_trained) peer.before_mixing = result.model;
  peer.protocol->on_trained(std::move(result.model), result.loss, effects_);
}

void Simulation::on_aggregated(const Event& event, Peer& peer) {
  ModelBuffer model = peer.aggregation_job ? in_.pool.take(peer.aggregation_job)
                                           : std::exchange(peer.aggregated, {});
  peer.aggregation_job.reset();
  peer.is_aggregating = false;
  const std::uint64_t record[] = {static_cast<std::uint64_t>(event.time.nanoseconds),
                                  static_cast<std::uint64_t>(EventKind::kAggregated)};
  peer.events = digest_bytes(std::as_bytes(std::span(record)), peer.events);
  peer.protocol->on_aggregated(std::move(model), effects_);
}

void Simulation::apply_effects(PeerId id, Peer& peer) {
  if (effects_.completed) {
    observer_.on_round(id, *effects_.completed, std::exchange(peer.before_mixing, {}), now_);
    if (effects_.finished) peer.final_model = std::move(effects_.completed->model);
    effects_.completed.reset();
  }
  for (Message& message : effects_.sends) send(std::move(message), peer);
  effects_.sends.clear();
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
    ++finished_;
    effects_.finished = false;
  }
}

void Simulation::send(Message message, Peer& peer) {
  if (last_payload_.size() == 0 || !last_encoded_.buffer().shares_with(message.model.buffer())) {
    last_payload_ = in_.codec.encode(message.model);
    last_encoded_ = std::move(message.model);
  }
  const std::int64_t bytes = wire_bytes(last_payload_.size());
  const std::uint64_t sequence = ++peer.sequence;
  ++counters_.messages_sent;
  counters_.bytes_sent += bytes;
  peer.counters.bytes_sent += bytes;
  const std::optional<SimTime> last = in_.network.send(message.from, bytes, now_);
  if (!last) {
    ++counters_.messages_lost;
    return;
  }
  const Envelope envelope{.from = message.from,
                          .to = message.to,
                          .round = message.round,
                          .sequence = sequence,
                          .kind = static_cast<std::uint32_t>(message.kind),
                          .codec = in_.codec_number};
  queue_->push({.time = *last,
                .sequence = sequence,
                .receiver = message.to,
                .sender = message.from,
                .ticket = in_.exchange.post(envelope, last_payload_),
                .kind = EventKind::kArrived});
}

void Simulation::start_training(PeerId id, Peer& peer, ModelBuffer model) {
  HEARSAY_CHECK(!peer.is_training);
  peer.is_training = true;
  const int steps = in_.problem.steps_per_round(id);
  const SimTime due = now_ + in_.compute.training_time(id, steps);
  push_own(id, EventKind::kTrained, due);
  if (in_.problem.is_cheap()) {
    peer.trained =
        in_.pool.own_learner().train(id, std::move(model), std::move(peer.training), steps);
    return;
  }
  // std::function wants copyable state; a copied buffer handle would forbid training in place.
  struct Input {
    ModelBuffer model;
    TrainingState state;
  };
  auto input = std::make_shared<Input>(Input{std::move(model), std::move(peer.training)});
  peer.training_job = in_.pool.submit(due, [this, id, steps, input](Learner& learner) {
    const CpuStopwatch watch;
    TrainResult result =
        learner.train(id, std::move(input->model), std::move(input->state), steps);
    add_time(training_nanoseconds_, watch);
    return result;
  });
}

void Simulation::start_aggregation(PeerId id, Peer& peer, AggregationRequest request) {
  HEARSAY_CHECK(!peer.is_aggregating);
  peer.is_aggregating = true;
  for (const HeardModel& heard : request.received) {
    ++counters_.models_heard;
    counters_.staleness_sum += request.round - heard.round;
  }
  const SimTime due = now_ + in_.compute.aggregation_time(id);
  push_own(id, EventKind::kAggregated, due);
  if (in_.problem.is_cheap()) {
    peer.aggregated = aggregate(id, request);
    return;
  }
  if ((request.received.size() + 1) * request.own.size() < kInlineAggregation) {
    const CpuStopwatch watch;
    peer.aggregated = aggregate(id, request);
    add_time(aggregation_nanoseconds_, watch);
    return;
  }
  peer.aggregation_job =
      in_.pool.submit(due, [this, id, request = std::move(request)](Learner&) {
        const CpuStopwatch watch;
        ModelBuffer result = aggregate(id, request);
        add_time(aggregation_nanoseconds_, watch);
        return result;
      });
}

ModelBuffer Simulation::aggregate(PeerId id, const AggregationRequest& request) const {
  std::vector<ReceivedModel> received;
  received.reserve(request.received.size());
  for (const HeardModel& heard : request.received) {
    received.push_back({.sender = heard.sender,
                        .weight = heard.weight,
                        .samples = in_.problem.train_samples(heard.sender),
                        .round = heard.round,
                        .values = heard.model.values()});
  }
  const auto stream = static_cast<std::uint64_t>(id);
  const AggregationContext context{
      .layout = in_.problem.layout(),
      .peer = id,
      .round = request.round,
      .rng = in_.aggregation_rng.split("peer", stream)
                 .split("round", static_cast<std::uint64_t>(request.round))};
  ModelBuffer result = ModelBuffer::uninitialized(request.own.size());
  in_.aggregator.aggregate({.own_weight = request.own_weight,
                            .own = request.own.values(),
                            .previous = request.previous.values(),
                            .received = received},
                           context, result.writable());
  return result;
}

void Simulation::push_own(PeerId id, EventKind kind, SimTime time) {
  queue_->push({.time = time, .receiver = id, .sender = id, .kind = kind});
}

SimulationOutcome Simulation::conclude(bool interrupted) {
  using Status = SimulationOutcome::Status;
  SimulationOutcome outcome;
  outcome.end = now_;
  const bool all = finished_ == peers_.size();
  outcome.status = all ? Status::kDone : interrupted ? Status::kInterrupted : Status::kStalled;
  for (std::size_t i = 0; i < peers_.size(); ++i) {
    const Peer& peer = peers_[i];
    outcome.event_digest = chain(outcome.event_digest, peer.events);
    if (peer.has_finished) {
      outcome.model_digest = chain(outcome.model_digest, peer.final_model.digest());
    } else if (outcome.status == Status::kStalled) {
      outcome.waiting.push_back({static_cast<PeerId>(i), peer.protocol->waiting_for()});
    }
  }
  return outcome;
}

}  // namespace hearsay
