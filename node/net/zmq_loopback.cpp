#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <utility>

#include <zmq.hpp>

#include "node/net/transport.hpp"

namespace hearsay {
namespace {

constexpr int kReceiveTimeoutMs = 60'000;

// ZeroMQ calls this from its own thread when a frame is no longer needed.
void release_buffer(void*, void* hint) { Buffer::reclaim(hint); }
void release_message(void* hint) { delete static_cast<zmq::message_t*>(hint); }

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

class ZmqLoopback final : public Transport {
 public:
  explicit ZmqLoopback(TransportKind kind)
      : context_(kind == TransportKind::kInproc ? 0 : 1),
        receiver_(context_, zmq::socket_type::router),
        sender_(context_, zmq::socket_type::dealer) {
    for (zmq::socket_t* const socket : {&receiver_, &sender_}) {
      socket->set(zmq::sockopt::rcvhwm, 0);
      socket->set(zmq::sockopt::sndhwm, 0);
      socket->set(zmq::sockopt::linger, 0);
    }
    receiver_.set(zmq::sockopt::rcvtimeo, kReceiveTimeoutMs);
    receiver_.bind(bind_endpoint(kind));
    sender_.connect(receiver_.get(zmq::sockopt::last_endpoint));
  }

  ~ZmqLoopback() override {
    if (!socket_path_.empty()) {
      std::error_code ignored;
      std::filesystem::remove(socket_path_, ignored);
    }
  }

  void send(Frames frames) override {
    for (std::size_t i = 0; i < frames.size(); ++i) {
      const bool last = i + 1 == frames.size();
      sender_.send(to_message(std::move(frames[i])),
                   last ? zmq::send_flags::none : zmq::send_flags::sndmore);
    }
  }

  Frames receive() override {
    zmq::message_t identity;
    if (!receiver_.recv(identity)) throw std::runtime_error("no message within a minute");
    Frames frames;
    bool more = true;
    while (more) {
      zmq::message_t message;
      if (!receiver_.recv(message)) throw std::runtime_error("a message was cut short");
      more = message.more();
      frames.push_back(to_buffer(std::move(message)));
    }
    return frames;
  }

 private:
  std::string bind_endpoint(TransportKind kind) {
    switch (kind) {
      case TransportKind::kInproc:
        return "inproc://hearsay";
      case TransportKind::kIpc: {
        static std::uint64_t count = 0;
        const std::string name =
            "hearsay-" + std::to_string(::getpid()) + "-" + std::to_string(count++) + ".sock";
        socket_path_ = std::filesystem::temp_directory_path() / name;
        return "ipc://" + socket_path_.string();
      }
      case TransportKind::kTcp:
        return "tcp://127.0.0.1:*";
    }
    return {};
  }

  std::filesystem::path socket_path_;
  zmq::context_t context_;
  zmq::socket_t receiver_;
  zmq::socket_t sender_;
};

}  // namespace

std::string_view name_of(TransportKind kind) {
  switch (kind) {
    case TransportKind::kInproc:
      return "inproc";
    case TransportKind::kIpc:
      return "ipc";
    case TransportKind::kTcp:
      return "tcp";
  }
  return {};
}

std::string zmq_version() {
  const auto [major, minor, patch] = zmq::version();
  return std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(patch);
}

std::unique_ptr<Transport> make_zmq_loopback(TransportKind kind) {
  return std::make_unique<ZmqLoopback>(kind);
}

}  // namespace hearsay
