#include "aggregators/update_space.hpp"

#include <cstddef>
#include <utility>
#include <vector>

#include "node/base/check.hpp"
#include "node/base/model_buffer.hpp"

namespace hearsay {
namespace {

ModelBuffer difference(std::span<const float> model, std::span<const float> origin) {
  ModelBuffer result = ModelBuffer::uninitialized(model.size());
  const std::span<float> values = result.writable();
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = model[i] - origin[i];
  return result;
}

/// Tries origin + update for an update.
class ShiftedOracle final : public ModelOracle {
 public:
  ShiftedOracle(ModelOracle& oracle, std::span<const float> origin)
      : oracle_(oracle), origin_(origin), model_(ModelBuffer::uninitialized(origin.size())) {}

  double loss(std::span<const float> update) override { return oracle_.loss(shifted(update)); }
  std::vector<ClassScore> class_scores(std::span<const float> update) override {
    return oracle_.class_scores(shifted(update));
  }

 private:
  std::span<const float> shifted(std::span<const float> update) {
    const std::span<float> model = model_.writable();
    for (std::size_t i = 0; i < model.size(); ++i) model[i] = update[i] + origin_[i];
    return model;
  }

  ModelOracle& oracle_;
  std::span<const float> origin_;
  ModelBuffer model_;
};

class UpdateSpace final : public Aggregator {
 public:
  explicit UpdateSpace(std::unique_ptr<Aggregator> rule) : rule_(std::move(rule)) {}

  void aggregate(const AggregationInput& input, const AggregationContext& context,
                 std::span<float> result) const override {
    HEARSAY_CHECK(input.previous.size() == input.own.size());
    const ModelBuffer own = difference(input.own, input.previous);
    const ModelBuffer none = ModelBuffer::zeros(own.size());
    std::vector<ModelBuffer> updates;
    std::vector<ReceivedModel> received(input.received.begin(), input.received.end());
    updates.reserve(received.size());
    for (ReceivedModel& model : received) {
      updates.push_back(difference(model.values, input.previous));
      model.values = updates.back().values();
    }
    AggregationInput inner = input;
    inner.own = own.values();
    inner.previous = none.values();
    inner.received = received;
    aggregate_updates(inner, input.previous, context, result);
    for (std::size_t i = 0; i < result.size(); ++i) result[i] += input.previous[i];
  }

  bool needs_previous() const override { return true; }
  bool needs_oracle() const override { return rule_->needs_oracle(); }
  std::unique_ptr<AggregatorState> make_state() const override { return rule_->make_state(); }
  std::optional<std::string> infeasible(int inputs) const override {
    return rule_->infeasible(inputs);
  }

 private:
  void aggregate_updates(const AggregationInput& updates, std::span<const float> origin,
                         const AggregationContext& context, std::span<float> result) const {
    if (context.oracle == nullptr) {
      rule_->aggregate(updates, context, result);
      return;
    }
    ShiftedOracle oracle(*context.oracle, origin);
    AggregationContext shifted = context;
    shifted.oracle = &oracle;
    rule_->aggregate(updates, shifted, result);
  }

  std::unique_ptr<Aggregator> rule_;
};

}  // namespace

std::unique_ptr<Aggregator> make_update_space(std::unique_ptr<Aggregator> rule) {
  return std::make_unique<UpdateSpace>(std::move(rule));
}

}  // namespace hearsay
