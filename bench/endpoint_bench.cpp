// What an Endpoint adds to bare libzmq: messages from a DEALER to a ROUTER over the loopback
// interface, plaintext and CURVE, of a model's size. Prints MB/s of both, their ratio and the
// CPU seconds per GB of both ends together.
//
//   endpoint_bench [SECONDS PER CASE]

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <thread>

#include <zmq.hpp>

#include "node/base/process_usage.hpp"
#include "node/base/stopwatch.hpp"
#include "node/net/curve_keys.hpp"
#include "node/net/endpoint.hpp"
#include "node/net/zmq_frames.hpp"

namespace hearsay {
namespace {

constexpr RunIdentity kRun{.run = 1, .scenario_digest = 2};

struct Rate {
  double mb_per_s = 0.0;
  double cpu_s_per_gb = 0.0;
};

Rate rate_of(std::size_t messages, std::size_t bytes, double seconds, double cpu_seconds) {
  const double sent = static_cast<double>(messages) * static_cast<double>(bytes);
  return {.mb_per_s = sent / seconds / 1e6, .cpu_s_per_gb = cpu_seconds / (sent / 1e9)};
}

Buffer payload_of(std::size_t bytes) {
  Buffer payload = Buffer::allocate(bytes);
  for (std::byte& byte : payload.writable()) byte = std::byte{7};
  return payload;
}

/// Keys of sender and receiver; nothing: plaintext.
using Keys = std::optional<std::pair<KeyPair, KeyPair>>;

// Two frames per message, as many messages on the way as the endpoint's window holds.
Rate bare(std::size_t bytes, const Keys& keys, double seconds) {
  zmq::context_t context;
  zmq::socket_t router(context, zmq::socket_type::router);
  zmq::socket_t dealer(context, zmq::socket_type::dealer);
  const auto limit = static_cast<int>((std::size_t{64} << 20) / bytes);
  router.set(zmq::sockopt::rcvhwm, limit);
  dealer.set(zmq::sockopt::sndhwm, limit);
  dealer.set(zmq::sockopt::linger, 0);
  if (keys) {
    router.set(zmq::sockopt::curve_server, true);
    router.set(zmq::sockopt::curve_secretkey, keys->second.secret_key);
    dealer.set(zmq::sockopt::curve_serverkey, keys->second.public_key);
    dealer.set(zmq::sockopt::curve_publickey, keys->first.public_key);
    dealer.set(zmq::sockopt::curve_secretkey, keys->first.secret_key);
  }
  router.bind("tcp://127.0.0.1:*");
  dealer.connect(router.get(zmq::sockopt::last_endpoint));
  const Buffer payload = payload_of(bytes);
  std::atomic<bool> stop{false};
  std::thread sender([&] {
    dealer.set(zmq::sockopt::sndtimeo, 100);
    while (!stop) {
      if (!dealer.send(to_message(Buffer::copy_of(payload.bytes().first(40))),
                       zmq::send_flags::sndmore)) {
        continue;
      }
      static_cast<void>(dealer.send(to_message(payload), zmq::send_flags::none));
    }
  });
  const Stopwatch watch;
  const double cpu = process_cpu_seconds();
  std::size_t messages = 0;
  while (watch.seconds() < seconds) {
    bool more = true;
    while (more) {
      zmq::message_t frame;
      static_cast<void>(router.recv(frame));
      more = frame.more();
    }
    ++messages;
  }
  const Rate rate = rate_of(messages, bytes, watch.seconds(), process_cpu_seconds() - cpu);
  stop = true;
  sender.join();
  return rate;
}

class Counter final : public EndpointListener {
 public:
  void on_parcel(int, ParcelKind, std::span<const Buffer>) override { ++parcels; }
  void on_refused(const RefusedParcel&) override {}
  void on_heard(int) override {}
  void on_lost(int) override {}

  std::size_t parcels = 0;
};

EndpointOptions options_of(int self, const Keys& keys, const std::string& receiver) {
  EndpointOptions options{.identity = kRun, .self = self};
  options.processes = {{.name = "sender", .public_key = "", .address = ""},
                       {.name = "receiver", .public_key = "", .address = receiver}};
  if (keys) {
    options.processes[0].public_key = keys->first.public_key;
    options.processes[1].public_key = keys->second.public_key;
    options.secret_key = self == 0 ? keys->first.secret_key : keys->second.secret_key;
  }
  return options;
}

Rate through_endpoint(std::size_t bytes, const Keys& keys, double seconds) {
  Counter received;
  Counter sent;
  Endpoint receiver(options_of(1, keys, ""), received);
  Endpoint sender(options_of(0, keys, receiver.address()), sent);
  const Buffer payload = payload_of(bytes);
  std::atomic<bool> stop{false};
  std::thread thread([&] {
    while (!stop) {
      // As much as the window takes, and one that waits.
      while (!stop && sender.backlog(1) < std::size_t{64} << 20) {
        sender.send(1, ParcelKind::kMessages, {payload});
      }
      sender.poll(SimTime{1'000'000});
    }
  });
  const Stopwatch watch;
  const double cpu = process_cpu_seconds();
  while (watch.seconds() < seconds) receiver.poll(SimTime{1'000'000});
  const Rate rate = rate_of(received.parcels, bytes, watch.seconds(), process_cpu_seconds() - cpu);
  stop = true;
  thread.join();
  return rate;
}

void compare(std::size_t bytes, bool encrypted, double seconds) {
  const Keys keys = encrypted ? Keys(std::pair(make_key_pair(), make_key_pair())) : std::nullopt;
  const Rate plain = bare(bytes, keys, seconds);
  const Rate ours = through_endpoint(bytes, keys, seconds);
  std::printf(
      "%8zu B  %-9s  libzmq %7.0f MB/s %5.2f CPU s/GB  endpoint %7.0f MB/s %5.2f CPU s/GB"
      "  ratio %.2f\n",
      bytes, encrypted ? "CURVE" : "plaintext", plain.mb_per_s, plain.cpu_s_per_gb, ours.mb_per_s,
      ours.cpu_s_per_gb, ours.mb_per_s / plain.mb_per_s);
}

}  // namespace
}  // namespace hearsay

int main(int argc, char** argv) {
  const double seconds = argc > 1 ? std::atof(argv[1]) : 3.0;
  for (const std::size_t bytes : {std::size_t{250'000}, std::size_t{4'000'000}}) {
    for (const bool encrypted : {false, true}) hearsay::compare(bytes, encrypted, seconds);
  }
  return 0;
}
