#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "aggregators/aggregator.hpp"

namespace hearsay {

/// An aggregation of a few short vectors, as tests write it down.
struct SmallAggregation {
  std::vector<float> own;
  std::vector<std::vector<float>> received;  ///< Of senders 1, 2, ...
  std::vector<double> weights{};             ///< Empty: 1 / (received + 1) each.
  std::vector<float> previous{};             ///< Empty: zeros.

  /// What `rule` makes of it, for peer 0 in round 7, with one weight tensor of two rows (one
  /// if that does not go).
  std::vector<float> by(const Aggregator& rule, AggregationReport* report = nullptr,
                        AggregationIncidents* incidents = nullptr) const {
    const std::vector<float> zeros(own.size(), 0.0F);
    std::vector<ReceivedModel> models;
    double own_weight = 1.0;
    for (std::size_t i = 0; i < received.size(); ++i) {
      const double equal = 1.0 / static_cast<double>(received.size() + 1);
      models.push_back({.sender = static_cast<PeerId>(i + 1),
                        .weight = weights.empty() ? equal : weights[i],
                        .samples = 10,
                        .values = received[i]});
      own_weight -= models.back().weight;
    }
    ParameterLayout layout;
    const auto size = static_cast<std::int64_t>(own.size());
    const std::int64_t rows = size % 2 == 0 ? 2 : 1;
    layout.add("weight", {rows, size / rows}, TensorKind::kWeight);
    const Rng stream(1);
    const auto state = rule.make_state();
    std::vector<float> result(own.size());
    rule.aggregate({.own_weight = own_weight,
                    .own_samples = 10,
                    .own = own,
                    .previous = previous.empty() ? zeros : previous,
                    .received = models},
                   {.layout = layout,
                    .peer = 0,
                    .round = 7,
                    .stream = stream,
                    .state = state.get(),
                    .report = report,
                    .incidents = incidents},
                   result);
    return result;
  }
};

}  // namespace hearsay
