#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "node/base/archive.hpp"
#include "node/base/buffer.hpp"
#include "node/base/curvature.hpp"
#include "node/base/model_buffer.hpp"
#include "node/base/peer_id.hpp"
#include "node/base/rng.hpp"
#include "node/base/time.hpp"

namespace hearsay {

struct GossipPlan;
class LinkSchedule;

/// What a message is for. Part of the wire format: never renumber.
enum class MessageKind : std::uint8_t {
  kModel = 1,       ///< A model for the receiver to aggregate, or to train from.
  kHello = 2,       ///< The sender is there, for the first time or again. No model.
  kGoodbye = 3,     ///< The sender leaves. No model.
  kTrained = 4,     ///< A model after local training, for one who aggregates those of many.
  kTracker = 5,     ///< A vector beside the model, such as a gradient tracker.
  kRequest = 6,     ///< Asks for the receiver's model. No model.
  kPing = 7,        ///< Asks whether the receiver is there. No model.
  kPong = 8,        ///< It is. No model.
  kMembership = 9,  ///< News of who is there. No model.
};

constexpr bool carries_model(MessageKind kind) {
  return kind == MessageKind::kModel || kind == MessageKind::kTrained ||
         kind == MessageKind::kTracker;
}

/// A message as a protocol sends and receives it; the codec and the network lie between.
struct Message {
  PeerId from = 0;
  PeerId to = 0;
  MessageKind kind = MessageKind::kModel;
  int round = 0;  ///< The sender's round.
  ModelBuffer model;
  Buffer data{};  ///< What else the protocol has to say (message_data.hpp); may be null.

  void persist(Archive& archive) { archive(from, to, kind, round, model, data); }
};

/// What a protocol did with a message.
enum class Reception : std::uint8_t {
  kAccepted,
  kLate,     ///< It was in order once, and of no use any more.
  kRefused,  ///< Not from a neighbor, out of range, a duplicate.
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

/// Local training to be done.
struct TrainRequest {
  ModelBuffer model;
  int steps = 0;  ///< Local steps; 0: as many as the scenario says for a round.
};

/// A finished round, for the record. Where peers share no rounds: a new model of the peer,
/// and how many it has had.
struct RoundReport {
  int round = 0;      ///< 1 after the first round; never less than before.
  ModelBuffer model;  ///< After aggregation.
};

/// A wish to be called after `delay` of the peer's own clock. Timers cannot be cancelled:
/// a protocol ignores those whose `id` no longer means anything.
struct TimerRequest {
  SimTime delay;
  std::uint64_t id = 0;
};

/// What a protocol wants done. The runtime executes the fields in the order in which
/// they stand here and hands over an empty object at the next call.
struct Effects {
  SimTime now;  ///< Set by the runtime: what the peer's clock shows.

  std::optional<RoundReport> completed;
  std::vector<Message> sends;  ///< `from` is filled in by the runtime.
  std::vector<TimerRequest> timers;
  bool stop_training = false;         ///< Give up the training under way, if there is one.
  std::optional<TrainRequest> train;  ///< Answered by on_trained.
  std::optional<AggregationRequest> aggregate;  ///< Answered by on_aggregated.
  bool finished = false;                        ///< This peer has done all it had to do.
};

/// What a peer knows at first: its neighbors, ascending, and their mixing weights in
/// parallel. The spans live during construction of the protocol.
struct PeerView {
  PeerId self = 0;
  std::span<const PeerId> neighbors;
  std::span<const double> weights;
  double self_weight = 1.0;
  std::span<const PeerId> absent{};  ///< Neighbors that are not there yet, ascending.
  bool keep_previous = false;        ///< The aggregator asks for the model before training.
  Rng rng{0};                        ///< For this object's draws.

  /// Who sends to whom in which round, if the topology varies in time; the neighbors are
  /// those of all rounds. Outlives the protocol.
  const LinkSchedule* schedule = nullptr;

  /// How often links are used, for protocols that have a plan_of(). Outlives the protocol.
  const GossipPlan* plan = nullptr;

  /// Of all peers' lr f_i, if it is known and a training is one plain gradient step.
  std::optional<Curvature> curvature{};
};

/// How a peer comes to start.
enum class StartKind : std::uint8_t {
  kTogether,   ///< At the beginning, with all that are present then.
  kJoined,     ///< Later, with nothing but its initial model.
  kRestarted,  ///< After a crash: with the model of its last completed round, and with what
               ///< the protocol knew then; what it was doing or had just heard is lost.
};

/// Who trains, sends and aggregates when: one peer's event-driven state machine. It
/// holds no clock, socket, thread or tensor library, so that the same object runs in
/// virtual and in wall-clock time. The runtime calls it from one thread, one call at a
/// time. A peer has at most one training and one aggregation outstanding. All that a
/// message brings may come from a faulty peer: refuse what does not fit.
///
/// Options of a protocol, beside kKind and kSummary, say
///   static constexpr bool kCommonRounds   whether all peers that live go through the same
///                                         rounds, so that these can be evaluated;
///   int rounds                            of every peer; 0, where there are no common
///                                         rounds: until the scenario's end.
class Protocol {
 public:
  virtual ~Protocol() = default;

  /// The peer starts from `model`. Called first of all, and again after a restart.
  virtual void on_start(ModelBuffer model, StartKind how, Effects& effects) = 0;

  /// A message has arrived. Only delivered to the peer it is addressed to, and with a
  /// model if and only if its kind has one; a sender that is no neighbor, a round out of
  /// range or a duplicate is for the protocol to refuse.
  [[nodiscard]] virtual Reception on_message(Message message, Effects& effects) = 0;

  /// The training asked for is done; `loss` is its mean loss.
  virtual void on_trained(ModelBuffer model, double loss, Effects& effects) = 0;

  /// The aggregation asked for is done.
  virtual void on_aggregated(ModelBuffer model, Effects& effects) = 0;

  /// A timer has gone off.
  virtual void on_timer(std::uint64_t id, Effects& effects) = 0;

  /// The peer is about to leave for good: the last chance to tell others.
  virtual void on_leave(Effects& effects) = 0;

  /// Peers whose messages this one waits for, ascending; empty if it waits for none.
  virtual std::vector<PeerId> waiting_for() const = 0;

  /// Saves or restores all that changes after construction.
  virtual void persist(Archive& archive) = 0;
};

}  // namespace hearsay
