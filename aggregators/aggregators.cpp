#include "aggregators/aggregators.hpp"

#include <type_traits>
#include <utility>

#include "aggregators/update_space.hpp"

namespace hearsay {

Space space_of(const AggregatorOptions& options) {
  const Space own = std::visit(
      [](const auto& chosen) { return space_of<std::decay_t<decltype(chosen)>>(); }, options.rule);
  const bool is_update = own == Space::kUpdate || space_of(options.pre) == Space::kUpdate;
  return resolve(options.space, is_update ? Space::kUpdate : Space::kModel);
}

std::unique_ptr<Aggregator> make_chosen(const AggregatorOptions& options) {
  std::unique_ptr<Aggregator> rule =
      std::visit([](const auto& chosen) { return make_aggregator(chosen); }, options.rule);
  rule = make_pre_aggregated(std::move(rule), options.pre);
  if (space_of(options) == Space::kUpdate) rule = make_update_space(std::move(rule));
  if (options.variance_correction) {
    rule = make_variance_corrected(std::move(rule), *options.variance_correction);
  }
  return make_guarded(std::move(rule), options.on_infeasible);
}

}  // namespace hearsay
