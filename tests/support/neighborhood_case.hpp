#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "aggregators/aggregator.hpp"
#include "node/base/rng.hpp"

namespace hearsay {

using Vector = std::vector<float>;

/// What a neighbor of peer 0 sent; the senders are 1, 2, ... in order.
struct Heard {
  Vector model;
  double weight = 0.0;
  std::int64_t samples = 1;
  int round = 0;
};

/// One aggregation of peer 0.
struct NeighborhoodCase {
  Vector own;
  std::vector<Heard> heard;
  std::int64_t own_samples = 1;
  int round = 0;
  Vector previous = {};
  std::vector<PeerId> attackers = {};
  ModelOracle* oracle = nullptr;
  AggregatorState* state = nullptr;
  const ParameterLayout* layout = nullptr;  ///< Null: one weight tensor.
};

struct RuleOutcome {
  Vector result;
  std::vector<double> influence;
};

/// Own and heard models with equal mixing weights 1 / n.
inline NeighborhoodCase evenly(const Vector& own, const std::vector<Vector>& heard) {
  NeighborhoodCase made{.own = own};
  for (const Vector& model : heard) {
    made.heard.push_back({.model = model, .weight = 1.0 / static_cast<double>(heard.size() + 1)});
  }
  return made;
}

inline RuleOutcome run_rule(const Aggregator& rule, const NeighborhoodCase& input) {
  ParameterLayout one_tensor;
  one_tensor.add("x", {static_cast<std::int64_t>(input.own.size())}, TensorKind::kWeight);
  double own_weight = 1.0;
  std::vector<ReceivedModel> received;
  for (const Heard& heard : input.heard) {
    own_weight -= heard.weight;
    received.push_back({.sender = static_cast<PeerId>(received.size() + 1),
                        .weight = heard.weight,
                        .samples = heard.samples,
                        .round = heard.round,
                        .values = heard.model});
  }
  const Rng stream(1);
  AggregationReport report;
  RuleOutcome outcome{.result = Vector(input.own.size(), std::numeric_limits<float>::quiet_NaN())};
  rule.aggregate({.own_weight = own_weight,
                  .own_samples = input.own_samples,
                  .own = input.own,
                  .previous = input.previous,
                  .received = received},
                 {.layout = input.layout == nullptr ? one_tensor : *input.layout,
                  .peer = 0,
                  .round = input.round,
                  .stream = stream,
                  .state = input.state,
                  .oracle = input.oracle,
                  .report = &report,
                  .attackers = input.attackers},
                 outcome.result);
  outcome.influence = report.influence;
  return outcome;
}

/// Random models with duplicates among them, in some cases whole numbers, so that distances
/// tie; random weights that leave something to the peer itself, samples and rounds.
inline NeighborhoodCase random_case(Rng& rng, std::size_t most_models, std::size_t most_entries) {
  const std::size_t entries = 1 + rng.below(most_entries);
  const std::size_t heard = 1 + rng.below(most_models - 1);
  const bool whole = rng.below(3) == 0;
  const auto draw = [&] {
    Vector model(entries);
    for (float& value : model) {
      value = whole ? static_cast<float>(rng.below(4)) : static_cast<float>(rng.normal());
    }
    return model;
  };
  NeighborhoodCase made{.own = draw(), .round = static_cast<int>(rng.below(50))};
  const bool even = rng.below(2) == 0;
  double total = 1.0;
  for (std::size_t j = 0; j < heard; ++j) {
    Heard one{.model = draw(),
              .weight = even ? 1.0 : 0.1 + rng.uniform(),
              .samples = static_cast<std::int64_t>(rng.below(5)),
              .round = static_cast<int>(rng.below(50))};
    if (j > 0 && rng.below(4) == 0) one.model = made.heard[rng.below(j)].model;
    total += one.weight;
    made.heard.push_back(one);
  }
  for (Heard& one : made.heard) one.weight /= total;
  return made;
}

}  // namespace hearsay
