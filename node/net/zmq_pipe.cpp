#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <utility>

#include <zmq.hpp>

#include "node/net/transport.hpp"
#include "node/net/zmq_frames.hpp"

namespace hearsay {
namespace {

constexpr int kReceiveTimeoutMs = 60'000;

using SharedContext = std::shared_ptr<zmq::context_t>;

// A socket without limits on what is queued, dropped at once when closed.
zmq::socket_t make_socket(zmq::context_t& context, zmq::socket_type type) {
  zmq::socket_t socket(context, type);
  socket.set(zmq::sockopt::rcvhwm, 0);
  socket.set(zmq::sockopt::sndhwm, 0);
  socket.set(zmq::sockopt::linger, 0);
  return socket;
}

class ZmqSender final : public FrameSender {
 public:
  ZmqSender(SharedContext context, const std::string& endpoint)
      : context_(std::move(context)), socket_(make_socket(*context_, zmq::socket_type::dealer)) {
    socket_.connect(endpoint);
  }

  void send(Frames frames) override {
    for (std::size_t i = 0; i < frames.size(); ++i) {
      const bool last = i + 1 == frames.size();
      socket_.send(to_message(std::move(frames[i])),
                   last ? zmq::send_flags::none : zmq::send_flags::sndmore);
    }
  }

 private:
  SharedContext context_;
  zmq::socket_t socket_;
};

class ZmqReceiver final : public FrameReceiver {
 public:
  /// `socket_path` is removed at the end if it is not empty.
  ZmqReceiver(SharedContext context, const std::string& endpoint, std::filesystem::path socket_path)
      : context_(std::move(context)),
        socket_(make_socket(*context_, zmq::socket_type::router)),
        socket_path_(std::move(socket_path)) {
    socket_.set(zmq::sockopt::rcvtimeo, kReceiveTimeoutMs);
    socket_.bind(endpoint);
  }

  ~ZmqReceiver() override {
    if (socket_path_.empty()) return;
    std::error_code ignored;
    std::filesystem::remove(socket_path_, ignored);
  }

  std::string endpoint() { return socket_.get(zmq::sockopt::last_endpoint); }

  Frames receive() override {
    zmq::message_t identity;
    if (!receive_part(identity)) throw std::runtime_error("no message within a minute");
    Frames frames;
    bool more = true;
    while (more) {
      zmq::message_t message;
      if (!receive_part(message)) throw std::runtime_error("a message was cut short");
      more = message.more();
      frames.push_back(to_buffer(std::move(message)));
    }
    return frames;
  }

 private:
  // A signal, such as Ctrl-C, interrupts a blocking call; that the run is to stop is seen
  // elsewhere.
  zmq::recv_result_t receive_part(zmq::message_t& message) {
    while (true) {
      try {
        return socket_.recv(message);
      } catch (const zmq::error_t& error) {
        if (error.num() != EINTR) throw;
      }
    }
  }

  SharedContext context_;
  zmq::socket_t socket_;
  std::filesystem::path socket_path_;
};

std::filesystem::path unused_socket_path() {
  static std::atomic<std::uint64_t> count{0};
  const std::string name =
      "hearsay-" + std::to_string(::getpid()) + "-" + std::to_string(count++) + ".sock";
  return std::filesystem::temp_directory_path() / name;
}

FramePipe make_pipe(const SharedContext& context, TransportKind kind, int number) {
  std::string endpoint;
  std::filesystem::path socket_path;
  switch (kind) {
    case TransportKind::kInproc:
      endpoint = "inproc://hearsay-" + std::to_string(number);
      break;
    case TransportKind::kIpc:
      socket_path = unused_socket_path();
      endpoint = "ipc://" + socket_path.string();
      break;
    case TransportKind::kTcp:
      endpoint = "tcp://127.0.0.1:*";
      break;
  }
  auto receiver = std::make_unique<ZmqReceiver>(context, endpoint, std::move(socket_path));
  auto sender = std::make_unique<ZmqSender>(context, receiver->endpoint());
  return {std::move(sender), std::move(receiver)};
}

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

std::vector<FramePipe> make_zmq_pipes(TransportKind kind, int count) {
  const auto context = std::make_shared<zmq::context_t>(kind == TransportKind::kInproc ? 0 : 1);
  context->set(zmq::ctxopt::max_sockets, 2 * count + 16);
  std::vector<FramePipe> pipes;
  for (int number = 0; number < count; ++number) {
    pipes.push_back(make_pipe(context, kind, number));
  }
  return pipes;
}

}  // namespace hearsay
