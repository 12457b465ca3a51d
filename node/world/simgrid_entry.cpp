#include <algorithm>
#include <functional>
#include <memory>
#include <tuple>
#include <vector>

#include "node/base/archive.hpp"
#include "node/base/check.hpp"
#include "node/world/simgrid_engine.hpp"

namespace hearsay {
namespace {

/// A message that SimGrid has not been told of.
struct Unsent {
  SimTime time;
  Transfer transfer;

  friend bool operator>(const Unsent& a, const Unsent& b) {
    return std::tie(a.time, a.transfer.from, a.transfer.sequence) >
           std::tie(b.time, b.transfer.from, b.transfer.sequence);
  }
};

/// Measures when at least one message of a link is under way.
class LinkUse {
 public:
  void begin(SimTime now) {
    if (messages_++ == 0) since_ = now;
  }
  void end(SimTime now) {
    if (--messages_ == 0) busy_ = busy_ + (now - since_);
  }
  SimTime busy(SimTime now) const { return messages_ == 0 ? busy_ : busy_ + (now - since_); }

 private:
  int messages_ = 0;
  SimTime since_{};
  SimTime busy_{};
};

class SimgridNetwork final : public NetworkModel {
 public:
  SimgridNetwork(const SimgridOptions& options, int num_peers)
      : engine_(options, num_peers),
        up_(static_cast<std::size_t>(num_peers)),
        down_(static_cast<std::size_t>(num_peers)) {}

  Fate send(const Transfer& transfer, SimTime now, std::vector<Arrival>&) override {
    HEARSAY_CHECK(transfer.from != transfer.to);
    HEARSAY_CHECK(now >= now_);
    unsent_.push_back({now, transfer});
    std::ranges::push_heap(unsent_, std::greater<>());
    return Fate::kUnderway;
  }

  SimTime receive(PeerId, std::int64_t, SimTime last) override { return last; }

  SimTime advance(SimTime limit, std::vector<Arrival>& arrivals) override {
    while (done_.empty()) {
      take_due();
      const SimTime next_start = unsent_.empty() ? SimTime::max() : unsent_.front().time;
      const bool is_idle = started_.empty() && num_underway_ == 0;
      if (is_idle && (unsent_.empty() || next_start > limit)) return SimTime::max();
      run_engine(std::min(limit, next_start));
      if (done_.empty() && now_ >= limit) return SimTime::max();
    }
    std::ranges::sort(done_, {}, [](const Transfer& transfer) {
      return std::tuple(transfer.from, transfer.sequence);
    });
    for (const Transfer& transfer : done_) arrivals.push_back({transfer, now_, now_});
    done_.clear();
    return now_;
  }

  SimTime least_latency() const override { return {}; }

  NetworkUse use() const override {
    NetworkUse use;
    for (const auto* links : {&up_, &down_}) {
      for (const LinkUse& link : *links) use.busiest = std::max(use.busiest, link.busy(now_));
    }
    return use;
  }

  void persist(Archive& archive) override { archive.mismatch("SimGrid cannot be saved"); }

 private:
  LinkUse& up(const Transfer& transfer) { return up_[static_cast<std::size_t>(transfer.from)]; }
  LinkUse& down(const Transfer& transfer) { return down_[static_cast<std::size_t>(transfer.to)]; }

  /// Lets SimGrid start what is due and run until a transfer ends, at most to `limit`.
  void run_engine(SimTime limit) {
    const auto ends = engine_.advance(started_, limit);
    num_underway_ += static_cast<int>(started_.size()) - static_cast<int>(ends.size());
    started_.clear();
    now_ = ends.empty() ? limit : std::clamp(engine_.now(), now_, limit);
    for (const Transfer& transfer : ends) {
      up(transfer).end(now_);
      down(transfer).end(now_);
      done_.push_back(transfer);
    }
  }

  void take_due() {
    while (!unsent_.empty() && unsent_.front().time <= now_) {
      std::ranges::pop_heap(unsent_, std::greater<>());
      const Transfer transfer = unsent_.back().transfer;
      unsent_.pop_back();
      up(transfer).begin(now_);
      down(transfer).begin(now_);
      started_.push_back(transfer);
    }
  }

  SimgridEngine engine_;
  std::vector<LinkUse> up_;
  std::vector<LinkUse> down_;
  std::vector<Unsent> unsent_;     ///< A heap, the earliest first.
  std::vector<Transfer> started_;  ///< To be started at now_.
  std::vector<Transfer> done_;     ///< Arrived at now_; empty between calls.
  int num_underway_ = 0;           ///< In SimGrid.
  SimTime now_{};
};

}  // namespace
}  // namespace hearsay

/// What simgrid_network.cpp looks up in the module.
extern "C" hearsay::NetworkModel* hearsay_make_simgrid_network(
    const hearsay::SimgridOptions* options, int num_peers) {
  return std::make_unique<hearsay::SimgridNetwork>(*options, num_peers).release();
}
