// What the exchange of models costs beside bare libzmq: messages from a DEALER to a ROUTER over
// the loopback interface, plaintext and CURVE, of a model's size; bare, and through endpoints
// with envelopes, digests and the message gate. Both run in turn, several times. Prints medians
// of MB/s and of CPU seconds per GB (both ends together), and the median, least and greatest
// ratio of neighboring runs; with FILE it writes them there as a table.
//
//   endpoint_bench [SECONDS PER RUN [PAIRS OF RUNS [FILE]]]

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <zmq.hpp>

#include "node/base/process_usage.hpp"
#include "node/base/stopwatch.hpp"
#include "node/net/curve_keys.hpp"
#include "node/net/endpoint.hpp"
#include "node/net/message_gate.hpp"
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

// Two frames per message, as many messages on the way as the endpoint's window holds; a context
// for each end, as two processes have.
Rate bare(std::size_t bytes, const Keys& keys, double seconds) {
  zmq::context_t receiving;
  zmq::context_t sending;
  zmq::socket_t router(receiving, zmq::socket_type::router);
  zmq::socket_t dealer(sending, zmq::socket_type::dealer);
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
  void on_parcel(int process, ParcelKind, std::span<const Buffer> frames) override {
    messages += gate_.open(process, frames, [](Refusal, const Envelope&) { std::abort(); }).size();
  }
  void on_refused(const RefusedParcel&) override {}
  void on_heard(int) override {}
  void on_lost(int) override {}

  std::size_t messages = 0;

 private:
  MessageGate gate_{kRun, {0, 1}, 1};
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
  WireMessage message{.envelope = {.from = 0, .to = 1, .round = 1, .kind = 1},
                      .payload = payload_of(bytes)};
  BatchCodec codec(kRun);
  std::atomic<bool> stop{false};
  std::thread thread([&] {
    while (!stop) {
      // As much as the window takes, and one that waits.
      while (!stop && sender.backlog(1) < std::size_t{64} << 20) {
        ++message.envelope.sequence;
        sender.send(1, ParcelKind::kMessages, codec.encode({&message, 1}));
      }
      sender.poll(SimTime{1'000'000});
    }
  });
  const Stopwatch watch;
  const double cpu = process_cpu_seconds();
  while (watch.seconds() < seconds) receiver.poll(SimTime{1'000'000});
  const Rate rate = rate_of(received.messages, bytes, watch.seconds(), process_cpu_seconds() - cpu);
  stop = true;
  thread.join();
  return rate;
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

/// One row of the table.
struct Row {
  std::size_t bytes = 0;
  bool encrypted = false;
  Rate bare;  ///< Medians, as the next.
  Rate ours;
  std::vector<double> ratios;  ///< Of each pair of runs, ascending.
};

Row compare(std::size_t bytes, bool encrypted, double seconds, int pairs) {
  const Keys keys = encrypted ? Keys(std::pair(make_key_pair(), make_key_pair())) : std::nullopt;
  Row row{.bytes = bytes, .encrypted = encrypted};
  std::vector<double> speeds[2];
  std::vector<double> costs[2];
  for (int pair = 0; pair < pairs; ++pair) {
    const Rate rates[2] = {bare(bytes, keys, seconds), through_endpoint(bytes, keys, seconds)};
    for (int which = 0; which < 2; ++which) {
      speeds[which].push_back(rates[which].mb_per_s);
      costs[which].push_back(rates[which].cpu_s_per_gb);
    }
    row.ratios.push_back(rates[1].mb_per_s / rates[0].mb_per_s);
  }
  std::ranges::sort(row.ratios);
  row.bare = {median(speeds[0]), median(costs[0])};
  row.ours = {median(speeds[1]), median(costs[1])};
  return row;
}

std::string text_of(const Row& row) {
  char text[160];
  std::snprintf(text, sizeof text,
                "| %.2f MB | %s | %.0f | %.0f | %.2f (%.2f to %.2f) | %.2f | %.2f |\n",
                static_cast<double>(row.bytes) / 1e6, row.encrypted ? "CURVE" : "plaintext",
                row.bare.mb_per_s, row.ours.mb_per_s, median(row.ratios), row.ratios.front(),
                row.ratios.back(), row.bare.cpu_s_per_gb, row.ours.cpu_s_per_gb);
  return text;
}

std::string processor() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
  }
  return "unknown processor";
}

std::string heading(double seconds, int pairs) {
  char runs[120];
  std::snprintf(runs, sizeof runs, "%d pairs of runs of %.1f s on %u cores of %s", pairs, seconds,
                std::thread::hardware_concurrency(), processor().c_str());
  return std::string("# Exchange of models between two processes\n\n") +
         "Written by `build/bench/endpoint_bench " + std::to_string(static_cast<int>(seconds)) +
         " " + std::to_string(pairs) + " results/reference/live_throughput.md`.\n" +
         "Both ends on one machine over the loopback interface: bare libzmq (DEALER to ROUTER, "
         "two\n"
         "frames a message), and endpoints with envelopes, digests, flow control and the message\n"
         "gate. Medians of " +
         runs +
         ";\nthe ratio is that of neighboring runs, median (least to greatest).\n\n"
         "| model | wire | libzmq MB/s | hearsay MB/s | ratio | libzmq CPU s/GB | hearsay CPU s/GB "
         "|\n"
         "|---|---|---|---|---|---|---|\n";
}

}  // namespace
}  // namespace hearsay

int main(int argc, char** argv) {
  const double seconds = argc > 1 ? std::atof(argv[1]) : 2.0;
  const int pairs = argc > 2 ? std::max(1, std::atoi(argv[2])) : 3;
  std::string table = hearsay::heading(seconds, pairs);
  std::fputs(table.c_str(), stdout);
  for (const std::size_t bytes : {std::size_t{250'000}, std::size_t{4'000'000}}) {
    for (const bool encrypted : {false, true}) {
      const std::string row = hearsay::text_of(hearsay::compare(bytes, encrypted, seconds, pairs));
      std::fputs(row.c_str(), stdout);
      std::fflush(stdout);
      table += row;
    }
  }
  if (argc > 3) std::ofstream(argv[3]) << table;
  return 0;
}
