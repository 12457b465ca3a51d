#include "aggregators/aggregators.hpp"

#include <type_traits>
#include <utility>

#include "aggregators/update_space.hpp"

namespace hearsay {

Space space_of(const AggregatorOptions& options) {
  return std::visit(
      [&](const auto& chosen) {
        return resolve(options.space, space_of<std::decay_t<decltype(chosen)>>());
      },
      options.rule);
}

std::unique_ptr<Aggregator> make_chosen(const AggregatorOptions& options) {
  std::unique_ptr<Aggregator> rule =
      std::visit([](const auto& chosen) { return make_aggregator(chosen); }, options.rule);
  if (space_of(options) == Space::kUpdate) rule = make_update_space(std::move(rule));
  if (options.variance_correction) {
    rule = make_variance_corrected(std::move(rule), *options.variance_correction);
  }
  return make_guarded(std::move(rule), options.on_infeasible);
}

}  // namespace hearsay
