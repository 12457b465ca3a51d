#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include <zmq.hpp>

#include "node/net/link_frame.hpp"

namespace hearsay {

/// How an outlet proves who it is, and knows who answers; all empty where nothing is encrypted.
struct OutletKeys {
  std::string public_key;
  std::string secret_key;
  std::string server_key;  ///< Public key of the process at the other end.
};

/// The sending half of an Endpoint towards one process: a DEALER, the parcels that wait for
/// credit, and the bytes on the way. Not for concurrent use.
class Outlet {
 public:
  Outlet(zmq::context_t& context, OutletKeys keys, std::size_t window_bytes,
         std::size_t queue_bytes)
      : context_(&context),
        keys_(std::move(keys)),
        window_bytes_(window_bytes),
        queue_bytes_(queue_bytes) {}

  const std::string& address() const { return address_; }

  /// Connects to another address than before. False if it is none.
  bool connect(const std::string& address);

  /// Queues a parcel; `link` is completed when it is sent. Returns how many old ones were
  /// dropped to make room.
  int push(const LinkFrame& link, Frames frames);

  /// Sends what credit allows. Returns the number of bytes sent.
  std::size_t flush();

  /// Sends at once, ahead of what waits and without credit.
  void send_now(LinkFrame link, Frames frames);

  /// Takes the credits that have come.
  void take_credits();

  std::size_t backlog() const { return queued_ + static_cast<std::size_t>(sent_ - granted_); }

  /// The socket, once connected; null before.
  zmq::socket_t* socket() { return socket_ ? &*socket_ : nullptr; }

 private:
  struct Parcel {
    LinkFrame link;
    Frames frames;
    std::size_t bytes = 0;
  };

  zmq::context_t* context_;
  OutletKeys keys_;
  std::size_t window_bytes_;
  std::size_t queue_bytes_;
  std::string address_;
  std::optional<zmq::socket_t> socket_;
  std::deque<Parcel> queue_;
  std::size_t queued_ = 0;     ///< Bytes in it.
  std::uint64_t sent_ = 0;     ///< Bytes handed to the socket so far.
  std::uint64_t granted_ = 0;  ///< Of these, what the other end has taken or will never get.
};

}  // namespace hearsay
