#include "node/net/gatekeeper.hpp"

#include <zmq.h>

#include <array>
#include <cstdint>
#include <utility>
#include <vector>

namespace hearsay {
namespace {

// The frames of a request, by number.
constexpr std::size_t kRequestId = 1;
constexpr std::size_t kAddress = 3;
constexpr std::size_t kMechanism = 5;
constexpr std::size_t kCredentials = 6;
constexpr std::size_t kKeyBytes = 32;

std::vector<std::string> receive(zmq::socket_t& socket) {
  std::vector<std::string> frames;
  zmq::message_t message;
  do {
    if (!socket.recv(message, zmq::recv_flags::dontwait)) break;
    frames.push_back(message.to_string());
  } while (message.more());
  return frames;
}

std::string key_text(const std::string& bytes) {
  std::array<char, 41> text{};
  zmq_z85_encode(text.data(), reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  return text.data();
}

}  // namespace

Gatekeeper::Gatekeeper(zmq::context_t& context, std::map<std::string, int> process_of_key)
    : socket_(context, zmq::socket_type::rep), process_of_key_(std::move(process_of_key)) {
  socket_.set(zmq::sockopt::linger, 0);
  socket_.bind("inproc://zeromq.zap.01");
}

void Gatekeeper::answer(const OnRefused& on_refused) {
  while (true) {
    const std::vector<std::string> request = receive(socket_);
    if (request.empty()) return;
    std::string user;
    if (request.size() > kCredentials && request[kMechanism] == "CURVE" &&
        request[kCredentials].size() == kKeyBytes) {
      const std::string key = key_text(request[kCredentials]);
      const auto known = process_of_key_.find(key);
      const bool is_let_in = known != process_of_key_.end() && !is_revoked(key);
      if (is_let_in) {
        user = std::to_string(known->second);
      } else {
        on_refused(is_revoked(key) ? Refusal::kRevokedKey : Refusal::kUnknownKey,
                   request[kAddress] + " with key " + key);
      }
    }
    const std::string id = request.size() > kRequestId ? request[kRequestId] : "";
    const std::vector<std::string> reply = {
        "1.0", id, user.empty() ? "400" : "200", user.empty() ? "no such key" : "OK", user, ""};
    for (std::size_t i = 0; i < reply.size(); ++i) {
      socket_.send(zmq::buffer(reply[i]),
                   i + 1 < reply.size() ? zmq::send_flags::sndmore : zmq::send_flags::none);
    }
  }
}

}  // namespace hearsay
