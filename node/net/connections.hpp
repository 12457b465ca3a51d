#pragma once

#include <map>
#include <optional>
#include <string>

namespace hearsay {

/// Tells which of a socket's incoming connections this end has cut, and whose they were.
/// ZeroMQ cuts a connection that announces a frame beyond the bound and says no more than that
/// some descriptor was closed. So a duplicate of each connection's descriptor is kept: where the
/// other end is still there, or has bytes that nobody read, it was not the one that hung up.
///
/// Descriptors are used again, and what the monitor tells is not ordered with the messages. In
/// doubt nothing is said. Not for concurrent use.
class Connections {
 public:
  Connections() = default;
  ~Connections();
  Connections(const Connections&) = delete;
  Connections& operator=(const Connections&) = delete;

  /// As the monitor tells: a connection was accepted; it has ended. `is_explained`: the
  /// monitor has just told why.
  void accept(int descriptor);
  /// @returns the process that it belonged to, if this end cut it for a reason not told.
  std::optional<int> end(int descriptor, bool is_explained);

  /// Whether messages of this connection, named by its routing id, were heard before.
  bool is_known(const std::string& id) const { return descriptor_of_.contains(id); }

  /// The first message of a connection has come. All that the monitor had to tell must have
  /// been told before, and must be again before confirm(), which says that the descriptor was
  /// still the connection's when it was duplicated.
  void hear(const std::string& id, int descriptor, int process);
  void confirm(const std::string& id);

 private:
  struct Connection {
    bool is_open = true;
    bool is_doubtful = false;  ///< Messages may be of the one that had the descriptor before.
    bool is_confirmed = false;
    std::string id;  ///< Empty: not heard yet.
    int process = -1;
    int copy = -1;
  };

  std::map<int, Connection> connections_;     ///< By descriptor.
  std::map<std::string, int> descriptor_of_;  ///< By routing id.
};

}  // namespace hearsay
