#include "aggregators/residual_reweighting.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <span>
#include <string>
#include <vector>

namespace hearsay {
namespace {

/// Of values that are put into some order.
double median(std::span<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  if (values.size() % 2 == 1) return *middle;
  return (*middle + *std::max_element(values.begin(), middle)) / 2.0;
}

/// What one entry of the models gives, after fit().
class EntryFit {
 public:
  EntryFit(std::size_t models, const ResidualReweightingOptions& options)
      : weights(models),
        moved(models),
        options_(options),
        order_(models),
        sorted_(models),
        scratch_(models),
        slopes_(models) {}

  void fit(std::span<const std::span<const float>> models, std::size_t entry) {
    sort(models, entry);
    const auto n = static_cast<double>(order_.size());
    const double slope = repeated_median();
    std::ranges::copy(sorted_, scratch_.begin());
    const double intercept = median(scratch_) - slope * (n - 1.0) / 2.0;
    const auto line = [&](std::size_t rank) {
      return intercept + slope * static_cast<double>(rank);
    };
    for (std::size_t rank = 0; rank < order_.size(); ++rank) {
      scratch_[rank] = std::abs(sorted_[rank] - line(rank));
    }
    std::ranges::iter_swap(std::ranges::min_element(scratch_), scratch_.begin());
    const double deviation = median(std::span(scratch_).subspan(1));
    const double scale = 1.4826 * (1.0 + 5.0 / (n - 1.0)) * deviation + 1e-7;
    for (std::size_t rank = 0; rank < order_.size(); ++rank) {
      const std::size_t i = order_[rank];
      weights[i] = weight((sorted_[rank] - line(rank)) / scale, rank);
      moved[i] = weights[i] >= options_.delta ? sorted_[rank] : line(rank);
    }
  }

  /// Sample standard deviation of the weights.
  double confidence() const {
    const auto n = static_cast<double>(weights.size());
    const double mean = std::accumulate(weights.begin(), weights.end(), 0.0) / n;
    double square = 0.0;
    for (const double each : weights) square += (each - mean) * (each - mean);
    return std::sqrt(square / (n - 1.0));
  }

  std::vector<double> weights;  ///< w_i
  std::vector<double> moved;    ///< y'_i

 private:
  void sort(std::span<const std::span<const float>> models, std::size_t entry) {
    std::iota(order_.begin(), order_.end(), std::size_t{0});
    std::ranges::stable_sort(order_, {}, [&](std::size_t i) { return models[i][entry]; });
    for (std::size_t rank = 0; rank < order_.size(); ++rank) {
      sorted_[rank] = models[order_[rank]][entry];
    }
  }

  double repeated_median() {
    const std::size_t n = sorted_.size();
    for (std::size_t i = 0; i < n; ++i) {
      std::size_t count = 0;
      for (std::size_t k = 0; k < n; ++k) {
        if (k == i) continue;
        const double run = static_cast<double>(i) - static_cast<double>(k);
        scratch_[count++] = (sorted_[i] - sorted_[k]) / run;
      }
      slopes_[i] = median(std::span(scratch_).first(count));
    }
    return median(slopes_);
  }

  double weight(double e, std::size_t rank) const {
    const auto n = static_cast<double>(order_.size());
    const double off = static_cast<double>(rank) - (n - 1.0) / 2.0;
    const double squares = n * (n * n - 1.0) / 12.0;
    const double s = std::sqrt(1.0 - 1.0 / n - off * off / squares);
    const double bound = options_.lambda * std::sqrt(2.0 / n) * s;
    return std::abs(e) <= bound ? 1.0 : bound / std::abs(e);
  }

  ResidualReweightingOptions options_;
  std::vector<std::size_t> order_;
  std::vector<double> sorted_;
  std::vector<double> scratch_;
  std::vector<double> slopes_;
};

class ResidualReweighting final : public Aggregator {
 public:
  explicit ResidualReweighting(const ResidualReweightingOptions& options) : options_(options) {}

  void aggregate(const AggregationInput& input, const AggregationContext& context,
                 std::span<float> result) const override {
    std::vector<std::span<const float>> models{input.own};
    for (const ReceivedModel& model : input.received) models.push_back(model.values);
    if (models.size() < 3) {
      std::ranges::copy(input.own, result.begin());
      return;
    }
    EntryFit fit(models.size(), options_);
    const std::vector<double> shares = model_shares(models, result.size(), fit);
    for (std::size_t entry = 0; entry < result.size(); ++entry) {
      fit.fit(models, entry);
      double sum = 0.0;
      for (std::size_t i = 0; i < models.size(); ++i) sum += shares[i] * fit.moved[i];
      result[entry] = static_cast<float>(sum);
    }
    if (context.report != nullptr) {
      context.report->influence.assign(shares.begin() + 1, shares.end());
    }
  }

  std::optional<std::string> infeasible(int inputs) const override {
    if (inputs >= 3) return std::nullopt;
    return "residual_reweighting needs at least 3 models, the own one included, and has " +
           std::to_string(inputs);
  }

 private:
  static std::vector<double> model_shares(std::span<const std::span<const float>> models,
                                          std::size_t entries, EntryFit& fit) {
    std::vector<double> shares(models.size());
    for (std::size_t entry = 0; entry < entries; ++entry) {
      fit.fit(models, entry);
      const double confidence = fit.confidence();
      for (std::size_t i = 0; i < shares.size(); ++i) shares[i] += fit.weights[i] * confidence;
    }
    const double largest = std::ranges::max(shares);
    double total = 0.0;
    for (double& share : shares) {
      const double relative = largest == 0.0 ? 1.0 : share / largest;
      share = relative * relative;
      total += share;
    }
    for (double& share : shares) share /= total;
    return shares;
  }

  ResidualReweightingOptions options_;
};

}  // namespace

std::unique_ptr<Aggregator> make_aggregator(const ResidualReweightingOptions& options) {
  return std::make_unique<ResidualReweighting>(options);
}

}  // namespace hearsay
