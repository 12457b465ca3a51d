#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "node/base/describe.hpp"
#include "node/base/rng.hpp"
#include "topologies/graph.hpp"

namespace hearsay {

/// The scale-free graph of preferential attachment: peers arrive one after another, each
/// joins m distinct peers that are there already, peers with many neighbors more likely.
///
/// The variant is NetworkX's barabasi_albert_graph: the seed is a star of m + 1 peers,
/// hub 0; then peers m + 1, m + 2, ... arrive. An arriving peer draws its m neighbors one
/// after another, each with probability degree / (sum of the degrees of the peers not yet
/// drawn), degrees as they were before it arrived. (Barabasi and Albert leave the edges of
/// the first m0 peers open.) Exactly m (n - m) edges; simple; connected; every degree but
/// those of the seed's leaves is at least m. For large n a peer has k neighbors with
/// probability 2 m (m + 1) / (k (k + 1) (k + 2)), k >= m, so the mean is 2 m and the largest
/// degree grows like m sqrt(n).
///
/// Ids tell a peer's age: low ids arrived early and are the hubs, high ids have about m
/// neighbors. A selection of peers by id, and every rule that prefers the lower id among
/// equals, therefore also selects by degree; {random: ...} does not. Samples are dealt
/// without regard to ids.
///
/// m + 1 peers make the star. One peer alone admits no m; two peers share one edge.
///
/// Barabasi, Albert. Emergence of scaling in random networks. Science 286, 1999, pages
/// 509-512. Degrees: Bollobas, Riordan, Spencer, Tusnady. The degree sequence of a
/// scale-free random graph process. Random Structures and Algorithms 18, 2001, pages
/// 279-290.
struct BarabasiAlbertOptions {
  static constexpr std::string_view kKind = "barabasi_albert";
  static constexpr std::string_view kSummary =
      "Arriving peers join `edges` others, well-connected ones first; hubs.";

  int edges = 3;  ///< m, 1 <= m < num_peers.

  friend bool operator==(const BarabasiAlbertOptions&, const BarabasiAlbertOptions&) = default;
};

template <class Visitor>
void describe(Visitor& visit, BarabasiAlbertOptions& options) {
  visit("edges", options.edges, at_least(1), "neighbors that an arriving peer joins");
}

/// Says so if edges < 1, edges >= num_peers, or there were more than kMaxEdges edges.
std::optional<std::string> infeasible(const BarabasiAlbertOptions& options, int num_peers);

/// REQUIRES: num_peers >= 1.
/// @throws UserError if infeasible.
Graph make_graph(const BarabasiAlbertOptions& options, int num_peers, Rng rng);

}  // namespace hearsay
