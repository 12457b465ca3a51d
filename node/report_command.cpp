#include "node/report_command.hpp"

#include <cstdio>
#include <filesystem>

#include "node/command_line.hpp"
#include "results/figures.hpp"
#include "scenarios/run_report.hpp"

namespace hearsay {

int report(const ReportArguments& arguments) {
  const std::filesystem::path run = arguments.run;
  const std::filesystem::path out =
      arguments.out.empty() ? run / "report.html" : std::filesystem::path(arguments.out);
  const ReportData data = read_run_report(run);
  write_run_report(data, out);
  std::printf("report        %s\n", out.c_str());
  if (!arguments.figures.empty()) {
    write_figures(report_figures(data), arguments.figures);
    std::printf("figures       %s\n", arguments.figures.c_str());
  }
  return kExitDone;
}

}  // namespace hearsay
