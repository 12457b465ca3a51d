#include "node/world/compute_model.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <sstream>
#include <utility>

#include "node/base/check.hpp"
#include "node/base/error.hpp"
#include "node/world/slowdown.hpp"

namespace hearsay {
namespace {

constexpr double kShareTolerance = 1e-3;

class ScaledCompute final : public ComputeModel {
 public:
  ScaledCompute(SimTime step_time, SimTime aggregation_time, std::unique_ptr<Slowdown> slowdown)
      : step_time_(step_time),
        aggregation_time_(aggregation_time),
        slowdown_(std::move(slowdown)) {}

  SimTime training_time(PeerId peer, int steps, std::uint64_t nth) const override {
    HEARSAY_CHECK(steps >= 0);
    return stretched(step_time_, steps, slowdown_->of_training(peer, nth));
  }

  SimTime aggregation_time(PeerId peer, std::uint64_t nth) const override {
    return stretched(aggregation_time_, 1, slowdown_->of_aggregation(peer, nth));
  }

 private:
  SimTime step_time_;
  SimTime aggregation_time_;
  std::unique_ptr<Slowdown> slowdown_;
};

std::optional<std::string> wrong_classes(const ClassesComputeOptions& options) {
  std::ostringstream message;
  const std::size_t shares = options.shares.size();
  if (shares == 0 || shares != options.factors.size()) {
    message << shares << " shares and " << options.factors.size()
            << " factors; give one factor per share, at least one";
    return message.str();
  }
  const double sum = std::accumulate(options.shares.begin(), options.shares.end(), 0.0);
  if (std::abs(sum - 1.0) <= kShareTolerance) return std::nullopt;
  message << "shares add up to " << sum << ", must add up to 1";
  return message.str();
}

/// What a model is made of, beside its options.
struct Surroundings {
  int num_peers;
  const Rng& rng;
  SimTime measured_step_time;
};

template <class Options>
std::unique_ptr<ComputeModel> make_model(const Options& options, const Surroundings& around) {
  return std::make_unique<ScaledCompute>(options.step_time, options.aggregation_time,
                                         make_slowdown(options, around.num_peers, around.rng));
}

std::unique_ptr<ComputeModel> make_model(const TraceComputeOptions& options,
                                         const Surroundings& around) {
  return make_trace_compute(options, around.num_peers);
}

std::unique_ptr<ComputeModel> make_model(const MeasuredComputeOptions& options,
                                         const Surroundings& around) {
  HEARSAY_CHECK(around.measured_step_time > SimTime{});
  const SimTime step_time = stretched(around.measured_step_time, 1, options.slowdown);
  return make_model(
      FixedComputeOptions{.step_time = step_time, .aggregation_time = options.aggregation_time},
      around);
}

}  // namespace

SimTime stretched(SimTime time, std::int64_t count, double factor) {
  HEARSAY_CHECK(time >= SimTime{});
  HEARSAY_CHECK(count >= 0);
  HEARSAY_CHECK(factor >= 0.0);
  std::int64_t whole = 0;
  if (__builtin_mul_overflow(time.nanoseconds, count, &whole)) {
    whole = SimTime::max().nanoseconds;
  }
  // The way over double would round what is a whole number already.
  if (factor == 1.0) return std::min(SimTime{whole}, ComputeModel::kLongestTask);
  const double exact = static_cast<double>(whole) * factor;
  const auto limit = static_cast<double>(ComputeModel::kLongestTask.nanoseconds);
  return exact < limit ? SimTime{std::llround(exact)} : ComputeModel::kLongestTask;
}

std::optional<std::string> infeasible(const ComputeOptions& options, int /*num_peers*/) {
  if (const auto* const classes = std::get_if<ClassesComputeOptions>(&options)) {
    return wrong_classes(*classes);
  }
  const auto* const trace = std::get_if<TraceComputeOptions>(&options);
  if (trace != nullptr && trace->file.empty()) return "file is missing; it names the CSV file";
  return std::nullopt;
}

std::unique_ptr<ComputeModel> make_compute(const ComputeOptions& options, int num_peers,
                                           const Rng& rng, SimTime measured_step_time) {
  if (const auto wrong = infeasible(options, num_peers)) throw UserError("compute: " + *wrong);
  const Surroundings around{num_peers, rng, measured_step_time};
  return std::visit([&](const auto& chosen) { return make_model(chosen, around); }, options);
}

}  // namespace hearsay
