#include "aggregators/ios.hpp"

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

#include "aggregators/input_vectors.hpp"
#include "aggregators/neighborhood.hpp"
#include "aggregators/vector_kernels.hpp"

namespace hearsay {
namespace {

class Ios final : public Aggregator {
 public:
  explicit Ios(int f) : f_(f) {}

  void aggregate(const AggregationInput& input, const AggregationContext& context,
                 std::span<float> result) const override {
    std::vector<std::size_t> kept(input.received.size());
    for (std::size_t j = 0; j < kept.size(); ++j) kept[j] = j;
    for (int cut = 0; cut < f_ && !kept.empty(); ++cut) remove_farthest(input, kept);
    const double own = own_weight(input);
    const double total = total_weight(input, kept);
    std::vector<double> weights(input.received.size());
    for (const std::size_t j : kept) weights[j] = input.received[j].weight / total;
    combine(input, kept.empty() ? 1.0 : own / total, weights, context, result);
  }

  std::optional<std::string> infeasible(int inputs) const override {
    return too_few_inputs(IosOptions::kKind, inputs, f_, "3f + 1", 3 * f_ + 1);
  }

 private:
  static double own_weight(const AggregationInput& input) {
    double weight = 1.0;
    for (const ReceivedModel& model : input.received) weight -= model.weight;
    return weight;
  }

  static double total_weight(const AggregationInput& input, std::span<const std::size_t> kept) {
    double total = own_weight(input);
    for (const std::size_t j : kept) total += input.received[j].weight;
    return total;
  }

  static void remove_farthest(const AggregationInput& input, std::vector<std::size_t>& kept) {
    const double total = total_weight(input, kept);
    std::vector<WeightedVector> mean{{static_cast<float>(own_weight(input) / total), input.own}};
    std::vector<std::span<const float>> models;
    for (const std::size_t j : kept) {
      const ReceivedModel& model = input.received[j];
      mean.push_back({static_cast<float>(model.weight / total), model.values});
      models.push_back(model.values);
    }
    const std::vector<double> distances = squared_distances(mean, models);
    kept.erase(kept.begin() + (std::ranges::max_element(distances) - distances.begin()));
  }

  int f_;
};

}  // namespace

std::unique_ptr<Aggregator> make_aggregator(const IosOptions& options) {
  return std::make_unique<Ios>(options.f);
}

}  // namespace hearsay
