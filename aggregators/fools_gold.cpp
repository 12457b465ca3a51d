#include "aggregators/fools_gold.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <map>
#include <numeric>

#include "aggregators/neighborhood.hpp"
#include "aggregators/vector_kernels.hpp"
#include "node/base/archive.hpp"
#include "node/base/check.hpp"

namespace hearsay {
namespace {

/// The sum of all updates of every peer ever heard.
struct Histories final : AggregatorState {
  void persist(Archive& archive) override {
    archive.mark("fools_gold");
    archive(of);
  }

  std::map<PeerId, std::vector<float>> of;
};

double limited(double value) { return std::clamp(value, 0.0, 1.0); }

/// The largest of row i, its diagonal taken for 0.
double row_maximum(std::span<const double> matrix, std::size_t n, std::size_t i) {
  double largest = 0.0;
  for (std::size_t k = 0; k < n; ++k) {
    if (k != i) largest = std::max(largest, matrix[i * n + k]);
  }
  return largest;
}

double logit_rate(double rate) {
  const double below_one = rate == 1.0 ? 0.99 : rate;
  return limited(std::log(below_one / (1.0 - below_one)) + 0.5);
}

std::vector<double> cosines(std::span<const std::span<const float>> vectors) {
  const std::size_t n = vectors.size();
  std::vector<double> lengths;
  for (const std::span<const float> vector : vectors) {
    lengths.push_back(std::sqrt(inner_product(vector, vector)));
  }
  std::vector<double> found(n * n);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t k = 0; k < i; ++k) {
      const double scale = lengths[i] * lengths[k];
      found[i * n + k] = scale == 0.0 ? 0.0 : inner_product(vectors[i], vectors[k]) / scale;
      found[k * n + i] = found[i * n + k];
    }
  }
  return found;
}

class FoolsGold final : public Aggregator {
 public:
  explicit FoolsGold(const FoolsGoldOptions& options) : options_(options) {}

  void aggregate(const AggregationInput& input, const AggregationContext& context,
                 std::span<float> result) const override {
    HEARSAY_CHECK(context.state != nullptr);
    auto& histories = static_cast<Histories&>(*context.state);
    std::vector<std::span<const float>> vectors;
    const auto remember = [&](PeerId peer, std::span<const float> update) {
      std::vector<float>& sum = histories.of[peer];
      sum.resize(update.size());
      for (std::size_t i = 0; i < update.size(); ++i) sum[i] += update[i];
      vectors.emplace_back(sum);
    };
    remember(context.peer, input.own);
    for (const ReceivedModel& model : input.received) remember(model.sender, model.values);
    std::vector<double> rates = fools_gold_rates(cosines(vectors), vectors.size());
    const double total = std::accumulate(rates.begin(), rates.end(), 0.0);
    if (options_.normalize && total > 0.0) {
      for (double& rate : rates) rate /= total;
    }
    combine(input, rates[0], std::span(rates).subspan(1), context, result);
  }

  std::unique_ptr<AggregatorState> make_state() const override {
    return std::make_unique<Histories>();
  }

 private:
  FoolsGoldOptions options_;
};

}  // namespace

std::vector<double> fools_gold_rates(std::span<const double> cosines, std::size_t n) {
  HEARSAY_CHECK(cosines.size() == n * n);
  std::vector<double> largest;
  for (std::size_t i = 0; i < n; ++i) largest.push_back(row_maximum(cosines, n, i));
  std::vector<double> pardoned(cosines.begin(), cosines.end());
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t k = 0; k < n; ++k) {
      if (k != i && largest[i] < largest[k]) pardoned[i * n + k] *= largest[i] / largest[k];
    }
  }
  std::vector<double> rates;
  for (std::size_t i = 0; i < n; ++i) rates.push_back(limited(1.0 - row_maximum(pardoned, n, i)));
  const double most = std::ranges::max(rates);
  if (most == 0.0) return rates;
  for (double& rate : rates) rate = logit_rate(rate / most);
  return rates;
}

std::unique_ptr<Aggregator> make_aggregator(const FoolsGoldOptions& options) {
  return std::make_unique<FoolsGold>(options);
}

}  // namespace hearsay
