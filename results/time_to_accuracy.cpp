#include "results/time_to_accuracy.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "node/base/archive.hpp"
#include "node/base/check.hpp"
#include "results/number_text.hpp"
#include "results/statistics.hpp"

namespace hearsay {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();

// The times of all peers on one clock, in whole units of it.
struct Sample {
  std::vector<double> times;       // tau_i; kNever if censored.
  std::vector<double> restricted;  // min(tau_i, T_i): a time that was reached is within T_i.

  void add(std::int64_t time, std::int64_t horizon, bool is_reached) {
    times.push_back(is_reached ? static_cast<double>(time) : kNever);
    restricted.push_back(static_cast<double>(is_reached ? time : horizon));
  }
};

// Sorted and counted from the least, so that neither the order of the peers nor rounding
// tells in the mean, and the mean of equal times is exactly their value.
double restricted_mean(std::vector<double> times) {
  std::ranges::sort(times);
  const double least = times.front();
  double sum = 0.0;
  for (const double time : times) sum += time - least;
  return std::min(least + sum / static_cast<double>(times.size()), times.back());
}

double known(double time, double unit) { return std::isfinite(time) ? time / unit : kMissing; }

ClockTimes clock_times(const Sample& sample, double unit) {
  if (sample.times.empty()) return {};
  const double mean = restricted_mean(sample.restricted);
  const double longest = max_of(sample.restricted);
  return {.node_averaged = mean / unit,
          .median = known(percentile_of(sample.times, 50.0), unit),
          .p95 = known(percentile_of(sample.times, 95.0), unit),
          .slowest = known(max_of(sample.times), unit),
          .straggler_ratio = longest > 0.0 ? mean / longest : 1.0};
}

}  // namespace

void ClockReading::persist(Archive& archive) { archive(round, time, bytes_received); }

void TargetTimes::Participant::persist(Archive& archive) {
  archive(is_known, start, bytes_received);
}

void TargetTimes::Attempt::persist(Archive& archive) { archive(held, reached); }

void TargetTimes::persist(Archive& archive) {
  archive.mark("target times");
  archive(participants_, attempts_, last_round_, last_time_);
  const bool fits = attempts_.size() == targets_.size() &&
                    std::ranges::all_of(attempts_, [this](const std::vector<Attempt>& attempts) {
                      return attempts.size() == participants_.size();
                    });
  if (!fits) archive.mismatch("it has other targets than this run");
}

TargetTimes::TargetTimes(std::vector<double> targets, TargetHold hold)
    : targets_(std::move(targets)), hold_(hold), attempts_(targets_.size()) {
  HEARSAY_CHECK(hold_.evaluations >= 0);
  HEARSAY_CHECK(hold_.tolerance >= 0.0);
}

void TargetTimes::start(PeerId peer, const ClockReading& reading) {
  HEARSAY_CHECK(peer >= 0);
  const auto index = static_cast<std::size_t>(peer);
  if (index >= participants_.size()) {
    participants_.resize(index + 1);
    for (auto& attempts : attempts_) attempts.resize(index + 1);
  }
  if (participants_[index].is_known) return;
  participants_[index] = {
      .is_known = true, .start = reading, .bytes_received = reading.bytes_received};
  last_round_ = std::max(last_round_, reading.round);
  last_time_ = std::max(last_time_, reading.time);
}

void TargetTimes::record(const PeerRow& row) {
  if (row.role != kHonestRole) return;
  start(row.peer);
  const auto index = static_cast<std::size_t>(row.peer);
  Participant& participant = participants_[index];
  HEARSAY_CHECK(row.bytes_received >= participant.bytes_received);
  participant.bytes_received = row.bytes_received;
  last_round_ = std::max(last_round_, row.round);
  last_time_ = std::max(last_time_, row.time);
  if (!row.alive || std::isnan(row.accuracy)) return;
  const ClockReading now{.round = row.round - participant.start.round,
                         .time = row.time - participant.start.time,
                         .bytes_received = row.bytes_received - participant.start.bytes_received};
  for (std::size_t t = 0; t < targets_.size(); ++t) {
    advance(attempts_[t][index], targets_[t], row.accuracy, now);
  }
}

void TargetTimes::advance(Attempt& attempt, double target, double accuracy,
                          const ClockReading& now) const {
  if (attempt.held == hold_.evaluations) return;
  if (attempt.held < 0) {
    if (accuracy >= target) attempt = {.held = 0, .reached = now};
  } else if (accuracy >= target - hold_.tolerance) {
    ++attempt.held;
  } else {
    attempt = {};
  }
}

std::vector<TimeToAccuracy> TargetTimes::results() const {
  std::vector<TimeToAccuracy> results;
  for (std::size_t t = 0; t < targets_.size(); ++t) results.push_back(result(t));
  return results;
}

std::vector<double> TargetTimes::seconds_reached(std::size_t target) const {
  std::vector<double> seconds;
  for (const Attempt& attempt : attempts_[target]) {
    if (attempt.held >= 0) seconds.push_back(exact_seconds(attempt.reached.time));
  }
  std::ranges::sort(seconds);
  return seconds;
}

TimeToAccuracy TargetTimes::result(std::size_t target) const {
  TimeToAccuracy result{.target = targets_[target]};
  Sample rounds;
  Sample nanoseconds;
  Sample bytes;
  for (std::size_t index = 0; index < participants_.size(); ++index) {
    const Participant& peer = participants_[index];
    if (!peer.is_known) continue;
    const Attempt& attempt = attempts_[target][index];
    const bool is_reached = attempt.held >= 0;
    ++result.peers;
    if (!is_reached) ++result.censored;
    rounds.add(attempt.reached.round, last_round_ - peer.start.round, is_reached);
    nanoseconds.add(attempt.reached.time.nanoseconds, (last_time_ - peer.start.time).nanoseconds,
                    is_reached);
    bytes.add(attempt.reached.bytes_received, peer.bytes_received - peer.start.bytes_received,
              is_reached);
  }
  if (result.peers == 0) return result;
  result.fraction_reached =
      1.0 - static_cast<double>(result.censored) / static_cast<double>(result.peers);
  result.rounds = clock_times(rounds, 1.0);
  result.seconds = clock_times(nanoseconds, 1e9);
  result.bytes_received = clock_times(bytes, 1.0);
  return result;
}

}  // namespace hearsay
