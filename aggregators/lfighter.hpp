#pragma once

#include <memory>
#include <string_view>

#include "aggregators/aggregator.hpp"
#include "aggregators/space.hpp"

namespace hearsay {

struct LfighterOptions {
  static constexpr std::string_view kKind = "lfighter";
  static constexpr std::string_view kSummary =
      "LFighter: two clusters by the most changed classes' output weights; drops the denser.";
  static constexpr std::string_view kReference = "Jebreel et al., Neural Networks 170, 2024";
  static constexpr Space kSpace = Space::kUpdate;

  friend bool operator==(const LfighterOptions&, const LfighterOptions&) = default;
};

template <class Visitor>
void describe(Visitor&, LfighterOptions&) {}

/// LFighter, against label flipping, for classifiers. Of the n updates that a peer has, its own
/// among them, with output layers W_i (a row per class) and biases b_i:
///   1. the two classes c with the largest sum_i (||W_i[c]||_2 + |b_i[c]|) are looked at, both
///      of two; v_i are the rows W_i[c] of these, one behind the other;
///   2. the v_i are divided into two clusters by 2-means;
///   3. a cluster C is as sparse as |C| / n (1 - mean_{i in C} min(0, min_{k in C} cos(v_i, v_k)));
///   4. result = mean of the updates in the sparser cluster; of equally sparse ones, in that of
///      the start below that comes first.
/// Attackers that flip the same labels are alike, hence dense. The paper leaves the start of
/// 2-means to the library; here it starts from the two v_i that are farthest apart and moves
/// points to the nearer center until nothing changes, 100 times at most. If all v_i are equal,
/// nothing is dropped. The mixing matrix is not used. Space: update (angles between updates).
/// aggregate() @throws UserError where the model has no output layer.
///
/// Jebreel, Domingo-Ferrer, Sánchez, Blanco-Justicia. LFighter: Defending against the
/// label-flipping attack in federated learning. Neural Networks 170:111-126, 2024; steps and
/// formulas as in the authors' code (github.com/NajeebJebreel/LFighter), where a vector's cosine
/// with itself counts as 0.
std::unique_ptr<Aggregator> make_aggregator(const LfighterOptions& options);

}  // namespace hearsay
