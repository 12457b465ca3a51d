#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "aggregators/aggregator.hpp"
#include "tests/reference/reference_vectors.hpp"

namespace hearsay {

using Vector = std::vector<float>;

/// What a rule made of some vectors.
struct Combined {
  Vector result;
  std::vector<double> influence;  ///< Of all vectors but the own one.
};

/// Applies a rule to rows of equal length; row i comes from peer i, row `own` is the
/// aggregating peer's. A state is made anew unless one is given.
inline Combined combine_with_report(const Aggregator& rule, const std::vector<Vector>& rows,
                                    std::size_t own = 0, AggregatorState* state = nullptr) {
  const Rng stream(1);
  ParameterLayout layout;
  layout.add("x", {static_cast<std::int64_t>(rows[own].size())}, TensorKind::kWeight);
  std::vector<ReceivedModel> received;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (i == own) continue;
    received.push_back({.sender = static_cast<PeerId>(i),
                        .weight = 1.0 / static_cast<double>(rows.size()),
                        .samples = 10,
                        .values = rows[i]});
  }
  const std::unique_ptr<AggregatorState> fresh = rule.make_state();
  AggregationReport report;
  Combined combined{.result = Vector(rows[own].size())};
  rule.aggregate({.own_weight = 1.0 / static_cast<double>(rows.size()),
                  .own_samples = 10,
                  .own = rows[own],
                  .received = received},
                 {.layout = layout,
                  .peer = static_cast<PeerId>(own),
                  .stream = stream,
                  .state = state != nullptr ? state : fresh.get(),
                  .report = &report},
                 combined.result);
  combined.influence = report.influence;
  return combined;
}

inline Vector combine(const Aggregator& rule, const std::vector<Vector>& rows,
                      std::size_t own = 0) {
  return combine_with_report(rule, rows, own).result;
}

/// Vectors of one entry, 0, 1, 4, 6 and 100: they tell most rules apart.
inline std::vector<Vector> five_numbers() { return {{0}, {1}, {4}, {6}, {100}}; }

inline reference::Vecs to_reference(const std::vector<Vector>& rows) {
  reference::Vecs vectors;
  for (const Vector& row : rows) vectors.emplace_back(row.begin(), row.end());
  return vectors;
}

}  // namespace hearsay
