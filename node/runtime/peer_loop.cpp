#include "node/runtime/peer_loop.hpp"

#include <bit>
#include <utility>

#include "node/base/check.hpp"
#include "node/base/stopwatch.hpp"

namespace hearsay {
namespace {

// An aggregation that reads fewer floats than this (some 10 us) is not worth handing to
// another thread.
constexpr std::size_t kInlineAggregation = 150'000;

// How many events ahead memory is fetched: first what an event names, then what that names.
constexpr std::size_t kFarAhead = 32;
constexpr std::size_t kNearAhead = 16;
constexpr std::size_t kCacheLine = 64;
constexpr std::size_t kProtocolLines = 6;

bool is_message(EventKind kind) {
  return kind == EventKind::kArrived || kind == EventKind::kDelivered;
}

void add_time(std::atomic<std::int64_t>& total, const CpuStopwatch& watch) {
  total.fetch_add(static_cast<std::int64_t>(watch.seconds() * 1e9), std::memory_order_relaxed);
}

// Extends a peer's chain by one event and what it brought.
void record_event(Digest& events, const Event& event, std::uint64_t content) {
  const std::uint64_t record[] = {
      static_cast<std::uint64_t>(event.time.nanoseconds), static_cast<std::uint64_t>(event.kind),
      static_cast<std::uint64_t>(event.sender), event.sequence, content};
  events = digest_bytes(std::as_bytes(std::span(record)), events);
}

ModelBuffer aggregate(const SimulationWorld& world, PeerId id, const AggregationRequest& request) {
  std::vector<ReceivedModel> received;
  received.reserve(request.received.size());
  for (const HeardModel& heard : request.received) {
    received.push_back({.sender = heard.sender,
                        .weight = heard.weight,
                        .samples = world.problem.train_samples(heard.sender),
                        .round = heard.round,
                        .values = heard.model.values()});
  }
  const AggregationContext context{.layout = world.problem.layout(),
                                   .peer = id,
                                   .round = request.round,
                                   .stream = world.aggregation_rng};
  ModelBuffer result = ModelBuffer::uninitialized(request.own.size());
  world.aggregator.aggregate({.own_weight = request.own_weight,
                              .own = request.own.values(),
                              .previous = request.previous.values(),
                              .received = received},
                             context, result.writable());
  return result;
}

}  // namespace

// What every message touches comes first and fills two cache lines.
struct alignas(kCacheLine) PeerLoop::Peer {
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

PeerLoop::Peer& PeerLoop::peer_at(PeerId id) {
  return peers_[static_cast<std::size_t>(id - first_peer())];
}

const PeerLoop::Peer& PeerLoop::peer_at(PeerId id) const {
  return peers_[static_cast<std::size_t>(id - first_peer())];
}

int PeerLoop::num_peers() const { return static_cast<int>(peers_.size()); }

PeerLoop::PeerLoop(SimulationWorld& world, const LoopMap& map, int index, LoopLinks links,
                   std::vector<std::unique_ptr<Protocol>> protocols, SimulationObserver& observer)
    : world_(world),
      map_(map),
      index_(index),
      links_(std::move(links)),
      observer_(observer),
      queue_(make_ladder_queue()),
      peers_(protocols.size()),
      announcements_(static_cast<std::size_t>(map.loops)) {
  HEARSAY_CHECK(links_.senders.size() == announcements_.size());
  HEARSAY_CHECK(links_.receivers.size() == announcements_.size());
  for (std::size_t i = 0; i < protocols.size(); ++i) {
    peers_[i].protocol = std::move(protocols[i]);
    push_own(first_peer() + static_cast<PeerId>(i), EventKind::kStart, SimTime{});
  }
}

PeerLoop::PeerLoop(PeerLoop&&) noexcept = default;
PeerLoop::~PeerLoop() = default;

void PeerLoop::advance(SimTime until) {
  if (world_.problem.is_cheap() && !learner_) learner_ = world_.problem.make_learner();
  for (std::vector<Announcement>& list : announcements_) list.clear();
  while (!world_.stop.load(std::memory_order_relaxed) && next_time() < until) {
    const Event event = *std::exchange(held_, std::nullopt);
    HEARSAY_CHECK(event.time >= now_);
    now_ = event.time;
    ++state_.events;
    prefetch();
    handle(event, peer_at(event.receiver));
  }
  for (LinkSender& link : links_.senders) link.flush();
}

SimTime PeerLoop::next_time() {
  if (!held_) held_ = queue_->pop();
  return held_ ? held_->time : SimTime::max();
}

void PeerLoop::accept(const PeerLoop& other) {
  // What is held came from the queue when it was the least; it may no longer be.
  if (held_) queue_->push(*std::exchange(held_, std::nullopt));
  LinkReceiver& link = links_.receivers[static_cast<std::size_t>(other.index_)];
  for (const Announcement& item : other.announcements_[static_cast<std::size_t>(index_)]) {
    Event event = item.event;
    event.ticket = link.expect(event.sender, event.sequence, item.payload_bytes);
    queue_->push(event);
  }
}

// With many peers nearly every event touches memory that has left the cache. What the
// next events need is fetched ahead, so that the waits overlap.
void PeerLoop::prefetch() {
  if (const Event* const far = queue_->upcoming(kFarAhead)) {
    __builtin_prefetch(&peer_at(far->receiver));
    if (is_message(far->kind)) link_from(far->sender).prefetch(far->ticket);
  }
  if (const Event* const near = queue_->upcoming(kNearAhead)) {
    const auto* const protocol =
        reinterpret_cast<const std::byte*>(peer_at(near->receiver).protocol.get());
    for (std::size_t line = 0; line < kProtocolLines; ++line) {
      __builtin_prefetch(protocol + kCacheLine * line);
    }
    if (is_message(near->kind)) link_from(near->sender).prefetch_payload(near->ticket);
  }
}

void PeerLoop::handle(const Event& event, Peer& peer) {
  switch (event.kind) {
    case EventKind::kStart:
      peer.protocol->on_start(world_.problem.initial_model(event.receiver), effects_);
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

void PeerLoop::on_arrived(const Event& event, Peer& peer) {
  const std::int64_t bytes = wire_bytes(link_from(event.sender).payload_bytes(event.ticket));
  const SimTime done = world_.network.receive(event.receiver, bytes, event.time);
  Event delivered = event;
  delivered.time = done;
  delivered.kind = EventKind::kDelivered;
  if (done == event.time) return on_delivered(delivered, peer);
  queue_->push(delivered);
}

void PeerLoop::on_delivered(const Event& event, Peer& peer) {
  LinkReceiver& link = link_from(event.sender);
  if (!link.has_arrived(event.ticket)) links_.senders[static_cast<std::size_t>(index_)].flush();
  const WireMessage message = link.take(event.ticket);
  const Envelope& envelope = message.envelope;
  HEARSAY_CHECK(envelope.to == event.receiver);
  record_event(peer.events, event, message.payload.digest());
  peer.counters.bytes_received += wire_bytes(message.payload.size());
  std::optional<ModelBuffer> model = world_.codec.decode(message.payload, world_.problem.layout());
  const bool accepted = model && envelope.codec == world_.codec_number &&
                        peer.protocol->on_message({.from = envelope.from,
                                                   .to = envelope.to,
                                                   .kind = static_cast<MessageKind>(envelope.kind),
                                                   .round = envelope.round,
                                                   .model = std::move(*model)},
                                                  effects_);
  if (!accepted) {
    ++state_.messages_refused;
    observer_.on_refused(event.receiver, envelope, now_);
  }
}

void PeerLoop::on_trained(const Event& event, Peer& peer) {
  TrainResult result =
      peer.training_job ? world_.pool.take(peer.training_job) : std::exchange(peer.trained, {});
  peer.training_job.reset();
  peer.is_training = false;
  peer.training = std::move(result.state);
  peer.counters.steps = peer.training.steps;
  peer.counters.samples += result.samples;
  record_event(peer.events, event, std::bit_cast<std::uint64_t>(result.loss));
  if (!result.finite) observer_.on_diverged(event.receiver, now_);
  if (world_.keep_trained) peer.before_mixing = result.model;
  peer.protocol->on_trained(std::move(result.model), result.loss, effects_);
}

void PeerLoop::on_aggregated(const Event& event, Peer& peer) {
  ModelBuffer model = peer.aggregation_job ? world_.pool.take(peer.aggregation_job)
                                           : std::exchange(peer.aggregated, {});
  peer.aggregation_job.reset();
  peer.is_aggregating = false;
  record_event(peer.events, event, 0);
  peer.protocol->on_aggregated(std::move(model), effects_);
}

void PeerLoop::apply_effects(PeerId id, Peer& peer) {
  if (effects_.completed) {
    if (effects_.finished) peer.final_model = effects_.completed->model;
    report(id, peer, std::move(*effects_.completed));
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
    ++state_.finished;
    effects_.finished = false;
  }
}

void PeerLoop::report(PeerId id, Peer& peer, RoundReport completed) {
  RoundNotice notice{.peer = id, .time = now_, .round = completed.round, .counters = peer.counters};
  ModelBuffer trained = std::exchange(peer.before_mixing, {});
  if (observer_.wants_model(completed.round)) {
    notice.model = std::move(completed.model);
    notice.trained = std::move(trained);
  }
  observer_.on_round(notice);
}

void PeerLoop::send(Message message, Peer& peer) {
  if (last_payload_.size() == 0 || !last_encoded_.buffer().shares_with(message.model.buffer())) {
    last_payload_ = world_.codec.encode(message.model);
    last_encoded_ = std::move(message.model);
  }
  const std::int64_t bytes = wire_bytes(last_payload_.size());
  ++peer.counters.messages_sent;
  peer.counters.bytes_sent += bytes;
  Event event{.sequence = ++peer.sequence,
              .receiver = message.to,
              .sender = message.from,
              .kind = EventKind::kArrived};
  const std::optional<SimTime> last = world_.network.send(message.from, bytes, now_);
  if (!last) {
    ++peer.counters.messages_lost;
    return;
  }
  event.time = *last;
  const int loop = map_.loop_of(message.to);
  links_.senders[static_cast<std::size_t>(loop)].post(
      {.from = message.from,
       .to = message.to,
       .round = message.round,
       .sequence = event.sequence,
       .kind = static_cast<std::uint32_t>(message.kind),
       .codec = world_.codec_number},
      last_payload_);
  if (loop == index_) {
    event.ticket =
        link_from(message.from).expect(message.from, event.sequence, last_payload_.size());
    queue_->push(event);
  } else {
    announcements_[static_cast<std::size_t>(loop)].push_back({event, last_payload_.size()});
  }
}

void PeerLoop::start_training(PeerId id, Peer& peer, ModelBuffer model) {
  HEARSAY_CHECK(!peer.is_training);
  peer.is_training = true;
  const int steps = world_.problem.steps_per_round(id);
  const SimTime due = now_ + world_.compute.training_time(id, steps);
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
        add_time(cpu->training_ns, watch);
        return result;
      });
}

void PeerLoop::start_aggregation(PeerId id, Peer& peer, AggregationRequest request) {
  HEARSAY_CHECK(!peer.is_aggregating);
  peer.is_aggregating = true;
  for (const HeardModel& heard : request.received) {
    heard.model.buffer().prefetch();
    ++peer.counters.models_heard;
    peer.counters.staleness_sum += request.round - heard.round;
  }
  const SimTime due = now_ + world_.compute.aggregation_time(id);
  push_own(id, EventKind::kAggregated, due);
  if (learner_) {
    peer.aggregated = aggregate(world_, id, request);
    return;
  }
  const auto timed = [&world = world_, id, cpu = cpu_.get()](const AggregationRequest& inputs) {
    const CpuStopwatch watch;
    ModelBuffer result = aggregate(world, id, inputs);
    add_time(cpu->aggregation_ns, watch);
    return result;
  };
  if ((request.received.size() + 1) * request.own.size() < kInlineAggregation) {
    peer.aggregated = timed(request);
    return;
  }
  peer.aggregation_job = world_.pool.submit(
      due, [timed, request = std::move(request)](Learner&) { return timed(request); });
}

void PeerLoop::push_own(PeerId id, EventKind kind, SimTime time) {
  queue_->push({.time = time, .receiver = id, .sender = id, .kind = kind});
}

PeerLoop::State PeerLoop::state() const {
  State state = state_;
  state.last_event = now_;
  state.training_seconds = static_cast<double>(cpu_->training_ns.load()) * 1e-9;
  state.aggregation_seconds = static_cast<double>(cpu_->aggregation_ns.load()) * 1e-9;
  return state;
}

const PeerCounters& PeerLoop::counters(PeerId peer) const { return peer_at(peer).counters; }

Digest PeerLoop::event_digest(PeerId peer) const { return peer_at(peer).events; }

const ModelBuffer& PeerLoop::final_model(PeerId peer) const { return peer_at(peer).final_model; }

std::vector<PeerId> PeerLoop::waiting_for(PeerId peer) const {
  return peer_at(peer).protocol->waiting_for();
}

}  // namespace hearsay
