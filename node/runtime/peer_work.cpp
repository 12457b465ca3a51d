#include "node/runtime/peer_work.hpp"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "node/base/check.hpp"
#include "node/runtime/message_payload.hpp"
#include "node/runtime/peer_loop.hpp"

namespace hearsay {
WireMessage MessageEncoder::encode(Message message, std::uint64_t sequence) {
  const bool has_model = carries_model(message.kind);
  HEARSAY_CHECK(has_model == !message.model.empty());
  const bool is_last =
      !last_model_.empty() && last_model_.buffer().shares_with(message.model.buffer());
  if (has_model && !is_last) {
    last_payload_ = world_.codec.encode(message.model);
    last_model_ = std::move(message.model);
  }
  Buffer payload = has_model ? last_payload_ : no_payload_;
  auto kind = static_cast<std::uint32_t>(message.kind);
  if (!message.data.is_null()) {
    payload = join_payload({.model = payload, .data = message.data});
    kind |= kHasData;
  }
  return {.envelope = {.from = message.from,
                       .to = message.to,
                       .round = message.round,
                       .sequence = sequence,
                       .kind = kind,
                       .codec = world_.codec_number},
          .payload = std::move(payload)};
}

std::optional<Message> decode_message(const SimulationWorld& world, WireMessage message) {
  const Envelope& envelope = message.envelope;
  const auto kind = static_cast<MessageKind>(envelope.kind & ~kHasData);
  PayloadParts parts{.model = std::move(message.payload), .data = {}};
  if ((envelope.kind & kHasData) != 0) {
    std::optional<PayloadParts> split = split_payload(parts.model);
    if (!split) return std::nullopt;
    parts = std::move(*split);
  }
  std::optional<ModelBuffer> model = ModelBuffer{};
  if (carries_model(kind)) {
    model = world.codec.decode(parts.model, world.problem.layout());
    if (!model || envelope.codec != world.codec_number) return std::nullopt;
  } else if (parts.model.size() != 0) {
    return std::nullopt;
  }
  return Message{.from = envelope.from,
                 .to = envelope.to,
                 .kind = kind,
                 .round = envelope.round,
                 .model = std::move(*model),
                 .data = std::move(parts.data)};
}

void count_heard(PeerCounters& counters, const AggregationRequest& request) {
  for (const HeardModel& heard : request.received) {
    heard.model.buffer().prefetch();
    const int lag = std::max(0, request.round - heard.round);
    ++counters.models_heard;
    counters.staleness_sum += lag;
    ++counters.staleness[std::min<std::size_t>(static_cast<std::size_t>(lag),
                                               PeerCounters::kStalenessBins - 1)];
  }
}

SimTime aggregation_time(const SimulationWorld& world, PeerId id, std::uint64_t nth,
                         std::uint64_t trainings, const AggregationRequest& request) {
  const SimTime time = world.compute.aggregation_time(id, nth);
  if (!world.trial_steps) return time;
  const double steps = world.trial_steps(id) * static_cast<double>(request.received.size() + 1);
  return time + world.compute.training_time(id, static_cast<int>(std::ceil(steps)), trainings);
}

int steps_of(const SimulationWorld& world, PeerId id, SimTime now, const TrainRequest& request) {
  if (!world.faults.owns_data(id, now)) return 0;
  const int steps = world.problem.steps_per_round(id);
  return steps > 0 && request.steps > 0 ? request.steps : steps;
}

}  // namespace hearsay
