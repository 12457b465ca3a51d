#include "node/world/simgrid_engine.hpp"

#include <atomic>
#include <cmath>
#include <cstdint>
#include <exception>
#include <semaphore>
#include <simgrid/s4u.hpp>
#include <string>
#include <thread>
#include <utility>

#include "node/base/error.hpp"
#include "node/world/simgrid_platform.hpp"

namespace hearsay {
namespace {

namespace s4u = simgrid::s4u;

/// Within one nanosecond is at once, for SimGrid as for us.
constexpr double kPrecisionS = 1e-9;

}  // namespace

/// Only one side runs at any time: they hand each other control by two semaphores, and
/// what they share needs no other lock.
class SimgridEngine::Thread {
 public:
  Thread(const SimgridOptions& options, int num_peers)
      : options_(options), num_peers_(num_peers), thread_([this] { run(); }) {
    answered_.acquire();
    if (failure_) {
      thread_.join();
      std::rethrow_exception(failure_);
    }
  }

  ~Thread() {
    is_over_ = true;
    asked_.release();
    thread_.join();
  }

  Thread(const Thread&) = delete;
  Thread& operator=(const Thread&) = delete;

  std::vector<Transfer> advance(const std::vector<Transfer>& transfers, SimTime limit) {
    started_ = &transfers;
    limit_s_ = limit.seconds();
    ended_.clear();
    if (!failure_) {
      asked_.release();
      answered_.acquire();
    }
    if (failure_) std::rethrow_exception(failure_);
    return std::move(ended_);
  }

  double clock_s() const { return clock_s_; }

 private:
  /// The thread's body.
  void run() {
    try {
      const auto engine = make_simgrid_engine(options_);
      hosts_ = make_simgrid_hosts(*engine, options_, num_peers_);
      const auto pairs = hosts_.size() * hosts_.size();
      if (!options_.platform.empty()) is_route_known_.resize(pairs);
      wake_ = s4u::Semaphore::create(0);
      s4u::Actor::create("driver", hosts_.front(), [this] { drive(); });
      engine->run();
      wake_ = nullptr;
      if (!is_over_) {
        throw UserError("network: SimGrid ended early");
      }
    } catch (const std::exception&) {
      failure_ = std::current_exception();
    }
    answered_.release();
  }

  /// The driver's body: carries out our calls until the end.
  void drive() {
    while (true) {
      clock_s_ = s4u::Engine::get_clock();
      answered_.release();
      asked_.acquire();
      if (is_over_) break;
      try {
        for (const Transfer& transfer : *started_) start(transfer);
        wait();
      } catch (const UserError&) {
        failure_ = std::current_exception();
      }
    }
    s4u::Actor::kill_all();
  }

  void start(const Transfer& transfer) {
    s4u::Host* const from = hosts_[static_cast<std::size_t>(transfer.from)];
    s4u::Host* const to = hosts_[static_cast<std::size_t>(transfer.to)];
    require_route(transfer, *from, *to);
    s4u::Actor::create("transfer", hosts_.front(), [this, from, to, transfer] {
      try {
        s4u::Comm::sendto(from, to, static_cast<std::uint64_t>(transfer.bytes));
        ended_.push_back(transfer);
      } catch (const simgrid::Exception& error) {
        failure_ = std::make_exception_ptr(UserError("network.platform: " + options_.platform +
                                                     ": a message failed: " + error.what()));
      }
      if (std::exchange(is_waiting_, false)) wake_->release();
    });
  }

  void require_route(const Transfer& transfer, const s4u::Host& from, const s4u::Host& to) {
    if (is_route_known_.empty()) return;
    const auto known = is_route_known_.begin() +
                       static_cast<std::ptrdiff_t>(transfer.from) * num_peers_ + transfer.to;
    if (*known) return;
    std::vector<s4u::Link*> links;
    double latency_s = 0.0;
    try {
      from.route_to(&to, links, &latency_s);
    } catch (const std::exception&) {
      links.clear();
    }
    if (links.empty() && latency_s <= 0.0) {
      throw UserError("network.platform: " + options_.platform + ": no route from host '" +
                      from.get_name() + "' to '" + to.get_name() + "'");
    }
    *known = true;
  }

  // A transfer that ends just when time runs out leaves a token behind, which ends a later
  // wait too early. Yielding lets all others that end at this moment say so first.
  void wait() {
    while (ended_.empty() && !failure_) {
      const double rest_s = limit_s_ - s4u::Engine::get_clock();
      if (rest_s < kPrecisionS / 2) break;
      is_waiting_ = true;
      wake_->acquire_timeout(rest_s);
      is_waiting_ = false;
      s4u::this_actor::yield();
    }
  }

  const SimgridOptions options_;
  const int num_peers_;
  std::vector<s4u::Host*> hosts_;     ///< By peer.
  std::vector<bool> is_route_known_;  ///< By sender and receiver; empty: there are all.
  s4u::SemaphorePtr wake_;
  bool is_waiting_ = false;

  std::binary_semaphore asked_{0};
  std::binary_semaphore answered_{0};
  const std::vector<Transfer>* started_ = nullptr;
  double limit_s_ = 0.0;
  bool is_over_ = false;
  std::vector<Transfer> ended_;
  double clock_s_ = 0.0;
  std::exception_ptr failure_;
  std::thread thread_;
};

SimgridEngine::SimgridEngine(const SimgridOptions& options, int num_peers) {
  static std::atomic<bool> is_used = false;
  if (is_used.exchange(true)) {
    throw UserError("network: SimGrid serves one run per process, and this one has had it");
  }
  thread_ = std::make_unique<Thread>(options, num_peers);
}

SimgridEngine::~SimgridEngine() = default;

std::vector<Transfer> SimgridEngine::advance(const std::vector<Transfer>& transfers,
                                             SimTime limit) {
  return thread_->advance(transfers, limit);
}

SimTime SimgridEngine::now() const {
  constexpr double kNoise = 1e-3;
  return SimTime::from_nanoseconds(std::ceil(thread_->clock_s() * 1e9 - kNoise));
}

}  // namespace hearsay
