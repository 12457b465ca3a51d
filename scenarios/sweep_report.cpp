#include "scenarios/sweep_report.hpp"

#include <fstream>
#include <stdexcept>
#include <string_view>

#include "node/base/digest.hpp"
#include "results/heat_map.hpp"
#include "scenarios/loader.hpp"

namespace hearsay {
namespace {

void write_file(const std::filesystem::path& path, std::string_view text) {
  std::ofstream file(path, std::ios::binary);
  file << text << std::flush;
  if (!file) throw std::runtime_error(path.string() + ": cannot be written");
}

}  // namespace

SweepResults read_sweep_results(const Sweep& sweep, const std::filesystem::path& out,
                                const std::vector<PointState>& states) {
  SweepResults results{.name = sweep.name, .is_grid = sweep.options.mode == SweepMode::kGrid};
  for (const SweepAxis& axis : sweep.axes)
    results.keys.push_back({axis.key, is_seed_key(axis.key)});
  for (std::size_t p = 0; p < sweep.points.size(); ++p) {
    const SweepPoint& point = sweep.points[p];
    const PointStatus status = states[p].status;
    SweptRun& run = results.runs.emplace_back(
        SweptRun{.point = point.name,
                 .values = point.values,
                 .status = name_of(status),
                 .error = status == PointStatus::kFailed ? states[p].error : "",
                 .scenario_digest = to_hex(scenario_digest(point.scenario))});
    if (status == PointStatus::kDone || status == PointStatus::kStalled) {
      run.results = read_finished_run(out / point.name);
    }
  }
  return results;
}

std::string write_sweep_results(const SweepResults& results, const std::filesystem::path& out) {
  constexpr std::size_t kMostCells = 2500;
  write_file(out / "sweep.csv", sweep_csv(results));
  write_file(out / "table.md", sweep_tables(results));
  for (const SweepGrid& grid : sweep_grids(results)) {
    if (grid.rows.size() * grid.columns.size() > kMostCells) {
      return "no heat map of more than " + std::to_string(kMostCells) + " cells is drawn";
    }
    const std::string name = "heatmap_" + grid.row_key + "_" + grid.column_key;
    const Drawn drawn = draw_figure(out, name, heat_map_script(grid, name + ".svg"));
    if (drawn == Drawn::kNoGnuplot) {
      return "no heat maps were drawn, since there is no gnuplot; install gnuplot-nox";
    }
    if (drawn == Drawn::kFailed) return "gnuplot failed on " + name + ".gnuplot";
  }
  return "";
}

}  // namespace hearsay
