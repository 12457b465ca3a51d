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

class VarianceCorrected final : public Aggregator {
 public:
  explicit VarianceCorrected(std::unique_ptr<Aggregator> rule) : rule_(std::move(rule)) {}

  void aggregate(const AggregationInput& input, const AggregationContext& context,
                 std::span<float> result) const override {
    rule_->aggregate(input, context, result);
    if (input.received.empty()) return;
    for (const TensorSlot& tensor : context.layout.tensors()) {
      if (!is_corrected(tensor)) continue;
      double target = 0.0;
      for (const ReceivedModel& model : input.received) {
        target += moments(model.values.subspan(tensor.offset, tensor.size)).variance;
      }
      target /= static_cast<double>(input.received.size());
      const std::span<float> averaged = result.subspan(tensor.offset, tensor.size);
      const Moments now = moments(averaged);
      const double factor = correction_factor(target, now.variance);
      if (factor != 1.0) rescale(averaged, now.mean, factor);
    }
  }

  bool needs_previous() const override { return rule_->needs_previous(); }

 private:
  std::unique_ptr<Aggregator> rule_;
};

}  // namespace

std::unique_ptr<Aggregator> make_variance_corrected(std::unique_ptr<Aggregator> rule,
                                                    const VarianceCorrectionOptions& options) {
  switch (options.target) {
    case VarianceCorrectionOptions::Target::kOthers:
      return std::make_unique<VarianceCorrected>(std::move(rule));
  }
  return nullptr;
}

}  // namespace hearsay
