#include "aggregators/variance_correction.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "aggregators/vector_kernels.hpp"

namespace hearsay {
namespace {

bool is_corrected(const TensorSlot& tensor) {
  return tensor.kind == TensorKind::kWeight && tensor.shape.size() >= 2;
}

double correction_factor(double target, double current) {
  const double tiny = 1e-12 * std::max(1.0, target);
  if (target == 0.0 || current <= tiny) return 1.0;
  return std::sqrt(target / current);
}

void rescale(std::span<float> values, double mean, double factor) {
  for (float& value : values) {
    value = static_cast<float>((static_cast<double>(value) - mean) * factor + mean);
  }
}

double variance_of(std::span<const float> model, const TensorSlot& tensor) {
  return moments(model.subspan(tensor.offset, tensor.size)).variance;
}

class VarianceCorrected final : public Aggregator {
 public:
  VarianceCorrected(std::unique_ptr<Aggregator> rule, VarianceCorrectionOptions::Target target)
      : rule_(std::move(rule)), target_(target) {}

  void aggregate(const AggregationInput& input, const AggregationContext& context,
                 std::span<float> result) const override {
    rule_->aggregate(input, context, result);
    if (input.received.empty()) return;
    for (const TensorSlot& tensor : context.layout.tensors()) {
      if (!is_corrected(tensor)) continue;
      const double target = target_variance(input, tensor);
      const std::span<float> averaged = result.subspan(tensor.offset, tensor.size);
      const Moments now = moments(averaged);
      const double factor = correction_factor(target, now.variance);
      if (factor != 1.0) rescale(averaged, now.mean, factor);
    }
  }

  bool needs_previous() const override { return rule_->needs_previous(); }
  bool needs_oracle() const override { return rule_->needs_oracle(); }
  std::unique_ptr<AggregatorState> make_state() const override { return rule_->make_state(); }
  std::optional<std::string> infeasible(int inputs) const override {
    return rule_->infeasible(inputs);
  }

 private:
  double target_variance(const AggregationInput& input, const TensorSlot& tensor) const {
    using Target = VarianceCorrectionOptions::Target;
    const double own = target_ == Target::kOthers ? 0.0 : variance_of(input.own, tensor);
    if (target_ == Target::kSelf) return own;
    double others = 0.0;
    double beta = 1.0;
    for (const ReceivedModel& model : input.received) {
      others += variance_of(model.values, tensor);
      beta -= model.weight;
    }
    others /= static_cast<double>(input.received.size());
    return target_ == Target::kOthers ? others : beta * own + (1.0 - beta) * others;
  }

  std::unique_ptr<Aggregator> rule_;
  VarianceCorrectionOptions::Target target_;
};

}  // namespace

std::unique_ptr<Aggregator> make_variance_corrected(std::unique_ptr<Aggregator> rule,
                                                    const VarianceCorrectionOptions& options) {
  return std::make_unique<VarianceCorrected>(std::move(rule), options.target);
}

}  // namespace hearsay
