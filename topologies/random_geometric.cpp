#include "topologies/random_geometric.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <sstream>
#include <vector>

#include "node/base/check.hpp"
#include "node/base/error.hpp"
#include "topologies/generator.hpp"

namespace hearsay {
namespace {

constexpr double kMaxExpectedIsolated = 15.0;

struct Place {
  double x = 0.0;
  double y = 0.0;
};

// The chance that two peers are joined, for r <= 1; above nearly all are.
double chance_of_edge(double r) {
  if (r > 1.0) return 1.0;
  return r * r * (std::numbers::pi - r * (8.0 / 3.0 - r / 2.0));
}

double expected_isolated(double r, int num_peers) {
  const double within = std::min(1.0, std::numbers::pi * r * r);
  return num_peers * std::exp((num_peers - 1) * std::log1p(-within));
}

std::string threshold_advice(int num_peers) {
  std::ostringstream advice;
  advice << "graphs of " << num_peers << " peers are connected above about sqrt(ln(n) / (pi n)) = "
         << std::sqrt(std::log(num_peers) / (std::numbers::pi * num_peers))
         << "; raise radius or set connected: false";
  return advice.str();
}

// Square cells at least one radius wide, so that a peer's neighbors are in the cells around
// it; no more cells than peers.
class Cells {
 public:
  Cells(const std::vector<Place>& places, double radius)
      : per_side_(static_cast<int>(std::clamp(
            1.0 / radius, 1.0, std::max(1.0, std::sqrt(static_cast<double>(places.size())))))),
        members_(static_cast<std::size_t>(per_side_) * static_cast<std::size_t>(per_side_)) {
    for (std::size_t peer = 0; peer < places.size(); ++peer) {
      members_[at(cell(places[peer].x), cell(places[peer].y))].push_back(static_cast<PeerId>(peer));
    }
  }

  template <class Visit>
  void visit_around(const Place& place, Visit visit) const {
    const int column = cell(place.x);
    const int row = cell(place.y);
    for (int y = std::max(0, row - 1); y <= std::min(per_side_ - 1, row + 1); ++y) {
      for (int x = std::max(0, column - 1); x <= std::min(per_side_ - 1, column + 1); ++x) {
        for (const PeerId peer : members_[at(x, y)]) visit(peer);
      }
    }
  }

 private:
  int cell(double coordinate) const { return static_cast<int>(coordinate * per_side_); }
  std::size_t at(int x, int y) const {
    return static_cast<std::size_t>(y) * static_cast<std::size_t>(per_side_) +
           static_cast<std::size_t>(x);
  }

  int per_side_;
  std::vector<std::vector<PeerId>> members_;
};

Graph draw(double radius, int num_peers, Rng& rng) {
  std::vector<Place> places(static_cast<std::size_t>(num_peers));
  for (Place& place : places) {
    place.x = rng.uniform();
    place.y = rng.uniform();
  }
  const Cells cells(places, radius);
  std::vector<Edge> edges;
  for (PeerId i = 0; i < num_peers; ++i) {
    const Place& here = places[static_cast<std::size_t>(i)];
    cells.visit_around(here, [&](PeerId j) {
      const Place& there = places[static_cast<std::size_t>(j)];
      const double dx = here.x - there.x;
      const double dy = here.y - there.y;
      if (i < j && dx * dx + dy * dy <= radius * radius) edges.emplace_back(i, j);
    });
  }
  return {num_peers, edges};
}

}  // namespace

std::optional<std::string> infeasible(const RandomGeometricOptions& options, int num_peers) {
  const double r = options.radius;
  std::ostringstream message;
  message << "radius " << r;
  if (!(r > 0.0 && r <= 1.5)) {
    message << " is not above 0 and at most 1.5";
    return message.str();
  }
  const double expected_edges = chance_of_edge(r) * 0.5 * num_peers * (num_peers - 1.0);
  if (expected_edges > static_cast<double>(kMaxEdges)) {
    message << " makes about " << expected_edges << " edges of " << num_peers << " peers, at most "
            << kMaxEdges << " are possible; lower radius";
    return message.str();
  }
  if (!options.connected || num_peers == 1) return std::nullopt;
  const double isolated = expected_isolated(r, num_peers);
  if (isolated <= kMaxExpectedIsolated) return std::nullopt;
  message << " leaves about " << std::llround(isolated) << " of " << num_peers
          << " peers without neighbors; " << threshold_advice(num_peers);
  return message.str();
}

Graph make_graph(const RandomGeometricOptions& options, int num_peers, Rng rng) {
  HEARSAY_CHECK(num_peers >= 1);
  require_feasible(options, num_peers);
  for (int i = 0; i < RandomGeometricOptions::kMaxDraws; ++i) {
    Graph graph = draw(options.radius, num_peers, rng);
    if (!options.connected || graph.is_connected()) return graph;
  }
  std::ostringstream message;
  message << "topology random_geometric: radius " << options.radius << ": none of "
          << RandomGeometricOptions::kMaxDraws << " draws was connected; "
          << threshold_advice(num_peers);
  throw UserError(message.str());
}

}  // namespace hearsay
