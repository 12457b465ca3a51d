#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "aggregators/aggregator.hpp"
#include "aggregators/coordinate_kernels.hpp"

namespace hearsay {

/// What a centralised rule combines: all vectors that a peer has, its own among them, in
/// ascending order of peer ids. Peers that hold the same vectors compute the same bits and
/// break ties alike.
class InputVectors {
 public:
  InputVectors(const AggregationInput& input, const AggregationContext& context);

  Rows rows() const { return rows_; }
  int size() const { return static_cast<int>(rows_.size()); }  ///< n.
  std::size_t own() const { return own_; }                     ///< Index of the own vector.

  /// The peer that sent row i.
  PeerId sender(std::size_t i) const { return senders_[i]; }

  /// Puts the rows' shares into the context's report, if it wants one.
  /// REQUIRES: one entry per row.
  void report(std::span<const double> shares, const AggregationContext& context) const;

 private:
  std::vector<std::span<const float>> rows_;
  std::vector<PeerId> senders_;
  std::size_t own_ = 0;
};

/// Why a rule that stands up to `f` bad inputs cannot work on n: nothing if n >= least, else
/// "<rule>: n = 5 inputs are too few for f = 2: it needs n >= 4f + 3 = 11". `bound` is the
/// formula.
std::optional<std::string> too_few_inputs(std::string_view rule, int n, int f,
                                          std::string_view bound, int least);

}  // namespace hearsay
