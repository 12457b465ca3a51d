#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "node/base/describe.hpp"
#include "node/base/quantity.hpp"
#include "node/base/rng.hpp"
#include "topologies/graph.hpp"

namespace hearsay {

/// The random graph G(n, p): each of the n (n - 1) / 2 pairs of peers is joined with
/// probability p, independently. The gaps between joined pairs, in a fixed order of all
/// pairs, are geometric: gap = 1 + floor(ln U / ln(1 - p)), U uniform in (0, 1]; so the
/// work is linear in peers plus edges, not in pairs.
///
/// With `connected`, disconnected draws are repeated, at most kMaxDraws times: the
/// result is G(n, p) given that it is connected. Without, NOT guaranteed connected.
/// G(n, p) becomes connected around p = ln(n) / n.
///
/// Gilbert. Random graphs. Annals of Mathematical Statistics 30(4), 1959.
/// Erdos, Renyi. On random graphs I. Publicationes Mathematicae Debrecen 6, 1959.
/// Batagelj, Brandes. Efficient generation of large random networks. Physical Review E
/// 71, 036113, 2005.
struct ErdosRenyiOptions {
  static constexpr std::string_view kKind = "erdos_renyi";
  static constexpr std::string_view kSummary = "Every pair joined with `probability`.";
  static constexpr int kMaxDraws = 100;

  Fraction probability{0.3};  ///< p. Above ln(n) / n if the graph is to be connected.
  bool connected = true;      ///< Repeat disconnected draws.

  friend bool operator==(const ErdosRenyiOptions&, const ErdosRenyiOptions&) = default;
};

template <class Visitor>
void describe(Visitor& visit, ErdosRenyiOptions& options) {
  visit("probability", options.probability, between(0, 1), "chance of each edge");
  visit("connected", options.connected, "repeat the draw until the graph is connected");
}

/// Says so if p is not in [0, 1], if more than kMaxEdges edges are expected, or if the
/// graph is to be connected and that is out of reach: p = 0 with several peers, or more
/// than 15 isolated peers expected, n (1 - p)^(n - 1) > 15 (then kMaxDraws draws are all
/// disconnected but for a chance of about 100 exp(-15) = 3e-5). p above the threshold
/// can still be out of luck: see make_graph.
std::optional<std::string> infeasible(const ErdosRenyiOptions& options, int num_peers);

/// REQUIRES: num_peers >= 1.
/// @throws UserError if infeasible, or if kMaxDraws draws were all disconnected.
Graph make_graph(const ErdosRenyiOptions& options, int num_peers, Rng rng);

}  // namespace hearsay
