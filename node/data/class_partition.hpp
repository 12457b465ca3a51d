#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "node/base/describe.hpp"
#include "node/base/rng.hpp"
#include "node/data/partition.hpp"

namespace hearsay {

struct ClassPartitionOptions {
  static constexpr std::string_view kKind = "classes";
  static constexpr std::string_view kSummary = "Every peer owns samples of a few classes only.";

  /// Which classes a peer owns.
  enum class Choice { kRandom, kSliding };

  Choice choice = Choice::kRandom;
  int least_classes = 3;
  int most_classes = 5;
  double mean = 10.0;
  double deviation = 3.0;

  friend bool operator==(const ClassPartitionOptions&, const ClassPartitionOptions&) = default;
};

constexpr auto enum_names(ClassPartitionOptions::Choice) {
  using Choice = ClassPartitionOptions::Choice;
  return std::array{EnumName<Choice>{Choice::kRandom, "random"},
                    EnumName<Choice>{Choice::kSliding, "sliding"}};
}

template <class Visitor>
void describe(Visitor& visit, ClassPartitionOptions& options) {
  visit("choice", options.choice, "a peer's classes: drawn, or those from its own number on");
  visit("least_classes", options.least_classes, between(1, 256), "fewest classes of a peer");
  visit("most_classes", options.most_classes, between(1, 256), "most classes of a peer");
  visit("mean", options.mean, above(0), "mean of what a peer's part of a class is drawn from");
  visit("deviation", options.deviation, at_least(0), "standard deviation of that");
}

/// Peer i draws a number of classes, uniform in {least_classes .. most_classes}, and as many
/// distinct classes; all are drawn again until every class has an owner. With choice sliding the
/// classes are not drawn: they are i, i + 1, ... modulo the number of classes. The samples of a
/// class go to its owners in proportion to draws from N(mean, deviation^2), those below
/// mean / 100 counting as mean / 100.
/// @throws UserError if least_classes > most_classes, if a peer should own more classes than
///         there are, or if no draw gives every class an owner.
/// FedCompass (dual_dirichlet_partition.hpp), appendix D; there 5 to 6 classes for 5 clients,
/// 3 to 5 for 10 and 20.
Partition make_partition(const ClassPartitionOptions& options, std::span<const std::uint8_t> labels,
                         int num_peers, const Rng& rng);

}  // namespace hearsay
