#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <string>
#include <vector>

#include "node/base/rng.hpp"
#include "scenarios/quantities.hpp"
#include "tests/support/random_visitor.hpp"

namespace hearsay {

/// Draws values that suit runs of some peers and rounds: times are up to a second, half of
/// them multiples of half a millisecond, so that things coincide; shares are small, numbers
/// near the least. Texts and lists of numbers keep their defaults.
class SmallFields : public RandomVisitor<SmallFields> {
 public:
  SmallFields(Rng& rng, int num_peers) : RandomVisitor(rng), num_peers_(num_peers) {}

  using RandomVisitor::draw;

  template <std::integral T>
  void draw(T& value, const Range& range) {
    value =
        static_cast<T>(std::min(least(range) + static_cast<double>(rng().below(4)), range.high));
  }

  void draw(double& value, const Range& range) {
    value = std::min(least(range) + (coin() ? 0.0 : 2.0 * rng().uniform()), range.high);
    if (!range.contains(value)) value = least(range) + 0.5;
  }

  void draw(std::string&, const Range&) {}
  template <class T>
  void draw(std::vector<T>&, const Range&) {}

  void draw(SimTime& value, const Range& range) {
    constexpr std::array<std::uint64_t, 4> kSpans = {2'000'000, 20'000'000, 100'000'000,
                                                     1'000'000'000};
    constexpr std::int64_t kGrid = 500'000;
    value.nanoseconds = static_cast<std::int64_t>(rng().below(kSpans[rng().below(kSpans.size())]));
    if (coin()) value.nanoseconds = value.nanoseconds / kGrid * kGrid;
    value = value + SimTime::from_seconds(least(range));
    if (!range.contains(value.seconds())) value = value + SimTime{kGrid};
  }

  void draw(Fraction& value, const Range& range) {
    value.value = std::min(least(range) + (coin() ? 0.0 : 0.3 * rng().uniform()), range.high);
    if (!range.contains(value.value)) value.value = least(range) + 0.5;
  }

  void draw(Count& value, const Range&) {
    value.value = 1 + static_cast<std::int64_t>(rng().below(5));
  }

  void draw(Bandwidth& value, const Range&) {
    value = Bandwidth{};
    if (coin()) value.bytes_per_second = 1e4 * std::exp(5.0 * rng().uniform());
  }

  void draw(PeerSelector& value, const Range& range) {
    value = PeerSelector{};
    value.kind = static_cast<PeerSelector::Kind>(
        rng().below(static_cast<std::uint64_t>(PeerSelector::Kind::kRole) + 1));
    if (value.kind == PeerSelector::Kind::kList || coin()) {
      value = {.kind = PeerSelector::Kind::kList, .ids = {one_peer()}};
      if (coin()) value.ids.push_back(one_peer());
    } else if (value.kind == PeerSelector::Kind::kRole) {
      fill(value.role, range);
    } else if (value.kind != PeerSelector::Kind::kAll && coin()) {
      value.amount = std::int64_t{1} + static_cast<std::int64_t>(rng().below(3));
    } else if (value.kind != PeerSelector::Kind::kAll) {
      value.amount = Fraction{0.5 * rng().uniform() + 0.01};
    }
  }

  /// Pairs of peers, or ranges that cover all peers but for a few.
  void draw(PeerGroups& value, const Range&) {
    value.groups.clear();
    if (coin()) {
      for (std::uint64_t left = 1 + rng().below(3); left > 0; --left) {
        value.groups.push_back({one_peer(), one_peer()});
      }
      return;
    }
    PeerId next = static_cast<PeerId>(rng().below(2));
    while (next < num_peers_ && value.groups.size() < 3) {
      const auto left = static_cast<std::uint64_t>(num_peers_ - next);
      const PeerId last = next + static_cast<PeerId>(rng().below(left));
      value.groups.push_back({{next, last}});
      next = last + 1;
    }
  }

 private:
  static double least(const Range& range) {
    return range.contains(0.0) || !std::isfinite(range.low) ? 0.0 : range.low;
  }

  PeerSelector::IdRange one_peer() {
    const auto peer = static_cast<PeerId>(rng().below(static_cast<std::uint64_t>(num_peers_)));
    return {peer, peer};
  }

  int num_peers_;
};

}  // namespace hearsay
