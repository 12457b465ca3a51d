#include "aggregators/aggregators.hpp"

#include <utility>

namespace hearsay {

std::unique_ptr<Aggregator> make_chosen(const AggregatorOptions& options) {
  std::unique_ptr<Aggregator> rule =
      std::visit([](const auto& chosen) { return make_aggregator(chosen); }, options.rule);
  rule = make_pre_aggregated(std::move(rule), options.pre);
  if (options.variance_correction) {
    rule = make_variance_corrected(std::move(rule), *options.variance_correction);
  }
  return rule;
}

}  // namespace hearsay
