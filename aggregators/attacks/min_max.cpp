#include "aggregators/attacks/min_max.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <span>
#include <vector>

#include "aggregators/attacks/honest_statistics.hpp"
#include "aggregators/vector_kernels.hpp"

namespace hearsay {
namespace {

/// The honest vectors around their mean, as far as a step along p needs them.
struct Surroundings {
  double square = 0.0;            ///< ||p||^2
  std::vector<double> off;        ///< ||mu - x_i||^2
  std::vector<double> along;      ///< p (mu - x_i)
  double largest_distance = 0.0;  ///< max_{i,k} ||x_i - x_k||^2
  double largest_sum = 0.0;       ///< max_i sum_k ||x_i - x_k||^2
};

void perturbation(Perturbation kind, const AttackInput& input, std::span<const float> mean,
                  std::span<float> p) {
  if (kind == Perturbation::kStd) {
    honest_deviation(input, mean, p);
    for (float& value : p) value = -value;
    return;
  }
  const double length = std::sqrt(inner_product(mean, mean));
  for (std::size_t i = 0; i < p.size(); ++i) {
    if (kind == Perturbation::kSign) {
      p[i] = static_cast<float>(mean[i] < 0.0F) - static_cast<float>(mean[i] > 0.0F);
    } else {
      p[i] = length == 0.0 ? 0.0F : static_cast<float>(-mean[i] / length);
    }
  }
}

Surroundings survey(const AttackInput& input, std::span<const float> mean,
                    std::span<const float> p) {
  std::vector<std::span<const float>> models;
  for (const KnownModel& known : input.honest) models.push_back(known.values);
  const auto from = [&](std::span<const float> center) {
    const WeightedVector term{1.0F, center};
    return squared_distances(std::span(&term, 1), models);
  };
  Surroundings found{.square = inner_product(p, p), .off = from(mean)};
  const double middle = inner_product(p, mean);
  for (const std::span<const float> model : models) {
    found.along.push_back(middle - inner_product(p, model));
    const std::vector<double> distances = from(model);
    found.largest_distance = std::max(found.largest_distance, std::ranges::max(distances));
    found.largest_sum =
        std::max(found.largest_sum, std::accumulate(distances.begin(), distances.end(), 0.0));
  }
  return found;
}

/// The largest g with square g^2 + 2 along g + off <= bound; 0 if there is none above.
double largest_step(double square, double along, double off, double bound) {
  const double discriminant = along * along + square * std::max(0.0, bound - off);
  return std::max(0.0, (std::sqrt(discriminant) - along) / square);
}

double min_max_step(const Surroundings& found) {
  double step = largest_step(found.square, found.along[0], found.off[0], found.largest_distance);
  for (std::size_t i = 1; i < found.off.size(); ++i) {
    step = std::min(
        step, largest_step(found.square, found.along[i], found.off[i], found.largest_distance));
  }
  return step;
}

double min_sum_step(const Surroundings& found) {
  const auto count = static_cast<double>(found.off.size());
  const double off = std::accumulate(found.off.begin(), found.off.end(), 0.0);
  const double along = std::accumulate(found.along.begin(), found.along.end(), 0.0);
  return largest_step(count * found.square, along, off, found.largest_sum);
}

class BoundedByDistance final : public Attack {
 public:
  using Step = double (*)(const Surroundings&);

  BoundedByDistance(Perturbation kind, Step step) : kind_(kind), step_(step) {}

  void craft(const AttackInput& input, const AttackContext&,
             std::span<float> result) const override {
    honest_mean(input, result);
    std::vector<float> p(result.size());
    perturbation(kind_, input, result, p);
    const Surroundings found = survey(input, result, p);
    if (found.square == 0.0) return;
    const auto gamma = static_cast<float>(step_(found));
    for (std::size_t i = 0; i < result.size(); ++i) result[i] += gamma * p[i];
  }

 private:
  Perturbation kind_;
  Step step_;
};

}  // namespace

std::unique_ptr<Attack> make_attack(const MinMaxOptions& options) {
  return std::make_unique<BoundedByDistance>(options.perturbation, min_max_step);
}

std::unique_ptr<Attack> make_attack(const MinSumOptions& options) {
  return std::make_unique<BoundedByDistance>(options.perturbation, min_sum_step);
}

}  // namespace hearsay
