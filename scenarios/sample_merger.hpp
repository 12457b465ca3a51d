#pragma once

#include <functional>
#include <map>
#include <set>
#include <vector>

#include "node/live/report.hpp"

namespace hearsay {

/// Puts the samples that processes take at the same time together into one of all peers.
class SampleMerger {
 public:
  using Sink = std::function<void(const SampleNotice&)>;

  /// The sink is told of each time once, in ascending order.
  explicit SampleMerger(Sink sink) : sink_(std::move(sink)) {}

  void add(int process, SampleNews news);

  /// Hands on all times up to the first that a process of `expected` has told neither of nor
  /// beyond: one whose clock was started anew samples at other times than the others.
  void flush(const std::set<int>& expected);

 private:
  struct Moment {
    std::set<int> processes;
    std::vector<PeerSample> peers;
    PeerCounters totals;
    SimTime time;  ///< The latest of the processes', for the last sample.
    bool is_last = false;
  };

  Sink sink_;
  std::map<SimTime, Moment> moments_;  ///< The last sample, at whatever time, is at max().
  std::map<int, SimTime> latest_;      ///< By process: what it has told of.
  SimTime told_;
};

}  // namespace hearsay
