#pragma once

#include <string>
#include <vector>

#include "node/base/peer_id.hpp"
#include "node/base/rng.hpp"
#include "node/base/time.hpp"
#include "node/world/passage_options.hpp"

namespace hearsay {

/// How long a first byte takes from any peer to any other: `latency`, or the entry of a
/// matrix, or latency + per_unit * distance between points drawn from the streams
/// ("position", peer). Immutable; safe to share between threads.
class Latencies {
 public:
  /// REQUIRES: num_peers >= 1, !infeasible(options).
  /// @throws UserError for a matrix file that cannot be read ("FILE: ...") or that is not
  ///         num_peers lines of as many comma-separated numbers, each finite, at least 0
  ///         and at most 1e9 ("FILE:LINE: ..."). Empty lines, and lines that begin with
  ///         '#', do not count; spaces around a number do not matter.
  Latencies(const PassageOptions& options, int num_peers, const Rng& rng);

  SimTime between(PeerId from, PeerId to) const {
    return matrix_.empty() && positions_.empty() ? constant_ : looked_up(from, to);
  }

  /// The least between two different peers; the constant if there is only one peer.
  SimTime least() const { return least_; }

 private:
  struct Position {
    double x;
    double y;
  };

  SimTime looked_up(PeerId from, PeerId to) const;
  SimTime between(Position a, Position b) const;
  void read_matrix(const std::string& file);
  SimTime least_in_matrix() const;
  SimTime least_in_square() const;

  int num_peers_;
  SimTime constant_;
  SimTime per_unit_{};
  std::vector<SimTime> matrix_;      ///< Row by row; empty: none.
  std::vector<Position> positions_;  ///< Per peer; empty: none.
  SimTime least_;
};

}  // namespace hearsay
