#include "topologies/betweenness.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <ranges>

#include "node/base/check.hpp"

namespace hearsay {
namespace {

/// Shortest paths from one source at a time; the arrays are reused.
class ShortestPaths {
 public:
  explicit ShortestPaths(const Graph& graph)
      : graph_(graph), nodes_(static_cast<std::size_t>(graph.num_peers())) {
    reached_.reserve(nodes_.size());
  }

  /// Adds to `sums` what the paths from `source` to all others contribute: Brandes'
  /// dependencies delta_s(v) = sum over w one step beyond v of
  /// sigma_sv / sigma_sw * (1 + delta_s(w)).
  void add_dependencies(PeerId source, std::vector<double>& sums) {
    search(source);
    for (const PeerId far : std::views::reverse(reached_)) {
      const Node& end = at(far);
      HEARSAY_CHECK(std::isfinite(end.paths));
      const double share = (1.0 + end.dependency) / end.paths;
      for (const PeerId near : graph_.neighbors(far)) {
        Node& before = at(near);
        if (before.distance + 1 == end.distance) before.dependency += before.paths * share;
      }
      if (far != source) sums[static_cast<std::size_t>(far)] += end.dependency;
    }
  }

 private:
  struct Node {
    int distance = -1;  ///< -1: not reached.
    double paths = 0.0;
    double dependency = 0.0;
  };

  Node& at(PeerId peer) { return nodes_[static_cast<std::size_t>(peer)]; }

  /// Breadth first; `reached_` is both the queue and the order of distances.
  void search(PeerId source) {
    std::ranges::fill(nodes_, Node{});
    at(source) = {.distance = 0, .paths = 1.0};
    reached_.assign(1, source);
    for (std::size_t next = 0; next < reached_.size(); ++next) {
      const PeerId peer = reached_[next];
      const Node here = at(peer);
      for (const PeerId neighbor : graph_.neighbors(peer)) {
        Node& there = at(neighbor);
        if (there.distance < 0) {
          there.distance = here.distance + 1;
          reached_.push_back(neighbor);
        }
        if (there.distance == here.distance + 1) there.paths += here.paths;
      }
    }
  }

  const Graph& graph_;
  std::vector<Node> nodes_;
  std::vector<PeerId> reached_;
};

}  // namespace

std::vector<double> betweenness(const Graph& graph) {
  std::vector<double> sums(static_cast<std::size_t>(graph.num_peers()), 0.0);
  ShortestPaths paths(graph);
  for (PeerId source = 0; source < graph.num_peers(); ++source) {
    paths.add_dependencies(source, sums);
  }
  // Every pair was met from both of its ends.
  for (double& sum : sums) sum /= 2.0;
  return sums;
}

}  // namespace hearsay
