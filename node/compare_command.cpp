#include "node/compare_command.hpp"

#include <cstdio>
#include <fstream>
#include <utility>

#include "node/base/error.hpp"
#include "node/command_line.hpp"
#include "results/comparison_text.hpp"
#include "results/number_text.hpp"
#include "results/overlay.hpp"
#include "scenarios/quantities.hpp"
#include "scenarios/settings.hpp"

namespace hearsay {

CostLimit parse_cost_limit(const std::string& text) {
  const std::size_t equals = std::min(text.find('='), text.size());
  const std::string clock = text.substr(0, equals);
  const std::string amount = text.substr(std::min(equals + 1, text.size()));
  const auto fail = [&](const std::string& what) { throw UserError("--at " + text + ": " + what); };
  if (clock == "round") {
    std::int64_t round = 0;
    if (const auto wrong = parse_value(amount, round)) fail(*wrong);
    return {"round", static_cast<double>(round)};
  }
  if (clock == "time") {
    SimTime time;
    if (const auto wrong = parse_value(amount, time)) fail(*wrong);
    return {"time_s", exact_seconds(time)};
  }
  if (clock == "bytes") {
    Bandwidth bytes;
    if (parse_value(amount + "/s", bytes) || amount.find("bit") != std::string::npos) {
      fail("expected bytes like 500kB or 20MB, got " + shown(amount));
    }
    return {"bytes_sent", bytes.bytes_per_second};
  }
  fail("expected round=N, time=T or bytes=B, as in time=10s");
  return {};
}

int compare(const CompareArguments& arguments) {
  ComparisonOptions options = arguments.options;
  if (!arguments.at.empty()) options.limit = parse_cost_limit(arguments.at);
  std::vector<ComparedRun> runs;
  for (const auto& path : find_runs(arguments.runs)) runs.push_back(read_compared_run(path));
  const Comparison comparison = compare_runs(std::move(runs), options);
  if (!arguments.csv.empty()) {
    std::ofstream file(arguments.csv, std::ios::binary);
    file << comparison_csv(comparison) << std::flush;
    if (!file) throw UserError("--csv: " + arguments.csv + " cannot be written");
  }
  if (!arguments.figures.empty()) write_figures(overlay_figures(comparison), arguments.figures);
  const std::string text =
      arguments.json ? comparison_json(comparison) : comparison_table(comparison);
  std::fputs(text.c_str(), stdout);
  return kExitDone;
}

}  // namespace hearsay
