#pragma once

#include <array>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <string>
#include <vector>

#include "node/base/rng.hpp"
#include "scenarios/quantities.hpp"
#include "scenarios/scenario.hpp"
#include "tests/support/random_visitor.hpp"

namespace hearsay {

/// Draws values of all sorts: bounds, round numbers and ones with many digits, texts that
/// must be quoted.
class RandomFields : public RandomVisitor<RandomFields> {
 public:
  using RandomVisitor::draw;
  using RandomVisitor::RandomVisitor;

  template <std::integral T>
  void draw(T& value, const Range& range) {
    value = static_cast<T>(std::floor(real(range)));
    if (!range.contains(measure(value))) value = static_cast<T>(std::ceil(real(range)));
  }

  void draw(double& value, const Range& range) { value = real(range); }

  void draw(std::string& value, const Range&) {
    static const std::array<std::string, 12> kTexts = {
        "",         "plain",           "/a/b c", "null", "true",       "12",
        "- a: {b}", "quote \" and \\", "#n\t",   "~",    "line\nline", "\xc3\xbc\x01 umlaut"};
    value = kTexts[rng().below(kTexts.size())];
  }

  void draw(SimTime& value, const Range& range) {
    constexpr std::array<std::int64_t, 6> kUnits = {1,           1'000,          1'000'000,
                                                    500'000'000, 60'000'000'000, 1};
    value.nanoseconds =
        static_cast<std::int64_t>(rng().below(100'000)) * kUnits[rng().below(kUnits.size())];
    if (!range.contains(measure(value))) {
      value = SimTime::from_seconds(range.low) + SimTime{1'000'000'000};
    }
  }

  void draw(Fraction& value, const Range& range) { value.value = real(range); }

  void draw(Count& value, const Range&) {
    value.value =
        rng().below(3) == 0 ? Count::kAll : static_cast<std::int64_t>(rng().below(999) + 1);
  }

  void draw(Bandwidth& value, const Range&) {
    if (rng().below(3) == 0) {
      value = Bandwidth{};
    } else {
      value.bytes_per_second = std::exp(20 * rng().uniform());
    }
  }

  void draw(PeerSelector& value, const Range&) {
    value = PeerSelector{};
    value.kind = static_cast<PeerSelector::Kind>(rng().below(8));
    if (value.kind == PeerSelector::Kind::kList) {
      const int first = static_cast<int>(rng().below(9));
      value.ids = {{first, first}, {first, first + static_cast<int>(rng().below(3))}};
    } else if (value.kind == PeerSelector::Kind::kRole) {
      fill(value.role, {});
    } else if (value.kind != PeerSelector::Kind::kAll && rng().below(2) == 0) {
      value.amount = std::int64_t{1} + static_cast<std::int64_t>(rng().below(5));
    } else if (value.kind != PeerSelector::Kind::kAll) {
      value.amount = Fraction{rng().below(3) == 0 ? 1.0 : rng().uniform()};
    }
  }

  void draw(PeerGroups& value, const Range&) {
    value.groups.resize(rng().below(3));
    for (auto& group : value.groups) {
      const int first = static_cast<int>(rng().below(9));
      group.assign(rng().below(3), {first, first + static_cast<int>(rng().below(2))});
    }
  }

  template <class T>
  void draw(std::vector<T>& value, const Range& range) {
    value.resize(rng().below(4));
    for (T& item : value) fill(item, range);
  }

 private:
  /// A number in the range: a bound, a round one or one with many digits.
  double real(const Range& range) {
    const double low = std::isfinite(range.low) ? range.low : 0.0;
    const double high = std::isfinite(range.high) ? range.high : low + 1000.0;
    switch (rng().below(4)) {
      case 0:
        return range.contains(low) ? low : high;
      case 1:
        return range.contains(high) ? high : low;
      case 2:
        return low + (high - low) * 0.25;
      default:
        return low + (high - low) * (0.001 + 0.9 * rng().uniform());
    }
  }
};

/// A scenario with a random value in every field.
inline Scenario random_scenario(Rng rng) {
  Scenario scenario;
  RandomFields visit(rng);
  describe(visit, scenario);
  return scenario;
}

}  // namespace hearsay
