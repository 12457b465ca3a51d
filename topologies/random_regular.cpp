#include "topologies/random_regular.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "node/base/check.hpp"
#include "topologies/generator.hpp"

namespace hearsay {
namespace {

// A set of pairs of peers with a fixed capacity, by open addressing: testing a pair takes
// constant time whatever the degree.
class PairSet {
 public:
  explicit PairSet(std::size_t capacity)
      : slots_(std::bit_ceil(2 * capacity + 2), kEmpty),
        shift_(64 - std::countr_zero(slots_.size())) {}

  bool contains(PeerId a, PeerId b) const { return slots_[slot_of(key(a, b))] != kEmpty; }
  void insert(PeerId a, PeerId b) { slots_[slot_of(key(a, b))] = key(a, b); }

 private:
  static constexpr std::uint64_t kEmpty = ~std::uint64_t{0};

  static std::uint64_t key(PeerId a, PeerId b) {
    return static_cast<std::uint64_t>(std::min(a, b)) << 32 |
           static_cast<std::uint64_t>(std::max(a, b));
  }

  // Where the key is, or the empty slot where it belongs. At least half are empty.
  std::size_t slot_of(std::uint64_t wanted) const {
    std::size_t slot = (wanted * 0x9e3779b97f4a7c15ULL) >> shift_;
    while (slots_[slot] != wanted && slots_[slot] != kEmpty) {
      slot = (slot + 1) & (slots_.size() - 1);
    }
    return slot;
  }

  std::vector<std::uint64_t> slots_;
  int shift_;
};

// One attempt at joining num_peers * degree stubs.
class StubPairing {
 public:
  StubPairing(int num_peers, int degree)
      : joined_(static_cast<std::size_t>(num_peers) * static_cast<std::size_t>(degree) / 2) {
    const auto stubs_per_peer = static_cast<std::size_t>(degree);
    stubs_.reserve(static_cast<std::size_t>(num_peers) * stubs_per_peer);
    for (PeerId peer = 0; peer < num_peers; ++peer) {
      stubs_.insert(stubs_.end(), stubs_per_peer, peer);
    }
    edges_.reserve(stubs_.size() / 2);
  }

  // False if the stubs left over cannot be joined.
  bool run(Rng& rng) {
    // After this many refusals in a row it pays to look at every pair.
    constexpr int kPatience = 64;
    int refusals = 0;
    while (!stubs_.empty()) {
      const auto i = static_cast<std::size_t>(rng.below(stubs_.size()));
      const auto j = static_cast<std::size_t>(rng.below(stubs_.size()));
      if (can_join(stubs_[i], stubs_[j])) {
        join(i, j);
        refusals = 0;
      } else if (++refusals == kPatience) {
        if (!any_can_join()) return false;
        refusals = 0;
      }
    }
    return true;
  }

  std::vector<Edge> take_edges() { return std::move(edges_); }

 private:
  bool can_join(PeerId a, PeerId b) const { return a != b && !joined_.contains(a, b); }

  bool any_can_join() const {
    std::vector<PeerId> peers = stubs_;
    std::ranges::sort(peers);
    const auto repeated = std::ranges::unique(peers);
    peers.erase(repeated.begin(), repeated.end());
    for (std::size_t i = 0; i < peers.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        if (can_join(peers[i], peers[j])) return true;
      }
    }
    return false;
  }

  void join(std::size_t i, std::size_t j) {
    joined_.insert(stubs_[i], stubs_[j]);
    edges_.emplace_back(stubs_[i], stubs_[j]);
    remove_stub(std::max(i, j));
    remove_stub(std::min(i, j));
  }

  void remove_stub(std::size_t i) {
    stubs_[i] = stubs_.back();
    stubs_.pop_back();
  }

  PairSet joined_;
  std::vector<PeerId> stubs_;  // A peer's id once per neighbor that it lacks.
  std::vector<Edge> edges_;
};

Graph pair_stubs(int num_peers, int degree, Rng& rng) {
  while (true) {
    StubPairing pairing(num_peers, degree);
    if (pairing.run(rng)) return {num_peers, pairing.take_edges()};
  }
}

Graph complement(const Graph& graph) {
  const std::int64_t n = graph.num_peers();
  std::vector<Edge> edges;
  edges.reserve(static_cast<std::size_t>(n * (n - 1) / 2 - graph.num_edges()));
  for (PeerId i = 0; i < n; ++i) {
    std::span<const PeerId> absent = graph.neighbors(i);
    for (PeerId j = 0; j < n; ++j) {
      if (!absent.empty() && absent.front() == j) {
        absent = absent.subspan(1);
      } else if (i < j) {
        edges.emplace_back(i, j);
      }
    }
  }
  return {graph.num_peers(), edges};
}

Graph draw(int num_peers, int degree, Rng& rng) {
  if (degree <= (num_peers - 1) / 2) return pair_stubs(num_peers, degree, rng);
  return complement(pair_stubs(num_peers, num_peers - 1 - degree, rng));
}

}  // namespace

std::optional<std::string> infeasible(const RandomRegularOptions& options, int num_peers) {
  const int degree = options.degree;
  const std::string given = "degree " + std::to_string(degree);
  if (degree < 1) return given + " is below 1";
  if (degree >= num_peers) {
    std::string message = given + " needs more than " + std::to_string(degree) +
                          " peers, there are " + std::to_string(num_peers);
    if (num_peers > 1) message += "; nearest valid degree: " + std::to_string(num_peers - 1);
    return message;
  }
  const std::int64_t num_stubs = std::int64_t{degree} * num_peers;
  if (num_stubs % 2 != 0) {
    // An odd degree below an odd number of peers has an even one on either side.
    const std::string below = degree > 1 ? std::to_string(degree - 1) + " or " : "";
    return given + " x " + std::to_string(num_peers) +
           " peers is odd, but every edge has two ends; nearest valid degree: " + below +
           std::to_string(degree + 1);
  }
  if (num_stubs / 2 > kMaxEdges) {
    return given + " makes " + std::to_string(num_stubs / 2) + " edges of " +
           std::to_string(num_peers) + " peers, at most " + std::to_string(kMaxEdges) +
           " are possible; use degree " + std::to_string(2 * kMaxEdges / num_peers) + " or less";
  }
  return std::nullopt;
}

Graph make_graph(const RandomRegularOptions& options, int num_peers, Rng rng) {
  HEARSAY_CHECK(num_peers >= 1);
  require_feasible(options, num_peers);
  while (true) {
    Graph graph = draw(num_peers, options.degree, rng);
    if (options.degree < 3 || graph.is_connected()) return graph;
  }
}

}  // namespace hearsay
