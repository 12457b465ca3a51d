#pragma once

#include <string>
#include <vector>

#include "node/base/peer_id.hpp"

namespace hearsay {

/// The bytes by which MoDeST's hash knows a peer: "node-" and its id in decimal, with at
/// least two digits ("node-07", "node-123").
std::string sampling_name(PeerId peer);

/// The order in which the peers of MoDeST are asked whether they take part in a round:
///   order(k) = the candidates, ascending by MD5(name || "-" || decimal(k)),
/// digests compared byte by byte. A permutation of the candidates that does not depend on
/// their order: peers with equal views get equal samples without a word.
/// REQUIRES: candidates >= 0, distinct; round >= 0.
std::vector<PeerId> sample_order(std::vector<PeerId> candidates, int round);

}  // namespace hearsay
