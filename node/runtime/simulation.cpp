#include "node/runtime/simulation.hpp"

#include <algorithm>
#include <barrier>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>

#include "node/base/check.hpp"

namespace hearsay {
namespace {

// Below this number of peers per loop a window is too short to be worth a barrier.
constexpr int kPeersPerLoop = 2048;

// Links between all pairs of loops: link k * loops + j leads from loop k to loop j.
std::vector<LoopLinks> make_links(const SimulationLayout& layout) {
  const auto n = static_cast<std::size_t>(layout.loops);
  std::vector<FramePipe> pipes = make_zmq_pipes(layout.transport, layout.loops * layout.loops);
  std::vector<LoopLinks> links(n);
  for (std::size_t from = 0; from < n; ++from) {
    for (std::size_t to = 0; to < n; ++to) {
      FramePipe& pipe = pipes[from * n + to];
      links[from].senders.emplace_back(std::move(pipe.sender), layout.identity);
      links[to].receivers.emplace_back(std::move(pipe.receiver), layout.identity);
    }
  }
  return links;
}

}  // namespace

int suggested_loops(const LearningProblem& problem, const NetworkModel& network, int num_peers,
                    int workers) {
  if (!problem.traits().is_cheap || network.least_latency() <= SimTime{}) return 1;
  return std::clamp(num_peers / kPeersPerLoop, 1, workers);
}

namespace {

/// The next time at which a simulation pauses by plan.
class NextPause {
 public:
  NextPause(SimTime every, SimTime now) : every_(every), time_(every) { pass(now); }

  SimTime time() const { return time_; }

  /// Moves on to the first one after `now`.
  void pass(SimTime now) {
    if (every_ == SimTime::max() || now < time_) return;
    const std::int64_t count = now.nanoseconds / every_.nanoseconds + 1;
    time_ = {count * every_.nanoseconds};
  }

 private:
  SimTime every_;
  SimTime time_;
};

}  // namespace

/// How the loops agree on windows. Every loop first learns what the others have sent it,
/// then all agree on the time of the next event, then each advances by one latency.
class Simulation::Windows {
 public:
  Windows(Simulation& simulation, const PausePlan& pauses)
      : simulation_(simulation),
        pauses_(pauses),
        next_pause_(pauses.every, simulation.now()),
        next_(simulation.loops_.size()),
        agreed_(static_cast<std::ptrdiff_t>(next_.size()), Agree{this}),
        met_(static_cast<std::ptrdiff_t>(next_.size())) {}

  /// The whole run of one loop, on its thread.
  void run(std::size_t index) {
    PeerLoop& loop = simulation_.loops_[index];
    while (true) {
      guarded([&] {
        if (index == 0) DelayedObserver::replay(simulation_.delayed_);
        for (const PeerLoop& other : simulation_.loops_) {
          if (&other != &loop) loop.accept(other);
        }
        next_[index] = loop.next_time();
      });
      agreed_.arrive_and_wait();
      if (done_) return;
      if (sample_ || pause_) {
        if (index == 0) guarded([&] { stand_still(); });
        met_.arrive_and_wait();
      }
      guarded([&] { loop.advance(end_); });
      met_.arrive_and_wait();
    }
  }

  void rethrow() const {
    if (error_) std::rethrow_exception(error_);
  }

 private:
  struct Agree {
    Windows* windows;
    void operator()() noexcept { windows->agree(); }
  };

  // Called by one thread while all others wait.
  void agree() noexcept {
    const SimTime next = *std::ranges::min_element(next_);
    simulation_.has_ended_ = simulation_.is_over(next);
    done_ = simulation_.has_ended_ || error_ != nullptr ||
            simulation_.world_.stop.load(std::memory_order_relaxed);
    if (done_) return;
    next_event_ = next;
    sample_ = simulation_.next_sample_ <= next;
    end_ = std::min(add_saturating(next, simulation_.world_.network.least_latency()),
                    simulation_.stop_after(next));
    pause_ = simulation_.observer_.wants_pause() || next >= next_pause_.time();
    next_pause_.pass(next);
  }

  void stand_still() {
    simulation_.sample_before(next_event_);
    if (pause_) pauses_.on_pause();
  }

  // A loop that fails must still meet the others at the barriers; they end the run there.
  template <class Work>
  void guarded(Work work) {
    try {
      work();
    } catch (const std::exception&) {
      const std::lock_guard lock(error_mutex_);
      if (!error_) error_ = std::current_exception();
    }
  }

