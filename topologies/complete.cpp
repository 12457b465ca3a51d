#include "topologies/complete.hpp"

#include <cstdint>
#include <vector>

#include "node/base/check.hpp"
#include "topologies/generator.hpp"

namespace hearsay {
namespace {

std::int64_t num_pairs(std::int64_t num_peers) { return num_peers * (num_peers - 1) / 2; }

// The most peers whose pairs do not exceed kMaxEdges.
constexpr int kMaxPeers = 23170;
static_assert(std::int64_t{kMaxPeers} * (kMaxPeers - 1) / 2 <= kMaxEdges);
static_assert(std::int64_t{kMaxPeers} * (kMaxPeers + 1) / 2 > kMaxEdges);

}  // namespace

std::optional<std::string> infeasible(const CompleteOptions&, int num_peers) {
  if (num_peers <= kMaxPeers) return std::nullopt;
  return std::to_string(num_peers) + " peers make " + std::to_string(num_pairs(num_peers)) +
         " edges, at most " + std::to_string(kMaxEdges) + " are possible: use at most " +
         std::to_string(kMaxPeers) + " peers, or random_regular";
}

Graph make_graph(const CompleteOptions& options, int num_peers, Rng) {
  HEARSAY_CHECK(num_peers >= 1);
  require_feasible(options, num_peers);
  std::vector<Edge> edges;
  edges.reserve(static_cast<std::size_t>(num_pairs(num_peers)));
  for (PeerId i = 0; i < num_peers; ++i) {
    for (PeerId j = i + 1; j < num_peers; ++j) edges.emplace_back(i, j);
  }
  return {num_peers, edges};
}

}  // namespace hearsay
