#include "results/trace.hpp"

#include <string_view>
#include <vector>

#include "results/number_text.hpp"
#include "results/record_text.hpp"
#include "results/run_file.hpp"

namespace hearsay {
namespace {

/// trace.csv, a line at a time.
class TraceFile {
 public:
  explicit TraceFile(const std::filesystem::path& directory)
      : file_(directory / "trace.csv"), in_(file_.open()) {
    std::string header;
    std::getline(in_, header);
    if (header + "\n" != trace_csv_header()) file_.fail("is no trace that this version writes");
  }

  /// The next line; empty at the end.
  std::string next() {
    std::string line;
    ++number_;
    std::getline(in_, line);
    return line;
  }

  /// The last line in words; empty if it is.
  std::string words_of(const std::string& line) const {
    if (line.empty()) return "";
    const std::vector<std::string_view> cells = cells_of(line);
    const auto time = cells.empty() ? std::nullopt : number_in(cells[0]);
    if (cells.size() != 6 || !time) file_.fail_line(number_, "not as a run writes it");
    const std::string peer(cells[1]);
    const std::string event(cells[2]);
    const std::string number(cells[4]);
    const std::string when = " at " + duration_text(*time) + " (" + std::string(cells[0]) + " s)";
    if (event == "message") {
      return "message " + number + " from peer " + std::string(cells[3]) + " to peer " + peer +
             when;
    }
    if (event == "round") return "end of round " + number + " of peer " + peer + when;
    return "peer " + peer + " " + event + when;
  }

 private:
  RunFile file_;
  std::ifstream in_;
  int number_ = 1;
};

}  // namespace

std::optional<TraceDifference> first_difference(const std::filesystem::path& first,
                                                const std::filesystem::path& second,
                                                bool first_is_whole) {
  TraceFile one(first);
  TraceFile other(second);
  for (std::int64_t row = 1;; ++row) {
    const std::string line = one.next();
    const std::string line_of_other = other.next();
    if (line.empty() && (line_of_other.empty() || !first_is_whole)) return std::nullopt;
    if (line == line_of_other) continue;
    return TraceDifference{row, one.words_of(line), other.words_of(line_of_other)};
  }
}

}  // namespace hearsay
