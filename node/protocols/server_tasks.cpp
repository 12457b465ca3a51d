#include "node/protocols/server_tasks.hpp"

#include <algorithm>

#include "node/protocols/message_data.hpp"

namespace hearsay {

Buffer pack_note(const TaskNote& note) { return pack(note.id, note.steps, note.is_last); }

bool unpack_note(const Buffer& data, TaskNote& note) {
  return unpack(data, note.id, note.steps, note.is_last) && note.steps >= 0;
}

TaskBook::TaskBook(const PeerView& view) : clients_(view.neighbors.size()) {
  for (std::size_t k = 0; k < clients_.size(); ++k) {
    clients_[k].id = view.neighbors[k];
    clients_[k].is_absent = std::ranges::binary_search(view.absent, view.neighbors[k]);
  }
}

ClientRecord* TaskBook::find(PeerId id) {
  const auto found = std::ranges::lower_bound(clients_, id, {}, &ClientRecord::id);
  return found != clients_.end() && found->id == id ? &*found : nullptr;
}

void TaskBook::start_again(Effects& effects) {
  for (ClientRecord& client : clients_) {
    client.state = ClientRecord::State::kFree;
    client.model = {};
    if (!client.is_absent) continue;
    effects.sends.push_back({.to = client.id, .kind = MessageKind::kHello, .model = {}});
  }
}

void TaskBook::give(ClientRecord& client, const ClientTask& task, Effects& effects) {
  // The clock outlives the server's state.
  last_task_ = std::max(last_task_ + 1, effects.now.nanoseconds);
  client.state = task.is_last ? ClientRecord::State::kFree : ClientRecord::State::kWorking;
  client.task = last_task_;
  client.version = task.version;
  client.model = task.is_last ? ModelBuffer{} : task.model;
  effects.sends.push_back(
      {.to = client.id,
       .kind = MessageKind::kModel,
       .round = task.version,
       .model = task.model,
       .data = pack_note({.id = last_task_, .steps = task.steps, .is_last = task.is_last})});
}

void TaskBook::give_last(const ModelBuffer& model, int version, Effects& effects) {
  for (ClientRecord& client : clients_) {
    give(client, {.model = model, .version = version, .is_last = true}, effects);
  }
}

Reception TaskBook::accept(ClientRecord& client, const Message& message) {
  std::int64_t id = 0;
  std::int64_t said_at = 0;
  if (!unpack(message.data, id, said_at) || id > client.task) return Reception::kRefused;
  if (id < client.task) return Reception::kLate;
  const bool was_thought_away = client.is_absent && said_at > client.said_at;
  const bool is_open = client.state == ClientRecord::State::kWorking || was_thought_away;
  if (!is_open || message.round != client.version || message.model.size() != client.model.size()) {
    return Reception::kRefused;
  }
  client.is_absent = false;
  client.said_at = std::max(client.said_at, said_at);
  client.state = ClientRecord::State::kAnswered;
  return Reception::kAccepted;
}

Reception TaskBook::note(ClientRecord& client, const Message& message) {
  std::int64_t said_at = 0;
  if (!unpack(message.data, said_at)) return Reception::kRefused;
  if (said_at <= client.said_at) return Reception::kLate;
  client.said_at = said_at;
  client.is_absent = message.kind == MessageKind::kGoodbye;
  if (client.is_absent || client.state == ClientRecord::State::kWorking) {
    client.state = ClientRecord::State::kFree;
  }
  return Reception::kAccepted;
}

void TaskBook::answer_hello(const ClientRecord& client, Effects& effects) const {
  effects.sends.push_back({.to = client.id, .kind = MessageKind::kPong, .model = {}});
}

std::vector<PeerId> TaskBook::awaited() const {
  std::vector<PeerId> working;
  std::vector<PeerId> all;
  for (const ClientRecord& client : clients_) {
    all.push_back(client.id);
    if (client.state == ClientRecord::State::kWorking) working.push_back(client.id);
  }
  return working.empty() ? all : working;
}

std::optional<std::string> unfit_for_server(PeerId server, const Graph& graph) {
  const int n = graph.num_peers();
  if (server >= n) {
    return "server " + std::to_string(server) + " is no peer: choose 0 to " + std::to_string(n - 1);
  }
  if (n == 1) return "a server needs clients, got 1 peer: use at least 2, or protocol local";
  const std::span<const PeerId> clients = graph.neighbors(server);
  PeerId next = 0;
  for (const PeerId client : clients) {
    if (next == server) ++next;
    if (client != next) break;
    ++next;
  }
  if (static_cast<int>(clients.size()) == n - 1) return std::nullopt;
  if (next == server) ++next;
  return "peer " + std::to_string(next) + " is no neighbor of the server " +
         std::to_string(server) + ": use topology star with server 0, or complete";
}

}  // namespace hearsay
