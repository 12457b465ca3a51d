#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "node/net/batch.hpp"

namespace hearsay {

/// How frames travel between the two ends of a run's exchange.
enum class TransportKind { kInproc, kIpc, kTcp };

/// The name on the command line: inproc, ipc or tcp.
std::string_view name_of(TransportKind kind);

/// Carries multipart messages from this process's sending socket to its receiving one.
/// Used by one thread.
class Transport {
 public:
  virtual ~Transport() = default;

  /// Never blocks: nothing limits what is under way. The frames' memory is shared with
  /// the socket until it has been sent, not copied.
  virtual void send(Frames frames) = 0;

  /// The next multipart message, in the order of sending; blocks until there is one.
  /// @throws std::runtime_error if none comes within a minute.
  virtual Frames receive() = 0;
};

/// Version of the ZeroMQ library in use, e.g. "4.3.4".
std::string zmq_version();

/// A ZeroMQ DEALER connected to a ROUTER in this process, over inproc, a Unix socket in
/// the temporary directory, or TCP on a free port of the loopback interface.
/// @throws std::runtime_error if the endpoint cannot be bound.
std::unique_ptr<Transport> make_zmq_loopback(TransportKind kind);

}  // namespace hearsay
