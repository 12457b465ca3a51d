#include "topologies/drawing.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace hearsay {
namespace {

Point operator-(Point a, Point b) { return {a.x - b.x, a.y - b.y}; }
Point operator*(Point a, double factor) { return {a.x * factor, a.y * factor}; }
void add(Point& a, Point b) { a = {a.x + b.x, a.y + b.y}; }

std::vector<Point> on_circle(int num_peers) {
  std::vector<Point> places;
  for (int peer = 0; peer < num_peers; ++peer) {
    const double angle = 2.0 * std::numbers::pi * peer / num_peers;
    places.push_back({0.5 + 0.5 * std::sin(angle), 0.5 - 0.5 * std::cos(angle)});
  }
  return places;
}

void repel(const std::vector<Point>& places, double k, std::vector<Point>& forces) {
  for (std::size_t i = 0; i < places.size(); ++i) {
    for (std::size_t j = i + 1; j < places.size(); ++j) {
      Point apart = places[i] - places[j];
      // Peers on one spot go apart by their order.
      if (apart.x == 0.0 && apart.y == 0.0) apart = {-1e-6, 0.0};
      const Point push = apart * (k * k / (apart.x * apart.x + apart.y * apart.y));
      add(forces[i], push);
      add(forces[j], push * -1.0);
    }
  }
}

void attract(const std::vector<Point>& places, const Graph& graph, double k,
             std::vector<Point>& forces) {
  for (PeerId peer = 0; peer < graph.num_peers(); ++peer) {
    const auto i = static_cast<std::size_t>(peer);
    for (const PeerId other : graph.neighbors(peer)) {
      const Point apart = places[i] - places[static_cast<std::size_t>(other)];
      add(forces[i], apart * (-std::hypot(apart.x, apart.y) / k));
    }
  }
}

std::vector<Point> by_force(const Graph& graph) {
  constexpr int kSteps = 100;
  constexpr double kFirstTemperature = 0.1;
  std::vector<Point> places = on_circle(graph.num_peers());
  const double k = std::sqrt(1.0 / graph.num_peers());
  for (int step = 0; step < kSteps; ++step) {
    std::vector<Point> forces(places.size());
    repel(places, k, forces);
    attract(places, graph, k, forces);
    const double temperature = kFirstTemperature * (1.0 - static_cast<double>(step) / kSteps);
    for (std::size_t i = 0; i < places.size(); ++i) {
      const double length = std::hypot(forces[i].x, forces[i].y);
      if (length > 0.0) add(places[i], forces[i] * (std::min(length, temperature) / length));
    }
  }
  return places;
}

/// All peers, the peer with most neighbors first, then by the number of links to it.
std::vector<PeerId> from_hub(const Graph& graph) {
  PeerId hub = 0;
  for (PeerId peer = 1; peer < graph.num_peers(); ++peer) {
    if (graph.degree(peer) > graph.degree(hub)) hub = peer;
  }
  std::vector<PeerId> order;
  std::vector<bool> is_known(static_cast<std::size_t>(graph.num_peers()));
  const auto take = [&](PeerId peer) {
    if (is_known[static_cast<std::size_t>(peer)]) return;
    is_known[static_cast<std::size_t>(peer)] = true;
    order.push_back(peer);
  };
  std::size_t next = 0;
  const auto follow = [&] {
    for (; next < order.size(); ++next) {
      for (const PeerId other : graph.neighbors(order[next])) take(other);
    }
  };
  take(hub);
  follow();
  for (PeerId peer = 0; peer < graph.num_peers(); ++peer) {
    take(peer);
    follow();
  }
  return order;
}

std::vector<Point> as_sunflower(const Graph& graph) {
  constexpr double kGoldenAngle = std::numbers::pi * (3.0 - 2.2360679774997896);
  std::vector<Point> places(static_cast<std::size_t>(graph.num_peers()));
  double m = 0.0;
  for (const PeerId peer : from_hub(graph)) {
    const double radius = std::sqrt(m + 0.5);
    places[static_cast<std::size_t>(peer)] = {radius * std::sin(m * kGoldenAngle),
                                              -radius * std::cos(m * kGoldenAngle)};
    m += 1.0;
  }
  return places;
}

void fit_to_square(std::vector<Point>& places) {
  Point low = places.front();
  Point high = low;
  for (const Point& place : places) {
    low = {std::min(low.x, place.x), std::min(low.y, place.y)};
    high = {std::max(high.x, place.x), std::max(high.y, place.y)};
  }
  const double size = std::max({high.x - low.x, high.y - low.y, 1e-9});
  const Point middle = {(low.x + high.x) / 2.0, (low.y + high.y) / 2.0};
  const auto scaled = [size](double from_middle) {
    return std::clamp(0.5 + from_middle / size, 0.0, 1.0);
  };
  for (Point& place : places) place = {scaled(place.x - middle.x), scaled(place.y - middle.y)};
}

}  // namespace

std::vector<Point> draw_graph(const Graph& graph) {
  const bool is_small = graph.num_peers() <= kMostPeersDrawnByForce;
  std::vector<Point> places = is_small ? by_force(graph) : as_sunflower(graph);
  fit_to_square(places);
  return places;
}

std::vector<Edge> drawn_edges(const Graph& graph, std::int64_t most) {
  const std::int64_t stride = std::max<std::int64_t>(1, (graph.num_edges() + most - 1) / most);
  std::vector<Edge> edges;
  std::int64_t number = 0;
  for (PeerId peer = 0; peer < graph.num_peers(); ++peer) {
    for (const PeerId other : graph.neighbors(peer)) {
      if (other > peer && number++ % stride == 0) edges.emplace_back(peer, other);
    }
  }
  return edges;
}

}  // namespace hearsay
