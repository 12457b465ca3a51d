#include "scenarios/peer_selector.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <span>
#include <sstream>

#include "node/base/check.hpp"
#include "topologies/betweenness.hpp"

namespace hearsay {
namespace {

std::optional<std::string> infeasible_list(const std::vector<PeerSelector::IdRange>& ids,
                                           int num_peers) {
  if (ids.empty()) return "an empty list chooses no peer; the least is one";
  for (const auto& [first, last] : ids) {
    if (last < first) {
      return "range " + std::to_string(first) + "-" + std::to_string(last) +
             " runs backwards; write " + std::to_string(last) + "-" + std::to_string(first);
    }
    const PeerId outside = first < 0 ? first : last;
    if (outside < 0 || outside >= num_peers) {
      return "there is no peer " + std::to_string(outside) + "; ids are 0 to " +
             std::to_string(num_peers - 1);
    }
  }
  return std::nullopt;
}

std::optional<std::string> infeasible_amount(const PeerSelector& selector, int num_peers) {
  if (const auto* share = std::get_if<Fraction>(&selector.amount)) {
    if (share->value > 0.0 && share->value <= 1.0) return std::nullopt;
    std::ostringstream message;
    message << "a share of " << 100.0 * share->value
            << "% of the peers; it must be above 0% and at most 100%";
    return message.str();
  }
  const std::int64_t count = std::get<std::int64_t>(selector.amount);
  if (count < 1) return std::to_string(count) + " peers; the least is 1";
  if (count > num_peers) {
    return std::to_string(count) + " peers of " + std::to_string(num_peers) + "; the most is " +
           std::to_string(num_peers);
  }
  return std::nullopt;
}

std::size_t amount_of(const PeerSelector& selector, int num_peers) {
  if (const auto* share = std::get_if<Fraction>(&selector.amount)) {
    return static_cast<std::size_t>(std::max(1LL, std::llround(share->value * num_peers)));
  }
  return static_cast<std::size_t>(std::get<std::int64_t>(selector.amount));
}

std::vector<PeerId> listed(const std::vector<PeerSelector::IdRange>& ids) {
  std::vector<PeerId> peers;
  for (const auto& [first, last] : ids) {
    for (PeerId peer = first; peer <= last; ++peer) peers.push_back(peer);
  }
  std::ranges::sort(peers);
  const auto repeated = std::ranges::unique(peers);
  peers.erase(repeated.begin(), repeated.end());
  return peers;
}

std::vector<PeerId> with_role(PeerSelector::Role role, const SelectionContext& context) {
  HEARSAY_CHECK(context.train_samples);
  std::vector<PeerId> peers;
  for (PeerId peer = 0; peer < context.graph.num_peers(); ++peer) {
    const bool holds_data = context.train_samples(peer) > 0;
    if (holds_data == (role == PeerSelector::Role::kDataHolders)) peers.push_back(peer);
  }
  return peers;
}

/// What peers are ranked by, the lowest first. Exact in a float, but for betweenness.
std::vector<float> rank_keys(PeerSelector::Kind kind, const Graph& graph) {
  std::vector<float> keys;
  if (kind == PeerSelector::Kind::kHighestDegree || kind == PeerSelector::Kind::kLowestDegree) {
    for (PeerId peer = 0; peer < graph.num_peers(); ++peer) {
      keys.push_back(static_cast<float>(graph.degree(peer)));
    }
  } else {
    for (const double value : betweenness(graph)) keys.push_back(static_cast<float>(value));
  }
  if (kind == PeerSelector::Kind::kHighestDegree ||
      kind == PeerSelector::Kind::kHighestBetweenness) {
    for (float& key : keys) key = -key;
  }
  return keys;
}

/// All peers, those to choose first in front.
std::vector<PeerId> ranked(const PeerSelector& selector, const SelectionContext& context) {
  std::vector<PeerId> peers(static_cast<std::size_t>(context.graph.num_peers()));
  std::iota(peers.begin(), peers.end(), 0);
  if (selector.kind == PeerSelector::Kind::kAll) return peers;
  if (selector.kind == PeerSelector::Kind::kRandom) {
    Rng rng = context.rng;
    rng.shuffle(std::span(peers));
    return peers;
  }
  const std::vector<float> keys = rank_keys(selector.kind, context.graph);
  std::ranges::stable_sort(peers, std::ranges::less{},
                           [&](PeerId peer) { return keys[static_cast<std::size_t>(peer)]; });
  return peers;
}

}  // namespace

std::optional<std::string> infeasible(const PeerSelector& selector, int num_peers) {
  switch (selector.kind) {
    case PeerSelector::Kind::kAll:
    case PeerSelector::Kind::kRole:
      return std::nullopt;
    case PeerSelector::Kind::kList:
      return infeasible_list(selector.ids, num_peers);
    case PeerSelector::Kind::kRandom:
    case PeerSelector::Kind::kHighestDegree:
    case PeerSelector::Kind::kLowestDegree:
    case PeerSelector::Kind::kHighestBetweenness:
    case PeerSelector::Kind::kLowestBetweenness:
      return infeasible_amount(selector, num_peers);
  }
  return std::nullopt;
}

std::vector<PeerId> select(const PeerSelector& selector, const SelectionContext& context) {
  const int num_peers = context.graph.num_peers();
  HEARSAY_CHECK(!infeasible(selector, num_peers));
  if (selector.kind == PeerSelector::Kind::kList) return listed(selector.ids);
  if (selector.kind == PeerSelector::Kind::kRole) return with_role(selector.role, context);
  std::vector<PeerId> peers = ranked(selector, context);
  if (selector.kind != PeerSelector::Kind::kAll) peers.resize(amount_of(selector, num_peers));
  std::ranges::sort(peers);
  return peers;
}

}  // namespace hearsay
