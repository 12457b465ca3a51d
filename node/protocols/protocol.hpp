#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "node/base/model_buffer.hpp"
#include "node/base/peer_id.hpp"
#include "node/base/time.hpp"

namespace hearsay {

/// What a message is for. Part of the wire format: never renumber.
enum class MessageKind : std::uint8_t {
  kModel = 1,  ///< A model for the receiver to aggregate.
};

/// A message as a protocol sends and receives it; the codec and the network lie between.
struct Message {
  PeerId from = 0;
  PeerId to = 0;
  MessageKind kind = MessageKind::kModel;
  int round = 0;  ///< The sender's round.
  ModelBuffer model;
};

/// A model to combine, and where it came from.
struct HeardModel {
  PeerId sender = 0;
  double weight = 0.0;
  int round = 0;
  ModelBuffer model;
};

/// What the aggregator is to combine; `received` ascending by sender.
struct AggregationRequest {
  int round = 0;
  double own_weight = 0.0;
  ModelBuffer own;
  ModelBuffer previous;  ///< Empty unless PeerView::keep_previous.
  std::vector<HeardModel> received;
};

/// A finished round, for the record.
struct RoundReport {
  int round = 0;      ///< 1 after the first round.
  ModelBuffer model;  ///< After aggregation.
};

/// What a protocol wants done. The runtime executes the fields in the order in which
/// they stand here and hands over an empty object at the next call.
struct Effects {
  std::optional<RoundReport> completed;
  std::vector<Message> sends;                   ///< `from` is filled in by the runtime.
  std::optional<ModelBuffer> train;             ///< One round's local training of this model.
  std::optional<AggregationRequest> aggregate;  ///< Answered by on_aggregated.
  bool finished = false;                        ///< This peer has done all it had to do.
};

/// What a peer knows of the network: its neighbors, ascending, and their mixing weights
/// in parallel. The spans live during construction of the protocol.
struct PeerView {
  PeerId self = 0;
  std::span<const PeerId> neighbors;
  std::span<const double> weights;
  double self_weight = 1.0;
  bool keep_previous = false;  ///< The aggregator asks for the model before training.
};

/// Who trains, sends and aggregates when: one peer's event-driven state machine. It
/// holds no clock, socket, thread or tensor library, so that the same object runs in
/// virtual and in wall-clock time. The runtime calls it from one thread, one call at a
/// time. A peer has at most one training and one aggregation outstanding.
class Protocol {
 public:
  virtual ~Protocol() = default;

  /// Called once, with the peer's initial model.
  virtual void on_start(ModelBuffer model, Effects& effects) = 0;

  /// A message has arrived. Only delivered to the peer it is addressed to; a sender that
  /// is no neighbor, a round out of range or a duplicate is for the protocol to refuse:
  /// it returns false, the runtime counts and records it.
  [[nodiscard]] virtual bool on_message(Message message, Effects& effects) = 0;

  /// The training asked for is done; `loss` is its mean loss.
  virtual void on_trained(ModelBuffer model, double loss, Effects& effects) = 0;

  /// The aggregation asked for is done.
  virtual void on_aggregated(ModelBuffer model, Effects& effects) = 0;

  /// Peers whose messages this one waits for, ascending; empty if it waits for none.
  virtual std::vector<PeerId> waiting_for() const = 0;
};

}  // namespace hearsay
