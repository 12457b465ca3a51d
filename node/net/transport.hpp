#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "node/net/batch.hpp"

namespace hearsay {

/// How frames travel between two ends in one process.
enum class TransportKind { kInproc, kIpc, kTcp };

/// The name on the command line: inproc, ipc or tcp.
std::string_view name_of(TransportKind kind);

/// Version of the ZeroMQ library in use, e.g. "4.3.4".
std::string zmq_version();

/// Puts multipart messages on the wire. Used by one thread at a time.
class FrameSender {
 public:
  virtual ~FrameSender() = default;

  /// Never blocks: nothing limits what is under way. The frames' memory is shared with
  /// the socket until it has been sent, not copied.
  virtual void send(Frames frames) = 0;
};

/// Takes multipart messages off the wire. Used by one thread at a time.
class FrameReceiver {
 public:
  virtual ~FrameReceiver() = default;

  /// The next multipart message, in the order of sending; blocks until there is one.
  /// @throws std::runtime_error if none comes within a minute.
  virtual Frames receive() = 0;
};

/// The two ends of one connection; they may live on different threads.
struct FramePipe {
  std::unique_ptr<FrameSender> sender;
  std::unique_ptr<FrameReceiver> receiver;
};

/// `count` connections of a ZeroMQ DEALER to a ROUTER in this process, over inproc, a
/// Unix socket in the temporary directory, or TCP on a free port of the loopback
/// interface. They share one ZeroMQ context, which lives as long as any end does.
/// @throws std::runtime_error if an endpoint cannot be bound.
std::vector<FramePipe> make_zmq_pipes(TransportKind kind, int count);

}  // namespace hearsay
