#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <variant>
#include <vector>

#include "node/base/describe.hpp"
#include "node/base/quantity.hpp"
#include "node/base/rng.hpp"
#include "node/world/time_intervals.hpp"

/// How long peers stay, and stay away: alternating renewal processes. On and off times
/// are drawn independently; off times of all kinds but the diurnal are exponential.

namespace hearsay {

/// P(on > t) = exp(-t / mean).
struct ExponentialSessions {
  static constexpr std::string_view kKind = "exponential";
  static constexpr std::string_view kSummary = "On times are exponential.";

  SimTime mean{600'000'000'000};
  SimTime off{120'000'000'000};

  friend bool operator==(const ExponentialSessions&, const ExponentialSessions&) = default;
};

/// P(on > t) = exp(-(t / scale)^shape); the mean is scale * Gamma(1 + 1 / shape). Shapes
/// of 0.4 to 0.7 fit peer-to-peer networks: Stutzbach, Rejaie. Understanding Churn in
/// Peer-to-Peer Networks. IMC 2006.
struct WeibullSessions {
  static constexpr std::string_view kKind = "weibull";
  static constexpr std::string_view kSummary = "On times are Weibull.";

  double shape = 0.6;
  SimTime scale{600'000'000'000};
  SimTime off{120'000'000'000};

  friend bool operator==(const WeibullSessions&, const WeibullSessions&) = default;
};

/// P(on > t) = (scale / t)^shape for t >= scale; the mean is scale * shape / (shape - 1).
struct ParetoSessions {
  static constexpr std::string_view kKind = "pareto";
  static constexpr std::string_view kSummary = "On times are Pareto, at least scale.";

  double shape = 2.0;
  SimTime scale{300'000'000'000};
  SimTime off{120'000'000'000};

  friend bool operator==(const ParetoSessions&, const ParetoSessions&) = default;
};

/// On for the first `up` of each period, the same every period.
struct DiurnalSessions {
  static constexpr std::string_view kKind = "diurnal";
  static constexpr std::string_view kSummary =
      "On for a share of every period; each peer draws its phase.";

  SimTime period{86'400'000'000'000};
  Fraction up{0.5};

  friend bool operator==(const DiurnalSessions&, const DiurnalSessions&) = default;
};

using SessionOptions =
    std::variant<ExponentialSessions, WeibullSessions, ParetoSessions, DiurnalSessions>;

/// The first state of a peer.
enum class SessionStart : std::uint8_t {
  kStationary,  ///< As if the process had always been running.
  kUp,          ///< At the beginning of an on time; diurnal: uniform within it.
};

constexpr auto enum_names(SessionStart) {
  return std::array{EnumName{SessionStart::kStationary, "stationary"},
                    EnumName{SessionStart::kUp, "up"}};
}

/// Of the means of what is drawn, in seconds.
inline constexpr Range kSessionRange = between(1e-3, kLatestTimeS);

template <class Visitor>
void describe(Visitor& visit, ExponentialSessions& options) {
  visit("mean", options.mean, kSessionRange, "mean on time");
  visit("off", options.off, kSessionRange, "mean off time");
}

template <class Visitor>
void describe(Visitor& visit, WeibullSessions& options) {
  visit("shape", options.shape, between(0.1, 10), "below 1: many short ones and few very long");
  visit("scale", options.scale, kSessionRange, "63% of on times are shorter");
  visit("off", options.off, kSessionRange, "mean off time");
}

template <class Visitor>
void describe(Visitor& visit, ParetoSessions& options) {
  visit("shape", options.shape, between(1.01, 100), "the lower, the heavier the tail");
  visit("scale", options.scale, kSessionRange, "shortest on time");
  visit("off", options.off, kSessionRange, "mean off time");
}

template <class Visitor>
void describe(Visitor& visit, DiurnalSessions& options) {
  visit("period", options.period, kSessionRange, "after which all repeats");
  visit("up", options.up, between(0.001, 0.999), "share of the period on");
}

/// When one peer is down: disjoint intervals, ascending. One that begins at -1 ns lasts
/// from before the start. No off time begins at `until` or later; one that has begun lasts
/// as long as it was drawn. Stops after `limit` intervals.
///
/// A stationary start is up with probability E[on] / (E[on] + E[off]), and what is left of
/// the on time is U * L, U uniform and L an on time drawn with a density proportional to
/// its length (Cox. Renewal Theory. 1962, section 5.4): Gamma(2) for exponential, scale *
/// Gamma(1 + 1 / shape)^(1 / shape) for Weibull, a Pareto of shape - 1 for Pareto.
std::vector<TimeInterval> draw_down_times(const SessionOptions& options, SessionStart start,
                                          SimTime until, std::size_t limit, Rng rng);

}  // namespace hearsay
