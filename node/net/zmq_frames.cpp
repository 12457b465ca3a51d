#include "node/net/zmq_frames.hpp"

#include <cstdint>
#include <utility>

namespace hearsay {
namespace {

// ZeroMQ calls this from its own thread when a frame is no longer needed.
void release_buffer(void*, void* hint) { Buffer::reclaim(hint); }
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
  if (bytes.empty()) return Buffer::allocate(0);
  if (reinterpret_cast<std::uintptr_t>(bytes.data()) % 64 != 0) return Buffer::copy_of(bytes);
  // A message of ZeroMQ's own small-message kind would move with its object.
  auto* const owner = new zmq::message_t(std::move(message));
  if (owner->data() != bytes.data()) {
    Buffer copy = Buffer::copy_of({static_cast<const std::byte*>(owner->data()), owner->size()});
    delete owner;
    return copy;
  }
  return Buffer::adopt(bytes, release_message, owner);
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
