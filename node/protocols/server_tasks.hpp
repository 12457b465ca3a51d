#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "node/protocols/protocol.hpp"
#include "topologies/graph.hpp"

/// What protocols with a server have in common. The server's neighbors are its clients. It
/// gives each of them tasks; a client (server_client.hpp) trains what it is given and sends
/// the result back.
///
///   server -> client  kModel    round: how many models the server had made before this one;
///                               data: a TaskNote
///   client -> server  kTrained  the model after training; round: as in the task; data: the
///                               task's id and the client's clock
///   client -> server  kHello    nothing is under way at the client, as far as it knows; data:
///                               its clock
///   client -> server  kGoodbye  it leaves; data: its clock
///   server -> client  kPong     its hello was heard, and it owes the server nothing
///   server -> client  kHello    the server is back and believes the client to be away
///
/// Messages may overtake each other: what a client said last, by its clock, holds.

namespace hearsay {

/// What a task says beside the model.
struct TaskNote {
  std::int64_t id = 0;     ///< Ascends, even if the server has lost its state in between.
  std::int32_t steps = 0;  ///< Local steps; 0: as the scenario says.
  bool is_last = false;    ///< There is nothing to train any more: this is the final model.
};

Buffer pack_note(const TaskNote& note);
bool unpack_note(const Buffer& data, TaskNote& note);

/// What a server is to give a client.
struct ClientTask {
  ModelBuffer model;
  int version = 0;  ///< Models that the server had made before.
  int steps = 0;
  bool is_last = false;
};

/// What a server knows of one client.
struct ClientRecord {
  enum class State : std::uint8_t {
    kFree,      ///< Has no task.
    kWorking,   ///< Has one and has not answered it.
    kAnswered,  ///< Has answered it; the server owes the next one.
  };

  PeerId id = 0;
  bool is_absent = false;  ///< Has left, or is not there yet.
  State state = State::kFree;
  std::int64_t task = 0;     ///< Its last task.
  std::int32_t version = 0;  ///< What that started from.
  ModelBuffer model;
  std::int64_t said_at = kNever;  ///< When it sent its last word that counted, on its clock.

  static constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::min();

  void persist(Archive& archive) { archive(is_absent, state, task, version, model, said_at); }
};

/// A server's clients and what they are at.
class TaskBook {
 public:
  explicit TaskBook(const PeerView& view);

  std::span<ClientRecord> clients() { return clients_; }  ///< Ascending by id.
  std::span<const ClientRecord> clients() const { return clients_; }

  /// Null if it is no client.
  ClientRecord* find(PeerId id);

  /// All tasks are void, as after the server's restart. To those believed away says hello.
  void start_again(Effects& effects);

  /// Sends a task; an earlier one of this client is void.
  void give(ClientRecord& client, const ClientTask& task, Effects& effects);

  /// Sends the final model to all clients, also to those believed away: they may have come
  /// back meanwhile.
  void give_last(const ModelBuffer& model, int version, Effects& effects);

  /// Takes a kTrained. If accepted, it answers the client's task, which started from
  /// client.model, and the client is there, even if an older goodbye came meanwhile. Refused
  /// is what was never asked for or has been answered; late is what answers a task that is
  /// void. Nothing changes then.
  static Reception accept(ClientRecord& client, const Message& message);

  /// Takes a kHello or a kGoodbye, after which the client has no task. Late if the client has
  /// said something since; nothing changes then.
  static Reception note(ClientRecord& client, const Message& message);

  void answer_hello(const ClientRecord& client, Effects& effects) const;

  /// Clients that work, ascending; if none does, all.
  std::vector<PeerId> awaited() const;

  void persist(Archive& archive) { archive(last_task_, clients_); }

 private:
  std::int64_t last_task_ = 0;
  std::vector<ClientRecord> clients_;
};

/// Why `server` cannot serve all other peers of the graph: a message such as "peer 3 is no
/// neighbor of the server 0: ..."; nothing if it can.
std::optional<std::string> unfit_for_server(PeerId server, const Graph& graph);

}  // namespace hearsay
