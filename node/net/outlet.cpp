#include "node/net/outlet.hpp"

#include <cstring>
#include <utility>

#include "node/net/zmq_frames.hpp"

namespace hearsay {
namespace {

constexpr int kFirstReconnectMs = 50;
constexpr int kLastReconnectMs = 2'000;
constexpr int kLingerMs = 1'000;

std::size_t size_of(const Frames& frames) {
  std::size_t bytes = LinkFrame::kBytes;
  for (const Buffer& frame : frames) bytes += frame.size();
  return bytes;
}

}  // namespace

bool Outlet::connect(const std::string& address) {
  try {
    if (!socket_) {
      zmq::socket_t socket(*context_, zmq::socket_type::dealer);
      socket.set(zmq::sockopt::sndhwm, 0);
      socket.set(zmq::sockopt::linger, kLingerMs);
      socket.set(zmq::sockopt::reconnect_ivl, kFirstReconnectMs);
      socket.set(zmq::sockopt::reconnect_ivl_max, kLastReconnectMs);
      // All that comes back is credits.
      socket.set(zmq::sockopt::maxmsgsize, std::int64_t{1024});
      if (!keys_.secret_key.empty()) {
        socket.set(zmq::sockopt::curve_publickey, keys_.public_key);
        socket.set(zmq::sockopt::curve_secretkey, keys_.secret_key);
        socket.set(zmq::sockopt::curve_serverkey, keys_.server_key);
      }
      socket.connect(address);
      socket_ = std::move(socket);
    } else {
      socket_->connect(address);
      socket_->disconnect(address_);
    }
  } catch (const zmq::error_t&) {
    return false;
  }
  address_ = address;
  return true;
}

int Outlet::push(const LinkFrame& link, Frames frames) {
  const std::size_t bytes = size_of(frames);
  int dropped = 0;
  while (!queue_.empty() && queued_ + bytes > queue_bytes_) {
    queued_ -= queue_.front().bytes;
    queue_.pop_front();
    ++dropped;
  }
  queue_.push_back({link, std::move(frames), bytes});
  queued_ += bytes;
  return dropped;
}

std::size_t Outlet::flush() {
  std::size_t flushed = 0;
  while (socket_ && !queue_.empty()) {
    Parcel& next = queue_.front();
    // One parcel may always go, however large it is.
    if (sent_ != granted_ && sent_ - granted_ + next.bytes > window_bytes_) break;
    sent_ += next.bytes;
    queued_ -= next.bytes;
    flushed += next.bytes;
    send_now(next.link, std::move(next.frames));
    queue_.pop_front();
  }
  return flushed;
}

void Outlet::send_now(LinkFrame link, Frames frames) {
  if (!socket_) return;
  link.position = sent_;
  frames.insert(frames.begin(), encode_link_frame(link));
  send_frames(*socket_, std::move(frames));
}

void Outlet::take_credits() {
  zmq::message_t message;
  while (socket_ && socket_->recv(message, zmq::recv_flags::dontwait)) {
    std::uint64_t position = 0;
    if (message.more() || message.size() != sizeof(position)) continue;
    std::memcpy(&position, message.data(), sizeof(position));
    if (position > granted_ && position <= sent_) granted_ = position;
  }
}

}  // namespace hearsay
