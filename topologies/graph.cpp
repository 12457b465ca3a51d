#include "topologies/graph.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>

#include "node/base/check.hpp"

namespace hearsay {
namespace {

std::size_t index(std::int64_t i) { return static_cast<std::size_t>(i); }

void require_valid(const Edge& edge, int num_peers) {
  const auto is_peer = [num_peers](PeerId id) { return id >= 0 && id < num_peers; };
  const bool in_range = is_peer(edge.first) && is_peer(edge.second);
  if (in_range && edge.first != edge.second) return;
  const std::string name =
      "edge {" + std::to_string(edge.first) + ", " + std::to_string(edge.second) + "}";
  if (in_range) throw std::invalid_argument(name + " joins a peer to itself");
  throw std::invalid_argument(name + " is out of range; ids are 0 to " +
                              std::to_string(num_peers - 1));
}

// Sorts every peer's slots, drops repeated ones and closes the gaps.
void sort_and_deduplicate(std::vector<std::int64_t>& offsets, std::vector<PeerId>& neighbors) {
  auto write = neighbors.begin();
  std::int64_t row_begin = 0;
  for (std::size_t peer = 0; peer + 1 < offsets.size(); ++peer) {
    const auto first = neighbors.begin() + row_begin;
    const auto last = neighbors.begin() + offsets[peer + 1];
    row_begin = offsets[peer + 1];
    if (!std::is_sorted(first, last)) std::sort(first, last);
    write = std::unique_copy(first, last, write);
    offsets[peer + 1] = write - neighbors.begin();
  }
  neighbors.erase(write, neighbors.end());
}

}  // namespace

Graph::Graph(int num_peers, std::span<const Edge> edges) {
  if (num_peers < 1) {
    throw std::invalid_argument("a graph of " + std::to_string(num_peers) +
                                " peers; the least is 1");
  }
  offsets_.assign(index(num_peers) + 1, 0);
  for (const Edge& edge : edges) {
    require_valid(edge, num_peers);
    ++offsets_[index(edge.first) + 1];
    ++offsets_[index(edge.second) + 1];
  }
  for (std::size_t peer = 0; peer < index(num_peers); ++peer) offsets_[peer + 1] += offsets_[peer];
  neighbors_.resize(2 * edges.size());
  std::vector<std::int64_t> next(offsets_.begin(), offsets_.end() - 1);
  for (const auto& [a, b] : edges) {
    neighbors_[index(next[index(a)]++)] = b;
    neighbors_[index(next[index(b)]++)] = a;
  }
  sort_and_deduplicate(offsets_, neighbors_);
}

std::span<const PeerId> Graph::neighbors(PeerId peer) const {
  HEARSAY_CHECK(peer >= 0);
  HEARSAY_CHECK(peer < num_peers());
  const std::int64_t begin = offsets_[index(peer)];
  return std::span(neighbors_).subspan(index(begin), index(offsets_[index(peer) + 1] - begin));
}

bool Graph::is_connected() const {
  std::vector<bool> reached(index(num_peers()), false);
  std::vector<PeerId> frontier{0};
  reached[0] = true;
  int num_reached = 1;
  while (!frontier.empty()) {
    const PeerId peer = frontier.back();
    frontier.pop_back();
    for (const PeerId neighbor : neighbors(peer)) {
      if (reached[index(neighbor)]) continue;
      reached[index(neighbor)] = true;
      ++num_reached;
      frontier.push_back(neighbor);
    }
  }
  return num_reached == num_peers();
}

}  // namespace hearsay
