#include "results/compared_metric.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "node/base/error.hpp"

namespace hearsay {
namespace {

std::string default_metric(const std::vector<ComparedRun>& runs) {
  const bool has_accuracy = std::ranges::any_of(runs, [](const ComparedRun& compared) {
    return !std::isnan(compared.run.last("accuracy_mean"));
  });
  return has_accuracy ? "accuracy_mean" : "loss_mean";
}

}  // namespace

ComparedMetric::ComparedMetric(const ComparisonOptions& options,
                               const std::vector<ComparedRun>& runs)
    : name_(options.metric.empty() ? default_metric(runs) : options.metric), limit_(options.limit) {
  const std::size_t at = name_.find('@');
  if (at == std::string::npos) {
    check_column(runs);
  } else {
    read_target(at);
  }
}

void ComparedMetric::read_target(std::size_t at) {
  const std::string clock = name_.substr(0, at);
  if (clock == "time_to_accuracy") clock_ = &ReachedTarget::time_s;
  if (clock == "rounds_to_accuracy") clock_ = &ReachedTarget::rounds;
  if (clock == "bytes_to_accuracy") clock_ = &ReachedTarget::bytes_received;
  const char* const end = name_.data() + name_.size();
  const auto [stop, error] = std::from_chars(name_.data() + at + 1, end, target_);
  if (clock_ == nullptr || error != std::errc() || stop != end) {
    throw UserError("--metric " + name_ +
                    ": expected time_to_accuracy@A, rounds_to_accuracy@A or bytes_to_accuracy@A "
                    "with a target accuracy A, as in time_to_accuracy@0.8");
  }
  if (limit_) throw UserError("--at: a time to a target has no value at a cost; leave out one");
}

void ComparedMetric::check_column(const std::vector<ComparedRun>& runs) const {
  for (const ComparedRun& compared : runs) {
    if (compared.run.column(name_)) continue;
    std::string valid;
    for (const std::string& column : compared.run.columns) valid += column + ", ";
    throw UserError("--metric " + name_ + ": no column of " +
                    (compared.run.path / "metrics.csv").string() + "; valid: " + valid +
                    "time_to_accuracy@A");
  }
}

const ReachedTarget* ComparedMetric::target_of(const FinishedRun& run) const {
  const auto found = std::ranges::find(run.targets, target_, &ReachedTarget::target);
  return found == run.targets.end() ? nullptr : &*found;
}

double ComparedMetric::of(const FinishedRun& run) const {
  if (clock_ != nullptr) {
    const ReachedTarget* const target = target_of(run);
    return target == nullptr ? kMissing : target->*clock_;
  }
  if (!limit_) return run.last(name_);
  const std::size_t cost = *run.column(limit_->column);
  double value = kMissing;
  for (const std::vector<double>& row : run.rows) {
    if (row[cost] <= limit_->most) value = row[*run.column(name_)];
  }
  return value;
}

std::string ComparedMetric::caveat(const FinishedRun& run) const {
  if (clock_ != nullptr) {
    const ReachedTarget* const target = target_of(run);
    if (target == nullptr || target->fraction_reached == 1.0) return "";
    return "not all peers reached the target; these count with the end of the run, a lower bound";
  }
  if (!limit_ || run.rows.empty() || run.last(limit_->column) >= limit_->most) return "";
  return "the last evaluation lies before the limit";
}

}  // namespace hearsay
