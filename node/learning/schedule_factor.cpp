#include <algorithm>
#include <cmath>
#include <numbers>

#include "node/base/check.hpp"
#include "node/learning/training_options.hpp"

namespace hearsay {
namespace {

double factor_at(const ConstantScheduleOptions&, std::int64_t) { return 1.0; }

double factor_at(const StepScheduleOptions& options, std::int64_t t) {
  return std::pow(options.factor, static_cast<double>(t / options.every_steps));
}

double factor_at(const CosineScheduleOptions& options, std::int64_t t) {
  const double done = static_cast<double>(std::min(t, options.steps));
  const double angle = std::numbers::pi * done / static_cast<double>(options.steps);
  return options.floor + (1.0 - options.floor) * (1.0 + std::cos(angle)) / 2.0;
}

double factor_at(const InverseScheduleOptions& options, std::int64_t t) {
  return std::pow(1.0 + options.gamma * static_cast<double>(t), -options.power);
}

}  // namespace

double schedule_factor(const ScheduleOptions& schedule, std::int64_t t) {
  HEARSAY_CHECK(t >= 0);
  return std::visit([t](const auto& chosen) { return factor_at(chosen, t); }, schedule);
}

}  // namespace hearsay
