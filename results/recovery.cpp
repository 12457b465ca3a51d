#include "results/recovery.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "node/base/check.hpp"
#include "results/number_text.hpp"

namespace hearsay {
namespace {

Recovery recovery_of(std::span<const MetricsRow> measured, const FaultMoment& fault,
                     double tolerance) {
  Recovery recovery{.fault = fault.label, .time_s = exact_seconds(fault.time)};
  auto row = std::ranges::lower_bound(measured, fault.time, {}, &MetricsRow::time);
  if (row != measured.begin()) recovery.accuracy_before = std::prev(row)->accuracy_mean;
  for (; row != measured.end(); ++row) {
    recovery.accuracy_lowest = std::fmin(recovery.accuracy_lowest, row->accuracy_mean);
    if (row->accuracy_mean >= recovery.accuracy_before - tolerance) {
      recovery.recovery_s = exact_seconds(row->time - fault.time);
      break;
    }
  }
  return recovery;
}

}  // namespace

std::vector<Recovery> recoveries(std::span<const MetricsRow> rows,
                                 std::span<const FaultMoment> faults, double tolerance) {
  HEARSAY_CHECK(tolerance >= 0.0);
  HEARSAY_CHECK(std::ranges::is_sorted(rows, {}, &MetricsRow::time));
  std::vector<MetricsRow> measured;
  std::ranges::copy_if(rows, std::back_inserter(measured),
                       [](const MetricsRow& row) { return !std::isnan(row.accuracy_mean); });
  std::vector<Recovery> result;
  result.reserve(faults.size());
  for (const FaultMoment& fault : faults) {
    result.push_back(recovery_of(measured, fault, tolerance));
  }
  return result;
}

}  // namespace hearsay