  Simulation& simulation_;
  const PausePlan& pauses_;
  NextPause next_pause_;
  std::vector<SimTime> next_;
  std::barrier<Agree> agreed_;
  std::barrier<> met_;
  SimTime end_;
  SimTime next_event_;
  bool done_ = false;
  bool sample_ = false;
  bool pause_ = false;
  std::mutex error_mutex_;
  std::exception_ptr error_;
};

Simulation::Simulation(SimulationWorld world, const SimulationLayout& layout,
                       SimulationObserver& observer, const SamplingPlan& sampling)
    : world_(std::move(world)),
      observer_(observer),
      sampling_(sampling),
      next_sample_(sampling.every) {
  HEARSAY_CHECK(layout.loops >= 1);
  HEARSAY_CHECK(world_.keep_latest || std::min(sampling.every, sampling.until) == SimTime::max());
  const bool together = layout.loops > 1;
  HEARSAY_CHECK(!together || world_.problem.traits().is_cheap);
  HEARSAY_CHECK(!together || world_.network.least_latency() > SimTime{});
  const int num_peers = world_.num_peers;
  map_ = {.loops = layout.loops, .peers_per_loop = (num_peers + layout.loops - 1) / layout.loops};
  std::vector<LoopLinks> links = make_links(layout);
  delayed_.reserve(links.size());
  for (int index = 0; index < layout.loops; ++index) {
    const int first = std::min(num_peers, map_.first_peer(index));
    const int last = std::min(num_peers, map_.first_peer(index + 1));
    SimulationObserver& told = together ? delayed_.emplace_back(observer) : observer_;
    loops_.emplace_back(world_, map_, index, last - first,
                        std::move(links[static_cast<std::size_t>(index)]), told);
  }
}

// Jobs of peers that crashed, or of a run that was stopped, may still be under way.
Simulation::~Simulation() { world_.pool.cancel(); }

SimulationOutcome Simulation::run(const PausePlan& pauses) {
  if (!is_restored_) {
    for (PeerLoop& loop : loops_) loop.start();
  }
  if (loops_.size() == 1) {
    run_alone(pauses);
  } else {
    run_together(pauses);
  }
  if (has_ended_ && sampling_.every != SimTime::max()) {
    const SimTime end = is_cut_ ? sampling_.until : now();
    sample_before(end);
    sample(end, true);
  }
  return conclude();
}

bool Simulation::is_over(SimTime next) {
  is_cut_ = next != SimTime::max() && next >= sampling_.until;
  return is_cut_ || next == SimTime::max();
}

// When all that comes next must have stopped.
SimTime Simulation::stop_after(SimTime next) const {
  SimTime stop = std::min(next_sample_, sampling_.until);
  while (stop <= next) stop = std::min(stop + sampling_.every, sampling_.until);
  return stop;
}

// Takes all samples that are due before the next event happens.
void Simulation::sample_before(SimTime next) {
  for (; next_sample_ <= next && next_sample_ < sampling_.until;
       next_sample_ = next_sample_ + sampling_.every) {
    sample(next_sample_, false);
  }
}

void Simulation::sample(SimTime time, bool is_last) {
  std::vector<PeerSample> samples;
  PeerCounters totals;
  for (const PeerLoop& loop : loops_) {
    for (PeerId id = loop.first_peer(); id < loop.first_peer() + loop.num_peers(); ++id) {
      const PeerState& peer = loop.peer(id);
      const PeerCounters counters = loop.counters(id, time);
      totals += counters;
      if (!peer.is_up || peer.latest.empty()) continue;
      samples.push_back(
          {.peer = id, .round = peer.round, .model = peer.latest, .counters = counters});
    }
  }
  observer_.on_sample({.time = time, .peers = samples, .totals = totals, .is_last = is_last});
}

void Simulation::run_alone(const PausePlan& pauses) {
  PeerLoop& loop = loops_[0];
  NextPause next_pause(pauses.every, now());
  while (true) {
    loop.advance(std::min({next_pause.time(), next_sample_, sampling_.until}));
    const SimTime next = loop.next_time();
    has_ended_ = is_over(next);
    if (has_ended_ || world_.stop.load(std::memory_order_relaxed)) return;
    sample_before(next);
    if (!observer_.wants_pause() && next < next_pause.time()) continue;
    pauses.on_pause();
    next_pause.pass(next);
  }
}

void Simulation::run_together(const PausePlan& pauses) {
  Windows windows(*this, pauses);
  std::vector<std::thread> threads;
  for (std::size_t index = 1; index < loops_.size(); ++index) {
    threads.emplace_back([&windows, index] { windows.run(index); });
  }
  windows.run(0);
  for (std::thread& thread : threads) thread.join();
  windows.rethrow();
}

SimTime Simulation::now() const {
  SimTime now;
  for (const PeerLoop& loop : loops_) now = std::max(now, loop.state().last_event);
  return now;
}

SimulationProgress Simulation::progress() const {
  SimulationProgress progress;
  for (const PeerLoop& loop : loops_) {
    progress.events += loop.state().events;
    for (PeerId id = loop.first_peer(); id < loop.first_peer() + loop.num_peers(); ++id) {
      progress.samples += loop.peer(id).counters.samples;
    }
  }
  return progress;
}

std::vector<PendingEvent> Simulation::pending_events() {
  std::vector<PendingEvent> pending;
  for (PeerLoop& loop : loops_) loop.list_pending(pending);
  std::ranges::sort(pending,
                    [](const PendingEvent& a, const PendingEvent& b) { return a.event < b.event; });
  return pending;
}

void Simulation::persist(Archive& archive) {
  HEARSAY_CHECK(!archive.is_loading() || !is_restored_);
  archive.mark("simulation");
  std::int64_t events = 0;
  for (const PeerLoop& loop : loops_) events += loop.state().events;
  SimTime last_event = now();
  std::vector<PendingEvent> pending;
  if (!archive.is_loading()) pending = pending_events();
  archive(events, last_event, next_sample_, pending);
  world_.network.persist(archive);
  archive.mark("peers");
  for (PeerId peer = 0; peer < world_.num_peers; ++peer) {
    loops_[static_cast<std::size_t>(map_.loop_of(peer))].persist(archive, peer);
  }
  loops_[0].persist_attackers(archive);
  if (!archive.is_loading()) return;
  loops_[0].restore(events, last_event);
  for (const PendingEvent& item : pending) {
    for (const PeerId id : {item.event.receiver, item.event.sender}) {
      if (id < 0 || id >= world_.num_peers) archive.mismatch("an event of a peer there is not");
    }
    const bool is_sent = is_message(item.event.kind);
    if (is_sent) loops_[static_cast<std::size_t>(map_.loop_of(item.event.sender))].resend(item);
    loops_[static_cast<std::size_t>(map_.loop_of(item.event.receiver))].reschedule(item);
  }
  for (PeerLoop& loop : loops_) loop.flush();
  is_restored_ = true;
}

SimulationOutcome Simulation::conclude() const {
  using Status = SimulationOutcome::Status;
  SimulationOutcome outcome;
  double training_seconds = 0.0;
  double aggregation_seconds = 0.0;
  for (const PeerLoop& loop : loops_) {
    const PeerLoop::State state = loop.state();
    outcome.events += state.events;
    training_seconds += state.training_seconds;
    aggregation_seconds += state.aggregation_seconds;
  }
  outcome.end = now();
  outcome.network = world_.network.use();
  if (!world_.problem.traits().is_cheap) {
    outcome.training_seconds = training_seconds;
    outcome.aggregation_seconds = aggregation_seconds;
  }
  Digest models = 0;
  for (const PeerLoop& loop : loops_) {
    for (PeerId id = loop.first_peer(); id < loop.first_peer() + loop.num_peers(); ++id) {
      const PeerState& peer = loop.peer(id);
      outcome.totals += loop.counters(id, outcome.end);
      outcome.event_digest = chain(outcome.event_digest, peer.events);
      const ModelBuffer& model = peer.final_model.empty() ? peer.latest : peer.final_model;
      models = chain(models, model.empty() ? 0 : model.digest());
      outcome.live_peers += peer.is_up ? 1 : 0;
      if (peer.has_finished || is_cut_) continue;
      if (!peer.is_up) {
        ++outcome.lost_peers;
      } else {
        outcome.waiting.push_back({id, loop.waiting_for(id)});
      }
    }
  }
  if (!has_ended_) {
    outcome.status = Status::kInterrupted;
    outcome.waiting.clear();
  } else if (!outcome.waiting.empty()) {
    outcome.status = Status::kStalled;
  } else {
    outcome.model_digest = models;
  }
  return outcome;
}

}  // namespace hearsay
