#pragma once

#include <cstdint>
#include <optional>

#include "node/base/time.hpp"
#include "node/net/batch.hpp"
#include "node/protocols/protocol.hpp"
#include "node/runtime/counters.hpp"

namespace hearsay {

struct SimulationWorld;

/// What peers do whatever clock they live by, such as to put messages into words and take them
/// apart; aggregation.hpp has more. Shared by the simulation's loops and by hosts of a deployment.

/// Puts messages into the form in which they travel. Neighbors get one model in turn: it is
/// encoded once. Used by one thread.
class MessageEncoder {
 public:
  /// The world outlives it.
  explicit MessageEncoder(const SimulationWorld& world) : world_(world) {}

  /// REQUIRES: a model, if and only if the kind carries one.
  WireMessage encode(Message message, std::uint64_t sequence);

 private:
  const SimulationWorld& world_;
  ModelBuffer last_model_;  ///< With its payload.
  Buffer last_payload_;
  Buffer no_payload_ = Buffer::allocate(0);
};

/// Undoes encode(); nothing if the contents are not what the envelope says they are, or no
/// model of this run.
std::optional<Message> decode_message(const SimulationWorld& world, WireMessage message);

/// Counts the models of a request, and how far they lag behind.
void count_heard(PeerCounters& counters, const AggregationRequest& request);

/// What the compute model says that an aggregation takes; `nth` and `trainings` count those that
/// peer `id` began before. A rule that tries models is taken to try all that it gets: how many it
/// does try is known only when it has. Steps of training measure what that takes.
SimTime aggregation_time(const SimulationWorld& world, PeerId id, std::uint64_t nth,
                         std::uint64_t trainings, const AggregationRequest& request);

/// Local steps that a training of peer `id` takes at `now`.
int steps_of(const SimulationWorld& world, PeerId id, SimTime now, const TrainRequest& request);

}  // namespace hearsay
