#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <zmq.hpp>

#include "node/net/curve_keys.hpp"
#include "node/net/endpoint.hpp"
#include "node/net/message_gate.hpp"
#include "node/net/zmq_frames.hpp"

namespace hearsay {

inline constexpr RunIdentity kRun{.run = 7, .scenario_digest = 11};
inline constexpr int kParties = 3;

/// Three processes with a key each; peer i lives in process i.
struct Company {
  Company() {
    for (int i = 0; i < kParties; ++i) keys.push_back(make_key_pair());
  }

  EndpointOptions options(int self) const {
    EndpointOptions made{.identity = kRun,
                         .self = self,
                         .secret_key = keys[static_cast<std::size_t>(self)].secret_key,
                         .largest_parcel = std::size_t{1} << 20,
                         .heartbeat = {20'000'000}};
    for (int i = 0; i < kParties; ++i) {
      made.processes.push_back({.name = "process-" + std::to_string(i),
                                .public_key = keys[static_cast<std::size_t>(i)].public_key,
                                .address = ""});
    }
    return made;
  }

  std::vector<KeyPair> keys;
};

/// An endpoint that lets messages in as a host does, and everything it met.
class Party final : public EndpointListener {
 public:
  explicit Party(const EndpointOptions& options)
      : gate_(options.identity, {0, 1, 2}, options.self) {
    endpoint.emplace(options, *this);
  }

  void on_parcel(int process, ParcelKind kind, std::span<const Buffer> frames) override {
    if (kind != ParcelKind::kMessages) {
      parcels.emplace_back(process, Frames(frames.begin(), frames.end()));
      return;
    }
    for (WireMessage& message :
         gate_.open(process, frames, [this](Refusal reason, const Envelope&envelope) {
           refused_messages.emplace_back(reason, envelope);
         })) {
      messages.push_back(std::move(message));
    }
  }
  void on_refused(const RefusedParcel& parcel) override { refused.push_back(parcel); }
  void on_heard(int process) override { heard.push_back(process); }
  void on_lost(int process) override { lost.push_back(process); }

  std::vector<std::pair<int, Frames>> parcels;
  std::vector<WireMessage> messages;
  std::vector<std::pair<Refusal, Envelope>> refused_messages;
  std::vector<RefusedParcel> refused;
  std::vector<int> heard;
  std::vector<int> lost;
  std::optional<Endpoint> endpoint;

 private:
  MessageGate gate_;
};

/// Polls the parties until something holds; false after ten seconds.
template <class Condition>
bool until(std::initializer_list<Party*> parties, Condition holds) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!holds()) {
    if (std::chrono::steady_clock::now() > end) return false;
    for (Party* party : parties) party->endpoint->poll(SimTime{2'000'000});
  }
  return true;
}

/// A client that keeps to no rule: a bare DEALER that speaks to one party.
class HostileClient {
 public:
  /// `keys`: nothing for plaintext. `server_key`: of the party at `address`.
  HostileClient(const std::string& address, const std::optional<KeyPair>& keys,
                const std::string& server_key)
      : socket_(context_, zmq::socket_type::dealer) {
    socket_.set(zmq::sockopt::linger, 0);
    if (keys) {
      socket_.set(zmq::sockopt::curve_publickey, keys->public_key);
      socket_.set(zmq::sockopt::curve_secretkey, keys->secret_key);
      socket_.set(zmq::sockopt::curve_serverkey, server_key);
    }
    socket_.connect(address);
  }

  void send(Frames frames) { send_frames(socket_, std::move(frames)); }

  /// Whether anything has come back.
  bool was_answered() {
    zmq::message_t message;
    return socket_.recv(message, zmq::recv_flags::dontwait).has_value();
  }

 private:
  zmq::context_t context_;
  zmq::socket_t socket_;
};

/// A message between two peers, with `bytes` of payload.
inline WireMessage message_of(PeerId from, PeerId to, std::uint64_t sequence,
                              std::size_t bytes = 8) {
  Buffer payload = Buffer::allocate(bytes);
  for (std::byte& byte : payload.writable()) byte = std::byte{1};
  return {.envelope = {.from = from, .to = to, .round = 3, .sequence = sequence, .kind = 1},
          .payload = payload};
}

inline Frames batch_of(const WireMessage& message, const RunIdentity& identity = kRun) {
  return BatchCodec(identity).encode({&message, 1});
}

/// A parcel as `process` sends it.
inline Frames parcel_of(std::uint32_t process, Frames batch, const RunIdentity& identity = kRun,
                        ParcelKind kind = ParcelKind::kMessages) {
  batch.insert(batch.begin(),
               encode_link_frame({.kind = kind, .process = process, .identity = identity}));
  return batch;
}

}  // namespace hearsay
