#include "node/protocols/sample_order.hpp"

#include <algorithm>
#include <utility>

#include "node/base/md5.hpp"

namespace hearsay {

std::string sampling_name(PeerId peer) {
  return (peer < 10 ? "node-0" : "node-") + std::to_string(peer);
}

std::vector<PeerId> sample_order(std::vector<PeerId> candidates, int round) {
  const std::string suffix = "-" + std::to_string(round);
  std::vector<std::pair<Md5Digest, PeerId>> ranked;
  ranked.reserve(candidates.size());
  for (const PeerId peer : candidates) ranked.emplace_back(md5(sampling_name(peer) + suffix), peer);
  std::ranges::sort(ranked);
  std::ranges::transform(ranked, candidates.begin(), &std::pair<Md5Digest, PeerId>::second);
  return candidates;
}

}  // namespace hearsay
