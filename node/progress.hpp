#pragma once

#include <cstdint>
#include <cstdio>
#include <string>

#include "node/base/stopwatch.hpp"
#include "scenarios/runner.hpp"

namespace hearsay {

/// Shows a run on the terminal: one line that is rewritten in place, with the time left,
/// if `stream` is a terminal that can (TERM is not "dumb"); one line per evaluation elsewhere. With
/// `json`, evaluations are JSON lines on stdout and nothing else is shown. Nothing is colored
/// (NO_COLOR). `clock`: what times are,
/// "virtual" or "wall".
class ProgressPrinter final : public RunListener {
 public:
  ProgressPrinter(std::FILE* stream, bool json, const char* clock = "virtual");

  void on_progress(const RunProgress& progress) override;
  void on_evaluated(const MetricsRow& row) override;
  void on_warning(const std::string& line) override;

  /// Removes the line that is rewritten, if there is one.
  void clear();

 private:
  std::FILE* stream_;
  bool json_;
  const char* clock_;
  bool is_terminal_;
  bool line_is_open_ = false;
  Stopwatch wall_;
  double shown_at_ = 0.0;
  std::int64_t samples_before_ = -1;  ///< Trained when the line was first shown; -1: it was not.
  std::string last_row_;              ///< What the last evaluation showed.
};

}  // namespace hearsay
