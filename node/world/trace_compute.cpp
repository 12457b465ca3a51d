#include <string>
#include <utility>
#include <vector>

#include "node/base/check.hpp"
#include "node/base/csv.hpp"
#include "node/base/error.hpp"
#include "node/world/slowdown.hpp"

namespace hearsay {
namespace {

constexpr SimTime kMillisecond{1'000'000};

class TraceCompute final : public ComputeModel {
 public:
  TraceCompute(std::vector<std::vector<SimTime>> step_times, SimTime aggregation_time)
      : step_times_(std::move(step_times)), aggregation_time_(aggregation_time) {}

  SimTime training_time(PeerId peer, int steps, std::uint64_t nth) const override {
    const auto index = static_cast<std::size_t>(peer);
    HEARSAY_CHECK(index < step_times_.size());
    const std::vector<SimTime>& own = step_times_[index];
    return stretched(own[nth % own.size()], steps, 1.0);
  }

  SimTime aggregation_time(PeerId, std::uint64_t) const override {
    return stretched(aggregation_time_, 1, 1.0);
  }

 private:
  std::vector<std::vector<SimTime>> step_times_;  ///< Per peer and training; none is empty.
  SimTime aggregation_time_;
};

std::vector<std::vector<SimTime>> read_step_times(const std::string& file, int num_peers) {
  const CsvTable table = read_csv(file, {"peer,step_ms", "peer,nth,step_ms"});
  const bool counted = table.header() == 1;
  const std::size_t last = table.num_columns() - 1;
  std::vector<std::vector<SimTime>> step_times(static_cast<std::size_t>(num_peers));
  for (std::size_t row = 0; row < table.num_rows(); ++row) {
    auto& own = step_times[static_cast<std::size_t>(table.peer(row, 0, num_peers))];
    if (counted && table.count(row, 1) != own.size()) {
      table.fail(row, 1,
                 "expected " + std::to_string(own.size()) + ", the next training of peer " +
                     std::string(table.field(row, 0)) + ", got " +
                     std::string(table.field(row, 1)));
    }
    own.push_back(table.time(row, last, kMillisecond));
  }
  for (std::size_t peer = 0; peer < step_times.size(); ++peer) {
    if (!step_times[peer].empty()) continue;
    throw UserError(file + ": no row for peer " + std::to_string(peer) + "; each of the " +
                    std::to_string(num_peers) + " peers needs one");
  }
  return step_times;
}

}  // namespace

std::unique_ptr<ComputeModel> make_trace_compute(const TraceComputeOptions& options,
                                                 int num_peers) {
  return std::make_unique<TraceCompute>(read_step_times(options.file, num_peers),
                                        options.aggregation_time);
}

}  // namespace hearsay
