#include "node/world/sessions.hpp"

#include <algorithm>
#include <cmath>

namespace hearsay {
namespace {

constexpr SimTime kBeforeStart{-1};

/// Uniform in (0, 1].
double positive_uniform(Rng& rng) { return 1.0 - rng.uniform(); }

double exponential(Rng& rng) { return -std::log(positive_uniform(rng)); }

double pareto(double shape, Rng& rng) { return std::pow(positive_uniform(rng), -1.0 / shape); }

// On times, and on times drawn with density proportional to length.

double mean_on(const ExponentialSessions& options) { return options.mean.seconds(); }
double draw_on(const ExponentialSessions& options, Rng& rng) {
  return options.mean.seconds() * exponential(rng);
}
double draw_long(const ExponentialSessions& options, Rng& rng) {
  return options.mean.seconds() * rng.gamma(2.0);
}

double mean_on(const WeibullSessions& options) {
  return options.scale.seconds() * std::tgamma(1.0 + 1.0 / options.shape);
}
double draw_on(const WeibullSessions& options, Rng& rng) {
  return options.scale.seconds() * std::pow(exponential(rng), 1.0 / options.shape);
}
double draw_long(const WeibullSessions& options, Rng& rng) {
  const double gamma = rng.gamma(1.0 + 1.0 / options.shape);
  return options.scale.seconds() * std::pow(gamma, 1.0 / options.shape);
}

double mean_on(const ParetoSessions& options) {
  return options.scale.seconds() * options.shape / (options.shape - 1.0);
}
double draw_on(const ParetoSessions& options, Rng& rng) {
  return options.scale.seconds() * pareto(options.shape, rng);
}
double draw_long(const ParetoSessions& options, Rng& rng) {
  return options.scale.seconds() * pareto(options.shape - 1.0, rng);
}

/// At least one nanosecond, so that time goes on; at most 285 years.
SimTime duration(double seconds) {
  constexpr double kLongest = 8.99e9;
  return std::max(SimTime{1}, SimTime::from_seconds(std::min(seconds, kLongest)));
}

template <class Renewal>
std::vector<TimeInterval> down_times(const Renewal& options, SessionStart start, SimTime until,
                                     std::size_t limit, Rng rng) {
  const double off = options.off.seconds();
  const auto draw_off = [&] { return duration(off * exponential(rng)); };
  std::vector<TimeInterval> downs;
  SimTime time;  // When the next off time begins.
  if (start == SessionStart::kUp) {
    time = duration(draw_on(options, rng));
  } else if (rng.uniform() * (mean_on(options) + off) < mean_on(options)) {
    const double whole = draw_long(options, rng);
    time = duration(rng.uniform() * whole);
  } else {
    const SimTime back = draw_off();
    downs.push_back({kBeforeStart, back});
    time = add_saturating(back, duration(draw_on(options, rng)));
  }
  while (time < until && downs.size() < limit) {
    const SimTime back = add_saturating(time, draw_off());
    downs.push_back({time, back});
    time = add_saturating(back, duration(draw_on(options, rng)));
  }
  return downs;
}

std::vector<TimeInterval> down_times(const DiurnalSessions& options, SessionStart start,
                                     SimTime until, std::size_t limit, Rng rng) {
  const std::int64_t period = options.period.nanoseconds;
  const std::int64_t on = std::clamp<std::int64_t>(
      std::llround(options.up.value * static_cast<double>(period)), 1, period - 1);
  const std::int64_t phases = start == SessionStart::kUp ? on : period;
  const auto phase = static_cast<std::int64_t>(rng.below(static_cast<std::uint64_t>(phases)));
  const SimTime length{period - on};
  std::vector<TimeInterval> downs;
  if (phase >= on) downs.push_back({kBeforeStart, {period - phase}});
  SimTime time{phase >= on ? period - phase + on : on - phase};
  while (time < until && downs.size() < limit) {
    downs.push_back({time, add_saturating(time, length)});
    time = add_saturating(time, options.period);
  }
  return downs;
}

}  // namespace

std::vector<TimeInterval> draw_down_times(const SessionOptions& options, SessionStart start,
                                          SimTime until, std::size_t limit, Rng rng) {
  return std::visit(
      [&](const auto& chosen) { return down_times(chosen, start, until, limit, rng); }, options);
}

}  // namespace hearsay
