#include "scenarios/peer_selector.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <span>
#include <sstream>

#include "node/base/check.hpp"

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
  return peers;
}

}  // namespace

std::optional<std::string> infeasible(const PeerSelector& selector, int num_peers) {
  switch (selector.kind) {
    case PeerSelector::Kind::kAll:
      return std::nullopt;
    case PeerSelector::Kind::kList:
      return infeasible_list(selector.ids, num_peers);
    case PeerSelector::Kind::kRandom:
    case PeerSelector::Kind::kHighestDegree:
    case PeerSelector::Kind::kLowestDegree:
      return infeasible_amount(selector, num_peers);
  }
  return std::nullopt;
}

std::vector<PeerId> select(const PeerSelector& selector, const Graph& graph, Rng rng) {
  HEARSAY_CHECK(!infeasible(selector, graph.num_peers()));
  std::vector<PeerId> peers(static_cast<std::size_t>(graph.num_peers()));
  std::iota(peers.begin(), peers.end(), 0);
  const auto degree = [&graph](PeerId peer) { return graph.degree(peer); };
  switch (selector.kind) {
    case PeerSelector::Kind::kAll:
      return peers;
    case PeerSelector::Kind::kList:
      peers = listed(selector.ids);
      break;
    case PeerSelector::Kind::kRandom:
      rng.shuffle(std::span(peers));
      break;
    case PeerSelector::Kind::kHighestDegree:
      std::ranges::stable_sort(peers, std::ranges::greater{}, degree);
      break;
    case PeerSelector::Kind::kLowestDegree:
      std::ranges::stable_sort(peers, std::ranges::less{}, degree);
      break;
  }
  if (selector.kind != PeerSelector::Kind::kList) {
    peers.resize(amount_of(selector, graph.num_peers()));
  }
  std::ranges::sort(peers);
  const auto repeated = std::ranges::unique(peers);
  peers.erase(repeated.begin(), repeated.end());
  return peers;
}

}  // namespace hearsay
