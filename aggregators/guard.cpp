#include "aggregators/guard.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "aggregators/mixing_average.hpp"
#include "node/base/error.hpp"
#include "node/base/finite.hpp"

namespace hearsay {
namespace {

/// The inputs that are finite.
struct FiniteInputs {
  AggregationInput input;
  std::vector<ReceivedModel> received;  ///< input.received, unless all were finite.
  std::vector<std::size_t> places;      ///< Of these among what was received; likewise.
  std::vector<PeerId> left_out;         ///< Ascending.

  bool is_all() const { return left_out.empty(); }
};

/// Which vectors a rule can work on.
using Check = bool (*)(std::span<const float> values);

void replace_own(FiniteInputs& inputs, PeerId self, Check is_fit) {
  AggregationInput& input = inputs.input;
  if (inputs.received.empty() || is_fit(input.own)) return;
  inputs.left_out.push_back(self);
  std::ranges::sort(inputs.left_out);
  const ReceivedModel& first = inputs.received.front();
  input.own = first.values;
  input.own_samples = first.samples;
  input.own_weight += first.weight;
  inputs.received.erase(inputs.received.begin());
  inputs.places.erase(inputs.places.begin());
}

FiniteInputs finite_inputs(const AggregationInput& input, PeerId self, Check is_fit) {
  FiniteInputs inputs{.input = input};
  const bool plain =
      is_fit(input.own) && std::ranges::all_of(input.received, is_fit, &ReceivedModel::values);
  if (plain) return inputs;
  for (std::size_t i = 0; i < input.received.size(); ++i) {
    if (is_fit(input.received[i].values)) {
      inputs.received.push_back(input.received[i]);
      inputs.places.push_back(i);
    } else {
      inputs.left_out.push_back(input.received[i].sender);
    }
  }
  replace_own(inputs, self, is_fit);
  inputs.input.received = inputs.received;
  return inputs;
}

class Guarded final : public Aggregator {
 public:
  Guarded(std::unique_ptr<Aggregator> rule, OnInfeasible on_infeasible)
      : rule_(std::move(rule)),
        mixing_(make_aggregator(MixingAverageOptions{})),
        on_infeasible_(on_infeasible) {}

  void aggregate(const AggregationInput& input, const AggregationContext& context,
                 std::span<float> result) const override {
    const Check is_fit = needs_previous() ? all_subtractable : all_finite;
    FiniteInputs inputs = finite_inputs(input, context.peer, is_fit);
    combine(inputs.input, context, result);
    if (!inputs.is_all()) {
      if (context.report != nullptr) spread_influence(inputs, input, *context.report);
      if (context.incidents != nullptr) context.incidents->not_finite = std::move(inputs.left_out);
    }
  }

  bool needs_previous() const override { return rule_->needs_previous(); }
  bool needs_oracle() const override { return rule_->needs_oracle(); }
  std::unique_ptr<AggregatorState> make_state() const override { return rule_->make_state(); }
  std::optional<std::string> infeasible(int inputs) const override {
    return rule_->infeasible(inputs);
  }

 private:
  void combine(const AggregationInput& input, const AggregationContext& context,
               std::span<float> result) const {
    if (input.received.empty()) {
      std::ranges::copy(input.own, result.begin());
      return;
    }
    const int count = static_cast<int>(input.received.size()) + 1;
    std::optional<std::string> wrong = rule_->infeasible(count);
    if (wrong) {
      make_do(*wrong, input, context, result);
    } else if (needs_previous() && !all_subtractable(input.previous)) {
      wrong = "the previous model is too large for differences; the own model is kept";
      keep_own(input, context, result);
    } else {
      rule_->aggregate(input, context, result);
      if (all_finite(result)) return;
      wrong = "its result is not finite; the own model is kept";
      keep_own(input, context, result);
    }
    if (context.incidents != nullptr) context.incidents->infeasible = std::move(wrong);
  }

  static void keep_own(const AggregationInput& input, const AggregationContext& context,
                       std::span<float> result) {
    std::ranges::copy(input.own, result.begin());
    if (context.report != nullptr) context.report->influence.assign(input.received.size(), 0.0);
  }

  void make_do(const std::string& wrong, const AggregationInput& input,
               const AggregationContext& context, std::span<float> result) const {
    switch (on_infeasible_) {
      case OnInfeasible::kError:
        throw UserError("peer " + std::to_string(context.peer) + ", round " +
                        std::to_string(context.round) + ": aggregator: " + wrong +
                        "; on_infeasible: skip or fallback would go on");
      case OnInfeasible::kSkip:
        keep_own(input, context, result);
        break;
      case OnInfeasible::kFallback:
        mixing_->aggregate(input, context, result);
        break;
    }
  }

  // From the finite inputs to all of them. A model that took the own one's place is no longer
  // told apart from it.
  static void spread_influence(const FiniteInputs& inputs, const AggregationInput& all,
                               AggregationReport& report) {
    if (report.influence.empty() && !inputs.received.empty()) return;
    std::vector<double> influence(all.received.size(), 0.0);
    for (std::size_t i = 0; i < inputs.received.size(); ++i) {
      influence[inputs.places[i]] = report.influence[i];
    }
    report.influence = std::move(influence);
  }

  std::unique_ptr<Aggregator> rule_;
  std::unique_ptr<Aggregator> mixing_;
  OnInfeasible on_infeasible_;
};

}  // namespace

std::unique_ptr<Aggregator> make_guarded(std::unique_ptr<Aggregator> rule,
                                         OnInfeasible on_infeasible) {
  return std::make_unique<Guarded>(std::move(rule), on_infeasible);
}

}  // namespace hearsay
