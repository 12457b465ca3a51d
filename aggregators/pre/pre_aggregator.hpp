#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "aggregators/input_vectors.hpp"

namespace hearsay {

/// A vector that a pre-aggregator makes: sum_i weights_i x_i over all its inputs.
struct Mixture {
  std::vector<std::size_t> members;  ///< The inputs whose place it takes; ascending, not empty.
  std::vector<double> weights;       ///< One per input.
};

/// Turns a rule's inputs into others before the rule sees them: vectors mixed, clipped or
/// grouped, each a linear combination of inputs. One object serves all peers, on several
/// threads at once.
class PreAggregator {
 public:
  virtual ~PreAggregator() = default;

  /// What the rule sees in place of x, in ascending order of first members. Every input is a
  /// member of exactly one mixture. REQUIRES: at least two inputs; infeasible() says nothing.
  virtual std::vector<Mixture> mix(const InputVectors& x,
                                   const AggregationContext& context) const = 0;

  /// How many vectors it makes of so many.
  virtual int outputs(int inputs) const { return inputs; }

  /// As of a rule (aggregator.hpp).
  virtual std::optional<std::string> infeasible(int inputs) const {
    static_cast<void>(inputs);
    return std::nullopt;
  }
};

}  // namespace hearsay
