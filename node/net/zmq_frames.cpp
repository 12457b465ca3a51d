#include "node/net/zmq_frames.hpp"

#include <cstdint>
#include <utility>

namespace hearsay {
namespace {

// ZeroMQ calls this from its own thread when a frame is no longer needed.
void release_buffer(void*, void* hint) { Buffer::reclaim(hint); }
// ZeroMQ reads up to so many bytes at once; what is not larger lies in its object, or within such
// a block, and would keep all of it.
constexpr std::size_t kReceiveBlock = 8192;

void release_message(void* hint) { delete static_cast<zmq::message_t*>(hint); }

}  // namespace

zmq::message_t to_message(Buffer frame) {
  const std::span<const std::byte> bytes = frame.bytes();
  if (bytes.empty()) return zmq::message_t();
  // ZeroMQ takes a mutable pointer but never writes to a message it sends.
  void* const data = const_cast<std::byte*>(bytes.data());
  return zmq::message_t(data, bytes.size(), release_buffer, std::move(frame).detach());
}

Buffer to_buffer(zmq::message_t message) {
  const std::span bytes(static_cast<const std::byte*>(message.data()), message.size());
  const bool is_aligned = reinterpret_cast<std::uintptr_t>(bytes.data()) % alignof(float) == 0;
  if (bytes.size() <= kReceiveBlock || !is_aligned) {
    return Buffer::copy_of(bytes);
  }
  return Buffer::adopt(bytes, release_message, new zmq::message_t(std::move(message)));
}

bool send_frames(zmq::socket_t& socket, Frames frames) {
  // Once the first frame is taken the others are too.
  for (std::size_t i = 0; i < frames.size(); ++i) {
    const zmq::send_flags more =
        i + 1 < frames.size() ? zmq::send_flags::sndmore : zmq::send_flags::none;
    if (!socket.send(to_message(std::move(frames[i])), more | zmq::send_flags::dontwait)) {
      return false;
    }
  }
  return true;
}

}  // namespace hearsay
