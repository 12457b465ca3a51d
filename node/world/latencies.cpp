#include "node/world/latencies.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string_view>
#include <system_error>

#include "node/base/check.hpp"
#include "node/base/error.hpp"

namespace hearsay {
namespace {

constexpr double kLongestMs = 1e9;

/// All of the field but for spaces around it.
std::optional<double> number_in(std::string_view field) {
  constexpr std::string_view kSpace = " \t\r";
  const std::size_t first = field.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return std::nullopt;
  field = field.substr(first, field.find_last_not_of(kSpace) + 1 - first);
  double value = 0.0;
  const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), value);
  if (error != std::errc() || end != field.data() + field.size()) return std::nullopt;
  return value;
}

/// The name of a file and the line being read, for messages.
struct Place {
  const std::string& file;
  int line = 0;

  [[noreturn]] void fail(const std::string& message) const {
    throw UserError(file + ":" + std::to_string(line) + ": " + message);
  }
};

void read_row(const Place& place, std::string_view line, int num_peers,
              std::vector<SimTime>& matrix) {
  const auto fields = std::ranges::count(line, ',') + 1;
  if (fields != num_peers) {
    place.fail("expected " + std::to_string(num_peers) + " latencies, one per peer, got " +
               std::to_string(fields));
  }
  for (int column = 1; column <= num_peers; ++column) {
    const std::size_t comma = line.find(',');
    const auto value = number_in(line.substr(0, comma));
    if (!value || !(*value >= 0.0 && *value <= kLongestMs)) {
      place.fail("latency " + std::to_string(column) +
                 ": expected milliseconds between 0 and 1e9, got \"" +
                 std::string(line.substr(0, std::min<std::size_t>(comma, 40))) + "\"");
    }
    matrix.push_back(SimTime::from_seconds(*value * 1e-3));
    line.remove_prefix(comma == std::string_view::npos ? line.size() : comma + 1);
  }
}

}  // namespace

Latencies::Latencies(const PassageOptions& options, int num_peers, const Rng& rng)
    : num_peers_(num_peers), constant_(options.latency), least_(options.latency) {
  HEARSAY_CHECK(num_peers >= 1);
  if (!options.latency_matrix.empty()) {
    read_matrix(options.latency_matrix);
    if (num_peers > 1) least_ = least_in_matrix();
  } else if (options.geometric) {
    per_unit_ = options.geometric->per_unit;
    for (int peer = 0; peer < num_peers; ++peer) {
      Rng position = rng.split("position", static_cast<std::uint64_t>(peer));
      const double x = position.uniform();
      positions_.push_back({x, position.uniform()});
    }
    if (num_peers > 1) least_ = least_in_square();
  }
}

SimTime Latencies::looked_up(PeerId from, PeerId to) const {
  const auto row = static_cast<std::size_t>(from);
  const auto column = static_cast<std::size_t>(to);
  if (!matrix_.empty()) return matrix_[row * static_cast<std::size_t>(num_peers_) + column];
  return between(positions_[row], positions_[column]);
}

SimTime Latencies::between(Position a, Position b) const {
  const double distance = std::sqrt((a.x - b.x) * (a.x - b.x) + (a.y - b.y) * (a.y - b.y));
  return constant_ + SimTime::from_seconds(per_unit_.seconds() * distance);
}

void Latencies::read_matrix(const std::string& file) {
  std::error_code ignored;
  if (std::filesystem::is_directory(file, ignored)) {
    throw UserError(file + ": is a directory, expected a latency matrix");
  }
  errno = 0;
  std::ifstream stream(file);
  if (!stream) throw UserError(file + ": cannot be opened (" + std::strerror(errno) + ")");
  Place place{file};
  int rows = 0;
  for (std::string line; std::getline(stream, line);) {
    ++place.line;
    if (line.empty() || line == "\r" || line.starts_with('#')) continue;
    if (rows == num_peers_) {
      place.fail("expected " + std::to_string(num_peers_) + " lines, one per peer, got more");
    }
    read_row(place, line, num_peers_, matrix_);
    ++rows;
  }
  if (stream.bad()) throw UserError(file + ": cannot be read (" + std::strerror(errno) + ")");
  if (rows < num_peers_) {
    place.fail("expected " + std::to_string(num_peers_) + " lines, one per peer, got " +
               std::to_string(rows));
  }
}

SimTime Latencies::least_in_matrix() const {
  SimTime least = SimTime::max();
  for (PeerId from = 0; from < num_peers_; ++from) {
    for (PeerId to = 0; to < num_peers_; ++to) {
      if (from != to) least = std::min(least, looked_up(from, to));
    }
  }
  return least;
}

// From west to east, each point is compared with those that follow until they are farther
// east than the closest pair so far is apart.
SimTime Latencies::least_in_square() const {
  std::vector<Position> sorted = positions_;
  std::ranges::sort(sorted, {}, &Position::x);
  SimTime least = SimTime::max();
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    for (std::size_t j = i + 1; j < sorted.size(); ++j) {
      if (between(sorted[i], {sorted[j].x, sorted[i].y}) >= least) break;
      least = std::min(least, between(sorted[i], sorted[j]));
    }
  }
  return least;
}

}  // namespace hearsay
