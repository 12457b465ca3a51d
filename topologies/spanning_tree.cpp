#include "topologies/spanning_tree.hpp"

#include <utility>
#include <vector>

namespace hearsay {
namespace {

class FixedLinks final : public LinkSchedule {
 public:
  explicit FixedLinks(const std::vector<std::vector<PeerId>>& out)
      : links_(std::make_shared<RoundLinks>(out)) {}

  std::shared_ptr<const RoundLinks> links(int) const override { return links_; }

 private:
  std::shared_ptr<const RoundLinks> links_;
};

}  // namespace

Graph spanning_tree(const Graph& graph) {
  const int n = graph.num_peers();
  std::vector<bool> reached(static_cast<std::size_t>(n));
  std::vector<Edge> edges;
  std::vector<PeerId> queue;
  for (PeerId root = 0; root < n; ++root) {
    if (reached[static_cast<std::size_t>(root)]) continue;
    reached[static_cast<std::size_t>(root)] = true;
    queue.assign(1, root);
    for (std::size_t next = 0; next < queue.size(); ++next) {
      const PeerId peer = queue[next];
      for (const PeerId neighbor : graph.neighbors(peer)) {
        if (reached[static_cast<std::size_t>(neighbor)]) continue;
        reached[static_cast<std::size_t>(neighbor)] = true;
        edges.emplace_back(peer, neighbor);
        queue.push_back(neighbor);
      }
    }
  }
  return {n, edges};
}

std::unique_ptr<LinkSchedule> fixed_links(const Graph& graph) {
  std::vector<std::vector<PeerId>> out;
  for (PeerId peer = 0; peer < graph.num_peers(); ++peer) {
    const auto neighbors = graph.neighbors(peer);
    out.emplace_back(neighbors.begin(), neighbors.end());
  }
  return std::make_unique<FixedLinks>(out);
}

}  // namespace hearsay
