#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

/// How the runs of a sweep are carried out, wherever that is.

namespace hearsay {

enum class PointStatus { kPending, kDone, kStalled, kInterrupted, kFailed };

/// Where a point of a sweep stands.
struct PointState {
  PointStatus status = PointStatus::kPending;
  std::string error;       ///< Why it failed, or who waits when it stalled; one line.
  bool was_there = false;  ///< A former sweep had ended it.

  friend bool operator==(const PointState&, const PointState&) = default;
};

std::string name_of(PointStatus status);

/// A run that is still to be carried out.
struct PointTask {
  std::size_t point = 0;    ///< Index.
  bool is_resumed = false;  ///< It goes on in its run directory; else it begins afresh.
};

/// How a run ended.
struct PointEnd {
  std::size_t point = 0;
  PointState state;
  std::vector<std::string> warnings;
};

/// Carries out the runs that it was made with.
class PointRuns {
 public:
  virtual ~PointRuns() = default;

  /// The runs that have ended since the last call, each once; waits for news for about 100 ms.
  virtual std::vector<PointEnd> wait() = 0;

  virtual std::size_t running() const = 0;

  /// Nothing more will end.
  virtual bool is_done() const = 0;

  /// Begins no more runs, and ends those under way soon, with checkpoints. May be called again.
  virtual void stop() = 0;
};

/// The outcome of a run as a line of JSON, without its point.
std::string outcome_text(const PointEnd& end);

/// The same read back; nothing if it is no outcome.
std::optional<PointEnd> parse_outcome(const std::string& text, std::size_t point);

/// Where the outcomes of runs are left that others carry out: `out`/tasks/NAME.json.
std::filesystem::path outcome_file(const std::filesystem::path& out, const std::string& point);

/// Writes one there, whole or not at all. @throws std::runtime_error if it cannot.
void write_outcome(const std::filesystem::path& out, const std::string& point, const PointEnd& end);

}  // namespace hearsay
