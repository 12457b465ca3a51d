#include "aggregators/dnc.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "aggregators/gram.hpp"
#include "aggregators/spectrum.hpp"
#include "aggregators/weighting_rule.hpp"

namespace hearsay {
namespace {

// Ascending. Floyd's algorithm: every subset of this size is equally likely.
std::set<std::size_t> draw_subset(std::size_t size, std::size_t count, Rng& rng) {
  std::set<std::size_t> subset;
  for (std::size_t last = size - count; last < size; ++last) {
    if (!subset.insert(rng.below(last + 1)).second) subset.insert(last);
  }
  return subset;
}

std::vector<double> outlier_scores(Rows rows, std::span<const float> own) {
  const std::vector<double> equal(rows.size(), 1.0);
  const Spectrum spectrum = spectrum_of(centered(gram_matrix(rows, own), equal));
  // <x_i - mu, v>^2 is the eigenvalue, common to all, times the square of entry i.
  std::vector<double> scores;
  for (const double entry : spectrum.vectors[0]) scores.push_back(entry * entry);
  return scores;
}

class Dnc final : public WeightingRule {
 public:
  explicit Dnc(const DncOptions& options) : options_(options) {}

  std::optional<std::string> infeasible(int inputs) const override {
    if (const auto few = too_few_inputs("dnc", inputs, options_.f, "2f + 1", 2 * options_.f + 1)) {
      return few;
    }
    if (removed() < inputs) return std::nullopt;
    return "dnc: n = " + std::to_string(inputs) +
           " inputs, but c f = " + std::to_string(removed()) +
           " of them are removed: it needs n > c f";
  }

 private:
  int removed() const { return static_cast<int>(std::lround(options_.filter * options_.f)); }

  std::vector<double> weights(const InputVectors& x,
                              const AggregationContext& context) const override {
    const std::size_t n = x.rows().size();
    const std::size_t kept = n - static_cast<std::size_t>(removed());
    std::vector<int> good(n, 0);
    for (int t = 0; t < options_.iterations; ++t) {
      const Rng rng = context.rng().split("dnc", static_cast<std::uint64_t>(t));
      for (const std::size_t i : smallest(scores(x, rng), kept)) ++good[i];
    }
    std::vector<std::size_t> members;
    for (std::size_t i = 0; i < n; ++i) {
      if (good[i] == options_.iterations) members.push_back(i);
    }
    if (members.empty()) members.push_back(x.own());
    return mean_weights(n, members);
  }

  std::vector<double> scores(const InputVectors& x, Rng rng) const {
    const std::size_t length = x.rows()[0].size();
    const auto count = static_cast<std::size_t>(options_.coordinates);
    if (count >= length) return outlier_scores(x.rows(), x.rows()[x.own()]);
    const std::set<std::size_t> subset = draw_subset(length, count, rng);
    std::vector<std::vector<float>> parts(x.rows().size());
    std::vector<std::span<const float>> rows;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      for (const std::size_t k : subset) parts[i].push_back(x.rows()[i][k]);
      rows.emplace_back(parts[i]);
    }
    return outlier_scores(rows, rows[x.own()]);
  }

  DncOptions options_;
};

}  // namespace

std::unique_ptr<Aggregator> make_aggregator(const DncOptions& options) {
  return std::make_unique<Dnc>(options);
}

}  // namespace hearsay
