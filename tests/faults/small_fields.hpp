#pragma once

#include <algorithm>
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

/// A visitor that draws a value for every field of an options struct, kinds included,
/// whatever they are called: a new plug-in is covered without touching the tests. Values
/// keep the fields' ranges and suit runs of some peers and rounds: times are up to a second,
/// half of them multiples of half a millisecond, so that things coincide; shares are small,
/// numbers near the least. Rules between keys are not kept. Texts and lists of numbers
/// keep their defaults.
class SmallFields {
 public:
  SmallFields(Rng& rng, int num_peers) : rng_(rng), num_peers_(num_peers) {}

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
  bool coin() { return rng_.below(2) == 0; }

  template <class T>
  void fill(T& value, const Range& range) {
    if constexpr (internal::kIsOptional<T>) {
      value.reset();
      if (coin()) fill(value.emplace(), range);
    } else if constexpr (std::is_enum_v<T>) {
      constexpr auto choices = enum_names(T{});
      value = choices[rng_.below(choices.size())].value;
    } else if constexpr (std::is_same_v<T, bool>) {
      value = coin();
    } else if constexpr (std::is_integral_v<T>) {
      value =
          static_cast<T>(std::min(least(range) + static_cast<double>(rng_.below(4)), range.high));
    } else if constexpr (std::is_same_v<T, double>) {
      value = std::min(least(range) + (coin() ? 0.0 : 2.0 * rng_.uniform()), range.high);
      if (!range.contains(value)) value = least(range) + 0.5;
    } else {
      fill_other(value, range);
    }
  }

  static double least(const Range& range) { return std::isfinite(range.low) ? range.low : 0.0; }

  void fill_other(std::string&, const Range&) {}
  void fill_other(std::vector<int>&, const Range&) {}
  void fill_other(std::vector<double>&, const Range&) {}

  void fill_other(SimTime& value, const Range& range) {
    constexpr std::array<std::uint64_t, 4> kSpans = {2'000'000, 20'000'000, 100'000'000,
                                                     1'000'000'000};
    constexpr std::int64_t kGrid = 500'000;
    value.nanoseconds = static_cast<std::int64_t>(rng_.below(kSpans[rng_.below(kSpans.size())]));
    if (coin()) value.nanoseconds = value.nanoseconds / kGrid * kGrid;
    value = value + SimTime::from_seconds(least(range));
    if (!range.contains(value.seconds())) value = value + SimTime{kGrid};
  }

  void fill_other(Fraction& value, const Range& range) {
    value.value = std::min(least(range) + (coin() ? 0.0 : 0.3 * rng_.uniform()), range.high);
  }

  void fill_other(Count& value, const Range&) {
    value.value = 1 + static_cast<std::int64_t>(rng_.below(5));
  }

  void fill_other(Bandwidth& value, const Range&) {
    value = Bandwidth{};
    if (coin()) value.bytes_per_second = 1e4 * std::exp(5.0 * rng_.uniform());
  }

  PeerSelector::IdRange one_peer() {
    const auto peer = static_cast<PeerId>(rng_.below(static_cast<std::uint64_t>(num_peers_)));
    return {peer, peer};
  }

  void fill_other(PeerSelector& value, const Range& range) {
    value = PeerSelector{};
    value.kind = static_cast<PeerSelector::Kind>(
        rng_.below(static_cast<std::uint64_t>(PeerSelector::Kind::kRole) + 1));
    if (value.kind == PeerSelector::Kind::kList || coin()) {
      value = {.kind = PeerSelector::Kind::kList, .ids = {one_peer()}};
      if (coin()) value.ids.push_back(one_peer());
    } else if (value.kind == PeerSelector::Kind::kRole) {
      fill(value.role, range);
    } else if (value.kind != PeerSelector::Kind::kAll && coin()) {
      value.amount = std::int64_t{1} + static_cast<std::int64_t>(rng_.below(3));
    } else if (value.kind != PeerSelector::Kind::kAll) {
      value.amount = Fraction{0.5 * rng_.uniform() + 0.01};
    }
  }

  /// Pairs of peers, or ranges that cover all peers but for a few.
  void fill_other(PeerGroups& value, const Range&) {
    value.groups.clear();
    if (coin()) {
      for (std::uint64_t left = 1 + rng_.below(3); left > 0; --left) {
        value.groups.push_back({one_peer(), one_peer()});
      }
      return;
    }
    PeerId next = static_cast<PeerId>(rng_.below(2));
    while (next < num_peers_ && value.groups.size() < 3) {
      const auto left = static_cast<std::uint64_t>(num_peers_ - next);
      const PeerId last = next + static_cast<PeerId>(rng_.below(left));
      value.groups.push_back({{next, last}});
      next = last + 1;
    }
  }

  template <class T>
  void fill_other(T& value, const Range&) {
    internal::visit_mapping(*this, value);
  }

  Rng& rng_;
  int num_peers_;
};

}  // namespace hearsay
