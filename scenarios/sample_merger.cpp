#include "scenarios/sample_merger.hpp"

#include <algorithm>
#include <utility>

namespace hearsay {

void SampleMerger::add(int process, SampleNews news) {
  const SimTime key = news.is_last ? SimTime::max() : news.time;
  SimTime& latest = latest_[process];
  latest = std::max(latest, key);
  if (key <= told_) return;
  Moment& moment = moments_[key];
  if (!moment.processes.insert(process).second) return;
  std::ranges::move(news.peers, std::back_inserter(moment.peers));
  moment.totals += news.totals;
  moment.time = std::max(moment.time, news.time);
  moment.is_last = news.is_last;
}

void SampleMerger::flush(const std::set<int>& expected) {
  while (!moments_.empty()) {
    const auto first = moments_.begin();
    Moment& moment = first->second;
    const auto has_passed = [&](int process) {
      const auto latest = latest_.find(process);
      return latest != latest_.end() && latest->second >= first->first;
    };
    if (!std::ranges::all_of(expected, has_passed)) return;
    std::ranges::sort(moment.peers, {}, &PeerSample::peer);
    sink_({.time = moment.time,
           .peers = moment.peers,
           .totals = moment.totals,
           .is_last = moment.is_last});
    told_ = first->first;
    moments_.erase(first);
  }
}

}  // namespace hearsay
