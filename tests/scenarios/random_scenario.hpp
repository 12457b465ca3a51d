#pragma once

#include <array>
#include <cmath>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include "node/base/rng.hpp"
#include "scenarios/outline.hpp"
#include "scenarios/scenario.hpp"

namespace hearsay {

/// A visitor that writes random values into every field, kinds included, whatever they
/// are called: a new plug-in is covered without touching the tests. Values keep the
/// fields' ranges; rules between keys are not kept.
class RandomFields {
 public:
  explicit RandomFields(Rng& rng) : rng_(rng) {}

  template <class T>
  void operator()(std::string_view name, T& value, std::string_view documentation) {
    (*this)(name, value, Range{}, documentation);
  }

  template <class T>
  void operator()(std::string_view, T& value, const Range& range, std::string_view) {
    fill(value, internal::range_of_field<T>(range));
  }

  template <class T, class... Rest>
  void required(std::string_view name, T& value, const Rest&... rest) {
    (*this)(name, value, rest...);
  }

  template <class... Alternatives>
  void action(std::variant<Alternatives...>& variant) {
    kind(variant);
  }

  template <class... Alternatives>
  void kind(std::variant<Alternatives...>& variant) {
    const std::array<std::variant<Alternatives...>, sizeof...(Alternatives)> all = {
        Alternatives{}...};
    variant = all[rng_.below(all.size())];
    std::visit([&](auto& chosen) { describe(*this, chosen); }, variant);
  }

 private:
  template <class T>
  void fill(T& value, const Range& range) {
    if constexpr (internal::kIsOptional<T>) {
      value.reset();
      if (rng_.below(2) == 0) fill(value.emplace(), range);
    } else if constexpr (std::is_enum_v<T>) {
      constexpr auto choices = enum_names(T{});
      value = choices[rng_.below(choices.size())].value;
    } else if constexpr (std::is_same_v<T, bool>) {
      value = rng_.below(2) == 0;
    } else if constexpr (std::is_integral_v<T>) {
      value = static_cast<T>(std::floor(real(range)));
      if (!range.contains(measure(value))) value = static_cast<T>(std::ceil(real(range)));
    } else if constexpr (std::is_same_v<T, double>) {
      value = real(range);
    } else {
      fill_other(value, range);
    }
  }

  void fill_other(std::string& value, const Range&) {
    static const std::array<std::string, 12> kTexts = {
        "",         "plain",           "/a/b c", "null", "true",       "12",
        "- a: {b}", "quote \" and \\", "#n\t",   "~",    "line\nline", "\xc3\xbc\x01 umlaut"};
    value = kTexts[rng_.below(kTexts.size())];
  }

  void fill_other(SimTime& value, const Range& range) {
    constexpr std::array<std::int64_t, 6> kUnits = {1,           1'000,          1'000'000,
                                                    500'000'000, 60'000'000'000, 1};
    value.nanoseconds =
        static_cast<std::int64_t>(rng_.below(100'000)) * kUnits[rng_.below(kUnits.size())];
    if (!range.contains(measure(value))) {
      value = SimTime::from_seconds(range.low) + SimTime{1'000'000'000};
    }
  }

  void fill_other(Fraction& value, const Range& range) { value.value = real(range); }

  void fill_other(Count& value, const Range&) {
    value.value = rng_.below(3) == 0 ? Count::kAll : static_cast<std::int64_t>(rng_.below(999) + 1);
  }

  void fill_other(Bandwidth& value, const Range&) {
    if (rng_.below(3) == 0) {
      value = Bandwidth{};
    } else {
      value.bytes_per_second = std::exp(20 * rng_.uniform());
    }
  }

  void fill_other(PeerSelector& value, const Range&) {
    value = PeerSelector{};
    value.kind = static_cast<PeerSelector::Kind>(rng_.below(8));
    if (value.kind == PeerSelector::Kind::kList) {
      const int first = static_cast<int>(rng_.below(9));
      value.ids = {{first, first}, {first, first + static_cast<int>(rng_.below(3))}};
    } else if (value.kind == PeerSelector::Kind::kRole) {
      fill(value.role, {});
    } else if (value.kind != PeerSelector::Kind::kAll && rng_.below(2) == 0) {
      value.amount = std::int64_t{1} + static_cast<std::int64_t>(rng_.below(5));
    } else if (value.kind != PeerSelector::Kind::kAll) {
      value.amount = Fraction{rng_.below(3) == 0 ? 1.0 : rng_.uniform()};
    }
  }

  void fill_other(PeerGroups& value, const Range&) {
    value.groups.resize(rng_.below(3));
    for (auto& group : value.groups) {
      const int first = static_cast<int>(rng_.below(9));
      group.assign(rng_.below(3), {first, first + static_cast<int>(rng_.below(2))});
    }
  }

  template <class T>
  void fill_other(std::vector<T>& value, const Range& range) {
    value.resize(rng_.below(4));
    for (T& item : value) fill(item, range);
  }

  template <class T>
  void fill_other(T& value, const Range&) {
    internal::visit_mapping(*this, value);
  }

  /// A number in the range: a bound, a round one or one with many digits.
  double real(const Range& range) {
    const double low = std::isfinite(range.low) ? range.low : 0.0;
    const double high = std::isfinite(range.high) ? range.high : low + 1000.0;
    switch (rng_.below(4)) {
      case 0:
        return range.contains(low) ? low : high;
      case 1:
        return range.contains(high) ? high : low;
      case 2:
        return low + (high - low) * 0.25;
      default:
        return low + (high - low) * (0.001 + 0.9 * rng_.uniform());
    }
  }

  Rng& rng_;
};

/// A scenario with a random value in every field.
inline Scenario random_scenario(Rng rng) {
  Scenario scenario;
  RandomFields visit(rng);
  describe(visit, scenario);
  return scenario;
}

}  // namespace hearsay
