#pragma once

#include <memory>
#include <string_view>

#include "aggregators/aggregator.hpp"

namespace hearsay {

struct MedianOptions {
  static constexpr std::string_view kKind = "median";
  static constexpr std::string_view kSummary = "Coordinate-wise median.";
  static constexpr std::string_view kReference = "Yin, Chen, Ramchandran, Bartlett, ICML 2018";

  friend bool operator==(const MedianOptions&, const MedianOptions&) = default;
};

template <class Visitor>
void describe(Visitor&, MedianOptions&) {}

/// Coordinate-wise median of all inputs, own one included; the mean of both middle values for
/// an even number. Stands up to any minority of bad inputs. Mixing weights are not used.
/// Space: model (translation-equivariant).
/// Yin, Chen, Ramchandran, Bartlett. Byzantine-robust distributed learning: towards optimal
/// statistical rates. ICML 2018.
std::unique_ptr<Aggregator> make_aggregator(const MedianOptions& options);

}  // namespace hearsay
