#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

namespace hearsay {

class Archive;

/// A deterministic random stream (xoshiro256++, Blackman and Vigna 2019). The same
/// seed gives the same numbers on every compiler and standard library: nothing of
/// <random>'s distributions is used, since their output is implementation-defined.
///
/// A run has one root stream per purpose group, made from the scenario's seeds.
/// Every other stream is split off by name and index, e.g. ("batches", peer), so
/// that adding a draw in one place never shifts the numbers drawn in another.
/// A value type; not for concurrent use of one object.
class Rng {
 public:
  explicit Rng(std::uint64_t seed);

  /// A new, independent stream for (purpose, index). Depends only on the state of
  /// this stream, which is not changed.
  [[nodiscard]] Rng split(std::string_view purpose, std::uint64_t index = 0) const;

  std::uint64_t next();                      ///< 64 uniform random bits.
  std::uint64_t below(std::uint64_t bound);  ///< Uniform in [0, bound). REQUIRES: bound > 0.
  double uniform();                          ///< Uniform in [0, 1), 53 random bits.
  double normal();                           ///< Standard normal (polar method).

  /// Gamma with the given shape and scale 1 (Marsaglia and Tsang 2000).
  /// REQUIRES: shape > 0.
  double gamma(double shape);

  /// Fisher-Yates shuffle in place.
  template <class T>
  void shuffle(std::span<T> items) {
    for (std::size_t i = items.size(); i > 1; --i) {
      const auto j = static_cast<std::size_t>(below(i));
      using std::swap;
      swap(items[i - 1], items[j]);
    }
  }

  /// Saves or restores the position of the stream.
  void persist(Archive& archive);

 private:
  std::array<std::uint64_t, 4> state_;
};

}  // namespace hearsay
