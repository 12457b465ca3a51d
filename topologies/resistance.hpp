#pragma once

#include <vector>

#include "topologies/edge_rates.hpp"

namespace hearsay {

/// How hard it is to agree over a graph whose edges are used at rates lambda_ij, with the
/// Laplacian Lambda (edge_rates.hpp) and its pseudo-inverse Lambda^+:
///   chi1 = 1 / lambda_2(Lambda),    lambda_2: the second-smallest eigenvalue,
///   chi2 = max_{ij} 1/2 (e_i - e_j)^T Lambda^+ (e_i - e_j).
/// chi2 <= chi1; both scale as 1 / rate; both infinite on a disconnected graph, 0 where there
/// are no edges to speak of (a single peer).
/// Nabli, Oyallon. DADAO: Decoupled accelerated decentralized asynchronous optimization.
/// ICML 2023 (arXiv:2208.00779).
struct GossipConstants {
  double chi1 = 0.0;
  double chi2 = 0.0;
};

/// Both constants. An edge of rate 0 does not count. Dense: O(n^2) memory, O(n^3 + edges n)
/// time. REQUIRES: num_peers <= 4096.
GossipConstants gossip_constants(const EdgeRates& rates);

/// (e_i - e_j)^T Lambda^+ (e_i - e_j) per edge, in the order of edges_of(): the resistance
/// between its ends if each edge has the conductance lambda_ij. Their sum weighted with
/// lambda_ij is n - 1 (Foster). Cost as above. REQUIRES: connected by edges of rate > 0.
std::vector<double> effective_resistances(const EdgeRates& rates);

/// The total rate sqrt(2 chi1 chi2) at which uniform edge rates satisfy chi1 chi2 = 1/2, the
/// condition under which averaging keeps up with one gradient per peer and unit of time.
/// `constants` are those of rates of 1 in all.
double sufficient_rate(const GossipConstants& constants);

}  // namespace hearsay
