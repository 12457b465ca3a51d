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
  if (!problem.is_cheap() || network.least_latency() <= SimTime{}) return 1;
  return std::clamp(num_peers / kPeersPerLoop, 1, workers);
}

/// How the loops agree on windows. Every loop first learns what the others have sent it,
/// then all agree on the time of the next event, then each advances by one latency.
class Simulation::Windows {
 public:
  explicit Windows(Simulation& simulation)
      : simulation_(simulation),
        next_(simulation.loops_.size()),
        agreed_(static_cast<std::ptrdiff_t>(next_.size()), Agree{this}),
        advanced_(static_cast<std::ptrdiff_t>(next_.size())) {}

  /// The whole run of one loop, on its thread.
  void run(std::size_t index) {
    PeerLoop& loop = simulation_.loops_[index];
    while (true) {
      guarded([&] {
        if (index == 0) {
          for (DelayedObserver& observer : simulation_.delayed_) observer.replay();
        }
        for (const PeerLoop& other : simulation_.loops_) {
          if (&other != &loop) loop.accept(other);
        }
        next_[index] = loop.next_time();
      });
      agreed_.arrive_and_wait();
      if (done_) return;
      guarded([&] { loop.advance(end_); });
      advanced_.arrive_and_wait();
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
    done_ = next == SimTime::max() || error_ != nullptr ||
            simulation_.world_.stop.load(std::memory_order_relaxed);
    if (!done_) end_ = next + simulation_.world_.network.least_latency();
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
  std::vector<SimTime> next_;
  std::barrier<Agree> agreed_;
  std::barrier<> advanced_;
  SimTime end_;
  bool done_ = false;
  std::mutex error_mutex_;
  std::exception_ptr error_;
};

Simulation::Simulation(SimulationWorld world, const SimulationLayout& layout,
                       std::vector<std::unique_ptr<Protocol>> protocols,
                       SimulationObserver& observer)
    : world_(std::move(world)), observer_(observer) {
  HEARSAY_CHECK(layout.loops >= 1);
  const bool together = layout.loops > 1;
  HEARSAY_CHECK(!together || world_.problem.is_cheap());
  HEARSAY_CHECK(!together || world_.network.least_latency() > SimTime{});
  const auto num_peers = static_cast<int>(protocols.size());
  const LoopMap map{.loops = layout.loops,
                    .peers_per_loop = (num_peers + layout.loops - 1) / layout.loops};
  std::vector<LoopLinks> links = make_links(layout);
  delayed_.reserve(links.size());
  for (int index = 0; index < layout.loops; ++index) {
    const int first = std::min(num_peers, map.first_peer(index));
    const int last = std::min(num_peers, map.first_peer(index + 1));
    std::vector<std::unique_ptr<Protocol>> own(std::make_move_iterator(protocols.begin() + first),
                                               std::make_move_iterator(protocols.begin() + last));
    const auto slot = static_cast<std::size_t>(index);
    SimulationObserver& told = together ? delayed_.emplace_back(observer) : observer_;
    loops_.emplace_back(world_, map, index, std::move(links[slot]), std::move(own), told);
  }
}

Simulation::~Simulation() = default;

SimulationOutcome Simulation::run() {
  if (loops_.size() == 1) {
    loops_[0].advance(SimTime::max());
  } else {
    run_together();
  }
  return conclude();
}

void Simulation::run_together() {
  Windows windows(*this);
  std::vector<std::thread> threads;
  for (std::size_t index = 1; index < loops_.size(); ++index) {
    threads.emplace_back([&windows, index] { windows.run(index); });
  }
  windows.run(0);
  for (std::thread& thread : threads) thread.join();
  windows.rethrow();
}

SimulationOutcome Simulation::conclude() const {
  using Status = SimulationOutcome::Status;
  SimulationOutcome outcome;
  std::size_t unfinished = 0;
  double training_seconds = 0.0;
  double aggregation_seconds = 0.0;
  for (const PeerLoop& loop : loops_) {
    const PeerLoop::State state = loop.state();
    unfinished += static_cast<std::size_t>(loop.num_peers()) - state.finished;
    outcome.events += state.events;
    outcome.messages_refused += state.messages_refused;
    outcome.end = std::max(outcome.end, state.last_event);
    training_seconds += state.training_seconds;
    aggregation_seconds += state.aggregation_seconds;
  }
  if (unfinished > 0) {
    outcome.status = world_.stop.load() ? Status::kInterrupted : Status::kStalled;
  }
  if (!world_.problem.is_cheap()) {
    outcome.training_seconds = training_seconds;
    outcome.aggregation_seconds = aggregation_seconds;
  }
  Digest models = 0;
  for (const PeerLoop& loop : loops_) {
    for (PeerId peer = loop.first_peer(); peer < loop.first_peer() + loop.num_peers(); ++peer) {
      outcome.totals += loop.counters(peer);
      outcome.event_digest = chain(outcome.event_digest, loop.event_digest(peer));
      const ModelBuffer& model = loop.final_model(peer);
      if (!model.empty()) {
        models = chain(models, model.digest());
      } else if (outcome.status == Status::kStalled) {
        outcome.waiting.push_back({peer, loop.waiting_for(peer)});
      }
    }
  }
  if (outcome.status == Status::kDone) outcome.model_digest = models;
  return outcome;
}

}  // namespace hearsay
