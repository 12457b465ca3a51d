#include "node/progress.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>

#include "results/number_text.hpp"
#include "results/record_text.hpp"

namespace hearsay {
namespace {

constexpr double kRedrawSeconds = 0.1;

std::string format(const char* pattern, auto... values) {
  char text[160];
  std::snprintf(text, sizeof text, pattern, values...);
  return text;
}

std::string row_text(const MetricsRow& row, const char* clock) {
  std::string text =
      format("round %lld, %s %.3f s", static_cast<long long>(row.round), clock, row.time.seconds());
  if (!std::isnan(row.accuracy_mean)) text += format(", accuracy %.4f", row.accuracy_mean);
  if (!std::isnan(row.loss_mean)) text += format(", loss %.4g", row.loss_mean);
  if (!std::isnan(row.consensus_distance)) {
    text += format(", consensus distance %.4g", row.consensus_distance);
  }
  return text;
}

// The share of the way gone, by rounds or by time, whichever ends first; 0: not known.
double share_done(const RunProgress& progress) {
  double share = 0.0;
  if (progress.peer_rounds_total > 0 && progress.peer_rounds_done >= progress.num_peers) {
    share = static_cast<double>(progress.peer_rounds_done) /
            static_cast<double>(progress.peer_rounds_total);
  }
  if (progress.until > SimTime{}) {
    share = std::max(share, progress.now.seconds() / progress.until.seconds());
  }
  return share;
}

std::string position_text(const RunProgress& progress, const char* clock) {
  const double peers = progress.num_peers;
  std::string text = format("round %.0f", static_cast<double>(progress.peer_rounds_done) / peers);
  if (progress.peer_rounds_total > 0) {
    text += format("/%.0f", static_cast<double>(progress.peer_rounds_total) / peers);
  }
  text += format("  %s %.2f", clock, progress.now.seconds());
  if (progress.until > SimTime{}) text += format("/%.0f", progress.until.seconds());
  return text + " s";
}

// A line that the terminal would wrap could not be rewritten in place.
void cut_to_width(std::string& line, std::FILE* stream) {
  winsize size{};
  if (ioctl(fileno(stream), TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return;
  if (line.size() >= size.ws_col) line.resize(size.ws_col - 1U);
}

bool can_be_rewritten(std::FILE* stream) {
  const char* const terminal = std::getenv("TERM");
  return isatty(fileno(stream)) == 1 && (terminal == nullptr || std::strcmp(terminal, "dumb") != 0);
}

}  // namespace

ProgressPrinter::ProgressPrinter(std::FILE* stream, bool json, const char* clock)
    : stream_(stream), json_(json), clock_(clock), is_terminal_(can_be_rewritten(stream)) {}

void ProgressPrinter::on_progress(const RunProgress& progress) {
  if (!is_terminal_ || json_) return;
  const double elapsed = wall_.seconds();
  if (elapsed - shown_at_ < kRedrawSeconds) return;
  shown_at_ = elapsed;
  std::string line = position_text(progress, clock_);
  if (samples_before_ < 0) samples_before_ = progress.train_samples;
  const auto trained = static_cast<double>(progress.train_samples - samples_before_);
  if (trained > 0.0) line += "  " + grouped(std::llround(trained / elapsed)) + " samples/s";
  const double share = share_done(progress);
  if (share > 0.0) line += format("  %.0f s left", elapsed * (1.0 / share - 1.0));
  if (!last_row_.empty()) line += "  [" + last_row_ + "]";
  cut_to_width(line, stream_);
  std::fprintf(stream_, "\r\033[K%s", line.c_str());
  std::fflush(stream_);
  line_is_open_ = true;
}

void ProgressPrinter::on_evaluated(const MetricsRow& row) {
  if (json_) {
    std::printf("%s\n", to_json_line(row).c_str());
    std::fflush(stdout);
    return;
  }
  last_row_ = row_text(row, clock_);
  if (!is_terminal_) std::fprintf(stream_, "%s\n", last_row_.c_str());
}

void ProgressPrinter::on_warning(const std::string& line) {
  clear();
  std::fprintf(stream_, "warning: %s\n", line.c_str());
}

void ProgressPrinter::clear() {
  if (line_is_open_) std::fprintf(stream_, "\r\033[K");
  line_is_open_ = false;
}

}  // namespace hearsay
