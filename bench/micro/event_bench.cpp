/// What the simulation spends on an event: queueing, packing, crossing a socket; and what
/// an average of models spends on memory. Google Benchmark; see --help for its options.

#include <benchmark/benchmark.h>

#include <array>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "aggregators/vector_kernels.hpp"
#include "node/base/model_buffer.hpp"
#include "node/base/rng.hpp"
#include "node/net/batch.hpp"
#include "node/net/link.hpp"
#include "node/runtime/event_queue.hpp"

namespace hearsay {
namespace {

constexpr RunIdentity kRun{.run = 1, .scenario_digest = 2};
constexpr int kNeighbors = 8;  ///< Receivers of one payload.

/// Pop the first event, push one that is due up to 40 ms later, with state.range(0)
/// events pending all the time.
void ladder_queue_pop_push(benchmark::State& state) {
  constexpr std::uint64_t kAheadNanoseconds = 40'000'000;
  Rng rng(1);
  std::array<std::int64_t, 4096> delays;
  for (auto& delay : delays) delay = static_cast<std::int64_t>(rng.below(kAheadNanoseconds));
  const std::unique_ptr<EventQueue> queue = make_ladder_queue();
  for (PeerId peer = 0; peer < state.range(0); ++peer) {
    queue->push(
        {.time = {static_cast<std::int64_t>(rng.below(kAheadNanoseconds))}, .receiver = peer});
  }
  std::size_t next = 0;
  for (auto step : state) {
    Event event = *queue->pop();
    event.time = event.time + SimTime{delays[next++ % delays.size()]};
    queue->push(event);
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(ladder_queue_pop_push)->RangeMultiplier(10)->Range(1'000, 1'000'000);

/// Messages of `payload_bytes` as peers send them: one payload to kNeighbors receivers.
std::vector<WireMessage> messages_of(std::int64_t payload_bytes, int count) {
  std::vector<WireMessage> messages;
  Buffer payload;
  for (int i = 0; i < count; ++i) {
    const PeerId from = i / kNeighbors;
    if (i % kNeighbors == 0) {
      payload = Buffer::copy_of(std::vector<std::byte>(static_cast<std::size_t>(payload_bytes),
                                                       static_cast<std::byte>(from)));
    }
    const Envelope envelope{.from = from,
                            .to = from + 1 + i % kNeighbors,
                            .round = 1,
                            .sequence = static_cast<std::uint64_t>(1 + i % kNeighbors)};
    messages.push_back({envelope, payload});
  }
  return messages;
}

/// Arguments: bytes of a payload (of 16 numbers, of lenet5), messages in a batch.
void payloads(benchmark::internal::Benchmark* bench) {
  bench->ArgNames({"bytes", "messages"})->Args({64, 1024})->Args({148'424, 64});
}

void batch_encode(benchmark::State& state) {
  const auto messages = messages_of(state.range(0), static_cast<int>(state.range(1)));
  BatchCodec codec(kRun);
  for (auto batch : state) benchmark::DoNotOptimize(codec.encode(messages));
  state.SetItemsProcessed(state.iterations() * state.range(1));
}
BENCHMARK(batch_encode)->Apply(payloads);

/// Of frames whose digests are known, as they are inside one process.
void batch_decode(benchmark::State& state) {
  BatchCodec codec(kRun);
  const Frames frames = codec.encode(messages_of(state.range(0), static_cast<int>(state.range(1))));
  for (auto batch : state) benchmark::DoNotOptimize(codec.decode(frames));
  state.SetItemsProcessed(state.iterations() * state.range(1));
}
BENCHMARK(batch_decode)->Apply(payloads);

/// A message from post to take, batched with others, over an inproc socket.
void link_post_take(benchmark::State& state) {
  FramePipe pipe = std::move(make_zmq_pipes(TransportKind::kInproc, 1).front());
  LinkSender sender(std::move(pipe.sender), kRun);
  LinkReceiver receiver(std::move(pipe.receiver), kRun);
  const auto messages = messages_of(state.range(0), static_cast<int>(state.range(1)));
  std::vector<Ticket> tickets(messages.size());
  for (auto burst : state) {
    for (const WireMessage& message : messages) sender.post(message.envelope, message.payload);
    sender.flush();
    for (std::size_t i = 0; i < messages.size(); ++i) {
      const WireMessage& message = messages[i];
      tickets[i] =
          receiver.expect(message.envelope.from, message.envelope.sequence,
                          {.payload_bytes = static_cast<std::uint32_t>(message.payload.size())});
    }
    for (const Ticket ticket : tickets) benchmark::DoNotOptimize(receiver.take(ticket));
  }
  state.SetItemsProcessed(state.iterations() * state.range(1));
}
BENCHMARK(link_post_take)->Apply(payloads);

/// Gossip averaging: a linear combination of state.range(1) models, the own one included,
/// of state.range(0) parameters. Bytes: every model read once, the result written once.
void mixing_average(benchmark::State& state) {
  const auto size = static_cast<std::size_t>(state.range(0));
  const auto inputs = static_cast<std::size_t>(state.range(1));
  Rng rng(1);
  std::vector<ModelBuffer> models;
  std::vector<WeightedVector> terms;
  for (std::size_t i = 0; i < inputs; ++i) {
    models.push_back(ModelBuffer::uninitialized(size));
    for (float& value : models.back().writable()) value = static_cast<float>(rng.uniform());
    terms.push_back({1.0F / static_cast<float>(inputs), models.back().values()});
  }
  ModelBuffer result = ModelBuffer::uninitialized(size);
  for (auto average : state) {
    linear_combination(terms, result.writable());
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(state.iterations() *
                          static_cast<std::int64_t>((inputs + 1) * size * sizeof(float)));
}
BENCHMARK(mixing_average)
    ->ArgNames({"parameters", "models"})
    ->Args({37'106, 3})
    ->Args({1'000'000, 32});

}  // namespace
}  // namespace hearsay

BENCHMARK_MAIN();
