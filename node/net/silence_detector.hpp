#pragma once

#include <array>
#include <cstddef>

#include "node/base/time.hpp"

namespace hearsay {

/// How long a process may be silent.
struct SilenceOptions {
  double k = 10.0;  ///< Median absolute deviations beyond the median gap.

  /// Deadlines lie in between, whatever the gaps were; `longest` also holds before enough
  /// gaps are known.
  SimTime shortest{2'000'000'000};
  SimTime longest{30'000'000'000};
};

/// Decides from the gaps between one process's signs of life when its silence means that it
/// is lost: after
///   deadline = median + k MAD,  MAD = median |gap - median|,
/// over the last 32 gaps. Both medians bear up to half the gaps being outliers, so that one
/// long pause does not make it blind. MAD: Hampel, JASA 69(346):383-393, 1974.
class SilenceDetector {
 public:
  static constexpr std::size_t kGaps = 32;
  static constexpr std::size_t kLeastGaps = 4;  ///< With fewer the deadline is `longest`.

  /// Silence counts from `now` on.
  SilenceDetector(const SilenceOptions& options, SimTime now) : options_(options), last_(now) {}

  /// A sign of life.
  void hear(SimTime now);

  /// How long the silence may last.
  SimTime deadline() const;

  bool is_lost(SimTime now) const { return now - last_ > deadline(); }

 private:
  SilenceOptions options_;
  SimTime last_;
  std::array<SimTime, kGaps> gaps_{};  ///< A ring.
  std::size_t count_ = 0;              ///< Gaps seen.
  bool has_begun_ = false;             ///< Something was heard.
};

}  // namespace hearsay
