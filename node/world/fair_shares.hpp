#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <queue>
#include <span>
#include <utility>
#include <vector>

#include "node/base/archive.hpp"

namespace hearsay {

/// Weighted max-min fair shares of links with finite capacities, kept while flows come
/// and go.
///
/// Every link l has a level a_l, the rate per weight that it grants: flow f over links
/// L(f) has the rate w_f * min of a_l over l in L(f), and its bottleneck is where that
/// minimum is. Levels solve
///   sum over flows f of l of w_f * min(a_l, min of a_k over k in L(f), k != l) = C_l,
/// or are infinite where even that leaves capacity. The rates are then max-min fair: each
/// flow has a bottleneck, which is saturated and gives no other flow more per weight.
///   Bertsekas, Gallager. Data Networks, 2nd edition, Prentice Hall 1992, section 6.5.2.
///
/// Filling all links from 0 would find them; what changes when a flow comes or goes is
/// usually little. A level depends only on lower ones. So links whose level no longer
/// solves its equation are given the one that does in ascending order of
/// min(old, new level). A level that sinks so is final; one that rises may still be
/// corrected, but only when a neighboring level has sunk, which each does once: there are
/// never more steps than twice the links and their flows together, and usually a few.
///   After Ramalingam, Reps. An incremental algorithm for a generalization of the
///   shortest-path problem. Journal of Algorithms 21(2), 1996, pages 267-305.
///
/// Levels are exact but for rounding: they are left alone if that would move them by
/// less than 1e-12 of their value. Deterministic: a function of the calls.
class FairShares {
 public:
  static constexpr std::size_t kMaxLinks = 3;

  /// The links of a flow, the unused ones being none().
  using Path = std::array<std::int32_t, kMaxLinks>;

  /// What a link knows of a flow.
  struct Seat {
    double weight = 0.0;
    std::int32_t flow = 0;
    std::array<std::int32_t, kMaxLinks - 1> others{};  ///< The flow's other links.

    void persist(Archive& archive) { archive(weight, flow, others); }
  };

  /// REQUIRES: capacities finite, above 0.
  explicit FairShares(std::vector<double> capacities);

  std::int32_t num_links() const { return static_cast<std::int32_t>(capacities_.size()); }
  std::int32_t none() const { return num_links(); }

  /// Adds a flow under a number of the caller's choice. REQUIRES: the number is not in
  /// use; weight above 0 and finite; the path has distinct links, at least one.
  void add(std::int32_t flow, double weight, const Path& path);

  /// REQUIRES: the flow is there.
  void remove(std::int32_t flow);

  /// Settles all levels after additions and removals.
  void update();

  /// Links whose level or flows may have changed in the last update().
  std::span<const std::int32_t> changed() const { return changed_; }

  // Below REQUIRES: no addition or removal since the last update().

  double level(std::int32_t link) const { return levels_[static_cast<std::size_t>(link)]; }
  std::int32_t bottleneck(std::int32_t flow) const;  ///< The first of equals in its path.
  double rate(std::int32_t flow) const;
  std::span<const Seat> seats(std::int32_t link) const {
    return seats_[static_cast<std::size_t>(link)];
  }

  void persist(Archive& archive);

 private:
  /// Where a flow is.
  struct Place {
    Path path{};
    std::array<std::int32_t, kMaxLinks> seat{};  ///< In each link's list.

    void persist(Archive& archive) { archive(path, seat); }
  };

  double& level_of(std::int32_t link) { return levels_[static_cast<std::size_t>(link)]; }
  double& target_of(std::int32_t link) { return targets_[static_cast<std::size_t>(link)]; }
  bool is_settled(std::int32_t link) const;
  double solution(std::int32_t link);
  void touch(std::int32_t link);
  void refresh(std::int32_t link);
  void set_level(std::int32_t link, double level);

  std::vector<double> capacities_;
  std::vector<double> levels_;   ///< a_l; one more, infinite, for none().
  std::vector<double> targets_;  ///< What would solve the link's equation now.
  std::vector<std::vector<Seat>> seats_;
  std::vector<Place> places_;        ///< By flow.
  std::vector<std::int32_t> dirty_;  ///< Links that gained or lost flows.
  std::vector<std::int32_t> changed_;
  std::vector<std::uint8_t> is_changed_;  ///< Whether a link is in changed_.
  std::vector<double> caps_;              ///< Scratch of solution().

  using Entry = std::pair<double, std::int32_t>;  ///< A level and its link.
  std::priority_queue<Entry, std::vector<Entry>, std::greater<>> unsettled_;
};

}  // namespace hearsay
