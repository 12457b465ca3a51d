#include "topologies/erdos_renyi.hpp"

#include <cmath>
#include <cstdint>
#include <sstream>
#include <vector>

#include "node/base/check.hpp"
#include "node/base/error.hpp"
#include "topologies/generator.hpp"

namespace hearsay {
namespace {

constexpr double kMaxExpectedIsolated = 15.0;

double num_pairs(int num_peers) { return 0.5 * num_peers * (num_peers - 1.0); }

double expected_isolated(double p, int num_peers) {
  return num_peers * std::exp((num_peers - 1) * std::log1p(-p));
}

std::string threshold_advice(int num_peers) {
  std::ostringstream advice;
  advice << "graphs of " << num_peers
         << " peers are connected above about ln(n)/n = " << std::log(num_peers) / num_peers
         << "; raise probability or set connected: false";
  return advice.str();
}

Graph draw(double p, int num_peers, Rng& rng) {
  std::vector<Edge> edges;
  if (p == 0.0) return {num_peers, edges};
  const double mean = p * num_pairs(num_peers);
  edges.reserve(static_cast<std::size_t>(mean + 4.0 * std::sqrt(mean)) + 16);
  // ln(1 - p) is -infinity for p = 1: every gap is then 1.
  const double log_absent = std::log1p(-p);
  double pairs_left = num_pairs(num_peers);
  // Pairs are ordered {1, 0}, {2, 0}, {2, 1}, {3, 0}, ...: `row` counts up to the
  // larger id, `column` is the smaller one.
  std::int64_t row = 1;
  std::int64_t column = -1;
  while (true) {
    const double gap = 1.0 + std::floor(std::log(1.0 - rng.uniform()) / log_absent);
    if (gap > pairs_left) return {num_peers, edges};
    pairs_left -= gap;
    column += static_cast<std::int64_t>(gap);
    while (column >= row) column -= row++;
    edges.emplace_back(static_cast<PeerId>(column), static_cast<PeerId>(row));
  }
}

}  // namespace

std::optional<std::string> infeasible(const ErdosRenyiOptions& options, int num_peers) {
  const double p = options.probability.value;
  std::ostringstream message;
  message << "probability " << p;
  if (!(p >= 0.0 && p <= 1.0)) {
    message << " is not between 0 and 1";
    return message.str();
  }
  const double expected_edges = p * num_pairs(num_peers);
  if (expected_edges > static_cast<double>(kMaxEdges)) {
    message << " makes about " << expected_edges << " edges of " << num_peers << " peers, at most "
            << kMaxEdges << " are possible; use "
            << static_cast<double>(kMaxEdges) / num_pairs(num_peers) << " or less";
    return message.str();
  }
  if (!options.connected || num_peers == 1) return std::nullopt;
  const double isolated = expected_isolated(p, num_peers);
  if (p > 0.0 && isolated <= kMaxExpectedIsolated) return std::nullopt;
  message << " leaves about " << std::llround(isolated) << " of " << num_peers
          << " peers without neighbors; " << threshold_advice(num_peers);
  return message.str();
}

Graph make_graph(const ErdosRenyiOptions& options, int num_peers, Rng rng) {
  HEARSAY_CHECK(num_peers >= 1);
  require_feasible(options, num_peers);
  for (int i = 0; i < ErdosRenyiOptions::kMaxDraws; ++i) {
    Graph graph = draw(options.probability.value, num_peers, rng);
    if (!options.connected || graph.is_connected()) return graph;
  }
  std::ostringstream message;
  message << "topology erdos_renyi: probability " << options.probability.value << ": none of "
          << ErdosRenyiOptions::kMaxDraws << " draws was connected; "
          << threshold_advice(num_peers);
  throw UserError(message.str());
}

}  // namespace hearsay
