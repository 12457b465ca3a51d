// delay_line DEVICE LATENCY_US
//
// A wire of a given length: makes the TUN device DEVICE in its network namespace and gives
// every IP packet that is routed to it back to the kernel LATENCY_US microseconds later, in
// order. Says "ready" once the device is there; runs until it is killed. The device has no
// offloads, so what comes are packets as they travel, with their checksums.
//
// A packet is late by what the kernel takes to wake this program, some ten microseconds unless
// the machine is busy; at the end (SIGTERM) it prints how many passed, and the latest.

#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <deque>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

// What a device of any MTU can hand over.
constexpr std::size_t kLargestPacket = 65'535;

volatile std::sig_atomic_t is_asked_to_end = 0;

void ask_to_end(int) { is_asked_to_end = 1; }

struct Packet {
  Clock::time_point due;
  std::vector<char> bytes;
};

std::runtime_error system_error(const std::string& what) {
  return std::runtime_error(what + ": " + std::strerror(errno));
}

class TunDevice {
 public:
  explicit TunDevice(const std::string& name) : descriptor_(open("/dev/net/tun", O_RDWR)) {
    if (descriptor_ < 0) throw system_error("/dev/net/tun");
    ifreq request{};
    request.ifr_flags = IFF_TUN | IFF_NO_PI;
    name.copy(request.ifr_name, IFNAMSIZ - 1);
    if (ioctl(descriptor_, TUNSETIFF, &request) != 0) throw system_error(name);
    if (fcntl(descriptor_, F_SETFL, O_NONBLOCK) != 0) throw system_error(name);
  }
  ~TunDevice() { close(descriptor_); }
  TunDevice(const TunDevice&) = delete;
  TunDevice& operator=(const TunDevice&) = delete;

  int descriptor() const { return descriptor_; }

  /// Empty if there is none.
  std::vector<char> take() {
    const ssize_t size = read(descriptor_, buffer_.data(), buffer_.size());
    if (size < 0 && errno != EAGAIN && errno != EINTR) throw system_error("read");
    return {buffer_.begin(), buffer_.begin() + std::max<ssize_t>(size, 0)};
  }

  void give(const std::vector<char>& packet) const {
    // What the kernel has no room for is lost, as on a wire.
    if (write(descriptor_, packet.data(), packet.size()) < 0 && errno != ENOBUFS) {
      throw system_error("write");
    }
  }

 private:
  int descriptor_;
  std::array<char, kLargestPacket> buffer_;
};

void wait_for(int descriptor, const std::deque<Packet>& line) {
  pollfd readable{.fd = descriptor, .events = POLLIN, .revents = 0};
  if (line.empty()) {
    ppoll(&readable, 1, nullptr, nullptr);
    return;
  }
  const auto left = std::max(line.front().due - Clock::now(), Clock::duration::zero());
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(left);
  const timespec timeout{.tv_sec = seconds.count(), .tv_nsec = (left - seconds).count()};
  ppoll(&readable, 1, &timeout, nullptr);
}

void run(const std::string& name, std::chrono::microseconds latency) {
  TunDevice device(name);
  prctl(PR_SET_TIMERSLACK, 1UL);
  std::printf("ready\n");
  std::fflush(stdout);
  std::deque<Packet> line;
  std::int64_t passed = 0;
  Clock::duration latest{};
  while (is_asked_to_end == 0) {
    wait_for(device.descriptor(), line);
    for (std::vector<char> bytes = device.take(); !bytes.empty(); bytes = device.take()) {
      line.push_back({Clock::now() + latency, std::move(bytes)});
    }
    while (!line.empty() && line.front().due <= Clock::now()) {
      latest = std::max(latest, Clock::now() - line.front().due);
      device.give(line.front().bytes);
      line.pop_front();
      ++passed;
    }
  }
  std::printf("%lld packets, at most %.3f ms late\n", static_cast<long long>(passed),
              std::chrono::duration<double, std::milli>(latest).count());
}

}  // namespace

int main(int count, char** arguments) {
  std::int64_t microseconds = -1;
  if (count == 3) {
    const std::string_view text = arguments[2];
    std::from_chars(text.data(), text.data() + text.size(), microseconds);
  }
  if (microseconds < 0) {
    std::fprintf(stderr, "usage: delay_line DEVICE LATENCY_US\n");
    return 2;
  }
  struct sigaction action {};
  action.sa_handler = ask_to_end;
  sigaction(SIGTERM, &action, nullptr);
  sigaction(SIGINT, &action, nullptr);
  try {
    run(arguments[1], std::chrono::microseconds(microseconds));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "delay_line: %s\n", error.what());
    return 1;
  }
}
