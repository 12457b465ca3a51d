#pragma once

#include <condition_variable>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "node/base/stopwatch.hpp"
#include "scenarios/runner.hpp"

namespace httplib {
class Server;
}

namespace hearsay {

/// Where a run is served.
struct LiveOptions {
  std::string host = "127.0.0.1";  ///< Address to listen at; 0.0.0.0: all of this machine's.
  int port = 0;                    ///< 0: a free one.
};

/// Shows a run while it goes on, over HTTP:
///   /         the page of a report, which follows the run
///   /events   server-sent events: `data`, report_json() of the run directory as it is, and
///             `end`, after which nothing comes
///   /metrics  text for Prometheus
/// Wraps another listener, which is told everything too. The run directory is read on the
/// thread of the run, at its start, after evaluations (as long as somebody listens, and no
/// more often than every two seconds) and at its end. Anybody who can reach the address can
/// look; nobody can change anything.
class LiveServer final : public RunListener {
 public:
  /// Begins to listen. `told` outlives this.
  /// @throws UserError if the address cannot be listened at.
  LiveServer(const LiveOptions& options, RunListener& told);

  /// Lets all who listen have the last state, for two seconds at most, and stops.
  ~LiveServer() override;

  LiveServer(const LiveServer&) = delete;
  LiveServer& operator=(const LiveServer&) = delete;

  /// The page's address, e.g. "http://127.0.0.1:8000/".
  std::string url() const;

  void on_begun(const std::filesystem::path& directory) override;
  void on_progress(const RunProgress& progress) override;
  void on_evaluated(const MetricsRow& row) override;
  void on_warning(const std::string& line) override;

 private:
  void add_handlers();
  void read_run();
  std::string metrics_text();

  RunListener& told_;
  std::string host_;
  int port_ = 0;
  std::filesystem::path directory_;  ///< Used by the thread of the run only.
  Stopwatch wall_;
  double read_at_ = 0.0;

  std::mutex mutex_;  ///< Guards what follows.
  std::condition_variable changed_;
  std::shared_ptr<const std::string> data_;  ///< Null before the run has begun.
  std::int64_t version_ = 0;                 ///< Of data_.
  int listeners_ = 0;                        ///< Who have not had the end.
  bool has_ended_ = false;
  RunProgress progress_;
  MetricsRow row_;

  std::unique_ptr<httplib::Server> server_;
  std::thread thread_;
};

}  // namespace hearsay
