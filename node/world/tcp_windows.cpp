#include "node/world/tcp_windows.hpp"

#include <algorithm>

#include "node/base/check.hpp"

namespace hearsay {
namespace {

std::int64_t divide_up(std::int64_t a, std::int64_t b) { return a / b + (a % b > 0 ? 1 : 0); }

// The least window that fills the link: with it (1) is 0 or less.
std::int64_t full_window(const TcpPath& path) {
  if (path.segment_time <= SimTime{}) return SimTime::max().nanoseconds;
  return divide_up(path.round_trip.nanoseconds, path.segment_time.nanoseconds) + 1;
}

// The window at which HyStart ends slow start from `window` on.
std::int64_t last_window(std::int64_t window, const TcpPath& path) {
  if (path.segment_time <= SimTime{}) return SimTime::max().nanoseconds;
  const std::int64_t half =
      divide_up(path.round_trip.nanoseconds, 2 * path.segment_time.nanoseconds);
  if (window >= half) return window;
  while (window < half) window *= 2;
  return window + half;
}

}  // namespace

TcpWindows::TcpWindows(const TcpOptions& options, int num_peers)
    : options_(options), connections_(static_cast<std::size_t>(num_peers)) {}

std::int64_t TcpWindows::segments(std::int64_t bytes) const {
  return divide_up(bytes, options_.segment);
}

std::int64_t TcpWindows::wire_bytes(std::int64_t bytes) const {
  return bytes + segments(bytes) * (options_.header + options_.acknowledgement);
}

std::int64_t TcpWindows::wire_window(std::int64_t window) const {
  return window * (options_.segment + options_.header + options_.acknowledgement);
}

std::int64_t TcpWindows::open(const Transfer& transfer, SimTime now, const TcpPath& path) {
  auto& connections = connections_[static_cast<std::size_t>(transfer.from)];
  const auto found = connections.find(transfer.to);
  if (found == connections.end()) return options_.initial_window;
  std::int64_t window = found->second.window;
  const SimTime idle = now - found->second.last_sent;
  const SimTime timeout = add_saturating(path.round_trip, options_.least_timeout);
  if (!options_.idle_restart || idle <= timeout || timeout <= SimTime{}) return window;
  // 62 halvings leave nothing of any window.
  const auto halvings =
      std::min<std::int64_t>(62, divide_up(idle.nanoseconds, timeout.nanoseconds) - 1);
  return std::max<std::int64_t>(options_.initial_window, window >> halvings);
}

void TcpWindows::close(const Transfer& transfer, std::int64_t window, const TcpPath& path,
                       SimTime left) {
  const std::int64_t sent = segments(transfer.bytes);
  const std::int64_t grown = std::min({window + sent, 2 * sent, last_window(window, path)});
  connections_[static_cast<std::size_t>(transfer.from)][transfer.to] = {
      .window = std::max(window, grown), .last_sent = left};
}

void TcpWindows::persist(Archive& archive) {
  archive.mark("tcp");
  for (auto& connections : connections_) archive(connections);
}

SimTime slow_start_delay(std::int64_t segments, std::int64_t window, const TcpPath& path) {
  HEARSAY_CHECK(window >= 1);
  const std::int64_t full = full_window(path);
  SimTime delay;
  for (; segments > window && window < full; window *= 2) {
    delay = delay + path.round_trip - path.segment_time * (window - 1);
    segments -= window;
  }
  return delay;
}

}  // namespace hearsay
