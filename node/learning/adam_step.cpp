#include "node/learning/adam_step.hpp"

#include <cmath>
#include <cstddef>

#include "node/base/check.hpp"
#include "node/learning/training_options.hpp"

namespace hearsay {

void adam_step(const AdamOptions& options, std::int64_t t, std::span<const float> gradient,
               AdamMoments moments, std::span<float> parameters) {
  HEARSAY_CHECK(gradient.size() == parameters.size());
  HEARSAY_CHECK(moments.mean.size() == parameters.size());
  HEARSAY_CHECK(moments.squares.size() == parameters.size());
  const auto k = static_cast<double>(t + 1);
  const double lr = options.lr * schedule_factor(options.schedule, t);
  const auto rate = static_cast<float>(lr / (1.0 - std::pow(options.beta1, k)));
  const auto root_scale = static_cast<float>(1.0 / std::sqrt(1.0 - std::pow(options.beta2, k)));
  const auto beta1 = static_cast<float>(options.beta1);
  const auto beta2 = static_cast<float>(options.beta2);
  const auto new1 = static_cast<float>(1.0 - options.beta1);
  const auto new2 = static_cast<float>(1.0 - options.beta2);
  const auto epsilon = static_cast<float>(options.epsilon);
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const float g = gradient[i];
    const float m = beta1 * moments.mean[i] + new1 * g;
    const float v = beta2 * moments.squares[i] + new2 * g * g;
    moments.mean[i] = m;
    moments.squares[i] = v;
    parameters[i] -= rate * m / (std::sqrt(v) * root_scale + epsilon);
  }
}

}  // namespace hearsay
