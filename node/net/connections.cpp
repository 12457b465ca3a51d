#include "node/net/connections.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

namespace hearsay {
namespace {

// Whether the other end has not hung up, or not before it sent what nobody read.
bool is_left_alive(int descriptor) {
  char byte = 0;
  const ssize_t size = recv(descriptor, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return size > 0 || (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK));
}

}  // namespace

Connections::~Connections() {
  for (const auto& [descriptor, connection] : connections_) {
    if (connection.copy >= 0) close(connection.copy);
  }
}

void Connections::accept(int descriptor) {
  const auto former = connections_.find(descriptor);
  const bool is_doubtful = former != connections_.end() && former->second.id.empty();
  connections_[descriptor] = {.is_doubtful = is_doubtful};
}

std::optional<int> Connections::end(int descriptor, bool is_explained) {
  const auto found = connections_.find(descriptor);
  if (found == connections_.end() || !found->second.is_open) return std::nullopt;
  Connection& connection = found->second;
  std::optional<int> cut;
  connection.is_open = false;
  if (connection.copy >= 0) {
    if (connection.is_confirmed && !is_explained && is_left_alive(connection.copy)) {
      cut = connection.process;
    }
    close(connection.copy);
    connection.copy = -1;
  }
  descriptor_of_.erase(connection.id);
  return cut;
}

void Connections::hear(const std::string& id, int descriptor, int process) {
  descriptor_of_[id] = descriptor;
  const auto found = connections_.find(descriptor);
  if (found == connections_.end()) return;
  Connection& connection = found->second;
  if (!connection.is_open || connection.is_doubtful || !connection.id.empty()) return;
  connection.id = id;
  connection.process = process;
  connection.copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
}

void Connections::confirm(const std::string& id) {
  const auto descriptor = descriptor_of_.find(id);
  if (descriptor == descriptor_of_.end()) return;
  const auto found = connections_.find(descriptor->second);
  if (found != connections_.end() && found->second.id == id) found->second.is_confirmed = true;
}

}  // namespace hearsay
