#pragma once

#include <memory>
#include <string_view>

#include "aggregators/aggregator.hpp"
#include "aggregators/space.hpp"

namespace hearsay {

struct FltrustOptions {
  static constexpr std::string_view kKind = "fltrust";
  static constexpr std::string_view kSummary =
      "Mean of the inputs scaled to the own norm, weighted by their cosine with it.";
  static constexpr std::string_view kReference = "Cao, Fang, Liu, Gong, NDSS 2021";
  static constexpr Space kSpace = Space::kUpdate;

  friend bool operator==(const FltrustOptions&, const FltrustOptions&) = default;
};

template <class Visitor>
void describe(Visitor&, FltrustOptions&) {}

/// FLTrust with the own update as root: with g_0 the own update,
///   TS_i = max(0, cos(g_i, g_0)),  result = sum_i TS_i (||g_0|| / ||g_i||) g_i / sum_i TS_i.
/// The own update is one of the g_i, with TS = 1, so that the sum is never empty. Updates of
/// norm 0 have TS = 0. Mixing weights are not used. Space: update.
/// Cao, Fang, Liu, Gong. FLTrust: Byzantine-robust federated learning via trust bootstrapping.
/// NDSS 2021.
std::unique_ptr<Aggregator> make_aggregator(const FltrustOptions& options);

}  // namespace hearsay
