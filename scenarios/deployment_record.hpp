#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "node/base/stopwatch.hpp"
#include "results/run_directory.hpp"
#include "scenarios/live_recorder.hpp"
#include "scenarios/run_record.hpp"
#include "scenarios/sample_merger.hpp"

namespace hearsay {

/// Turns the news of a deployment's processes into what a simulation tells its record, and
/// keeps track of which process is there. Processes without peers are not looked at.
/// References outlive it. Not for concurrent use.
class DeploymentRecord {
 public:
  /// `is_up`: by peer, who is there at the start.
  DeploymentRecord(std::vector<std::string> process_names, std::vector<int> process_of_peer,
                   std::vector<bool> is_up, RunRecord& record, RunDirectory& directory);

  void apply(LiveRecorder::News news);

  /// A process has died, or is silent: its peers are down. `why`: in a few words.
  void lose(int process, const std::string& why);

  /// It was started anew: its peers come up when it says so.
  void expect(int process) { expected_.insert(process); }

  /// Decides about processes that say that they were stopped: they have ended if all are to
  /// stop, else they are lost, as when whoever started them is gone. To be called now and then.
  void settle(bool is_stopping);

  /// Whether nothing more is to be expected of any process.
  bool is_complete() const;

  bool has_ended(int process) const { return ends_.contains(process); }
  bool has_started(int process) const { return started_.contains(process); }
  bool is_lost(int process) const { return down_.contains(process); }

  /// What became of all peers. `was_stopped`: from outside, before the end.
  SimulationOutcome outcome(bool was_stopped) const;

  double cpu_seconds() const;           ///< Of all processes that came to their end.
  std::int64_t peak_rss_bytes() const;  ///< The largest of them.

 private:
  struct Stopped {
    EndNews end;
    Stopwatch since;
  };

  void apply_start(int process, const StartNews& news);
  void apply_round(int process, RoundNews news);
  void apply_sample(int process, SampleNews news);
  void apply_silence(int process, const SilenceNews& news);
  void apply_refused(int process, const RefusedNews& news);
  void rise(int process);
  void change(PeerId peer, const PeerChange& change);
  void note(SimTime time, const std::string& kind,
            std::vector<std::pair<std::string, EventRecord::Value>> details);
  std::set<int> present() const;
  SimTime now() const;
  SimTime time_of(int process, SimTime time) const;

  std::vector<std::string> names_;
  std::vector<int> process_of_peer_;
  std::set<int> hosts_;
  RunRecord& record_;
  RunDirectory& directory_;
  SampleMerger samples_;
  std::optional<Stopwatch> since_start_;  ///< From the first start of a process on.
  std::map<int, SimTime> offsets_;        ///< Of clocks that were started anew.
  std::set<int> started_;
  std::set<int> down_;
  std::set<int> expected_;  ///< Down, but to come back.
  std::map<int, EndNews> ends_;
  std::map<int, Stopped> stopped_;      ///< Not yet decided about.
  std::vector<bool> is_up_;             ///< By peer.
  std::set<PeerId> lost_;               ///< Peers that went down with their process.
  std::vector<int> rounds_;             ///< By peer: the last that was recorded.
  std::vector<PeerCounters> counters_;  ///< By peer: the last known.
  std::map<int, PeerCounters> totals_;  ///< By process: those of its last sample.
};

}  // namespace hearsay
