#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "node/live/live_host.hpp"
#include "node/net/curve_keys.hpp"
#include "tests/runtime/simulation_fixture.hpp"

namespace hearsay {

inline constexpr RunIdentity kLiveRun{.run = 3, .scenario_digest = 4};

/// Who takes part in a small deployment: some processes, each with a key.
class LiveCompany {
 public:
  explicit LiveCompany(int processes) {
    for (int i = 0; i < processes; ++i) keys.push_back(make_key_pair());
  }

  /// `seed`: address of process 0, for all others.
  EndpointOptions options(int self, const std::string& seed) const {
    EndpointOptions made{.identity = kLiveRun,
                         .self = self,
                         .secret_key = keys[static_cast<std::size_t>(self)].secret_key,
                         .largest_parcel = std::size_t{1} << 20,
                         .heartbeat = {20'000'000}};
    for (std::size_t i = 0; i < keys.size(); ++i) {
      made.processes.push_back({.name = "process-" + std::to_string(i),
                                .public_key = keys[i].public_key,
                                .address = i == 0 ? seed : ""});
    }
    return made;
  }

  std::vector<KeyPair> keys;
};

/// Process 0: keeps all reports, hosts nobody.
class Recorder final : public EndpointListener {
 public:
  explicit Recorder(const EndpointOptions& options) : endpoint(options, *this) {}

  void on_parcel(int process, ParcelKind kind, std::span<const Buffer> frames) override {
    if (kind != ParcelKind::kReport) throw MessageRefused(Refusal::kProtocol, "no report");
    reports.emplace_back(process, decode_report(frames));
  }
  void on_refused(const RefusedParcel& parcel) override { refused.push_back(parcel.reason); }
  void on_heard(int) override {}
  void on_lost(int) override {}

  /// The news of one kind, in order of arrival.
  template <class News>
  std::vector<News> all() const {
    std::vector<News> found;
    for (const auto& [process, report] : reports) {
      if (const auto* news = std::get_if<News>(&report)) found.push_back(*news);
    }
    return found;
  }

  /// Polls until something holds; false after twenty seconds.
  template <class Condition>
  bool until(Condition holds) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!holds()) {
      if (std::chrono::steady_clock::now() > end) return false;
      endpoint.poll(SimTime{5'000'000});
    }
    return true;
  }

  std::vector<std::pair<int, Report>> reports;
  std::vector<Refusal> refused;
  Endpoint endpoint;
};

/// One host on a thread of its own.
class HostThread {
 public:
  HostThread(const LearningProblem& problem, const MixingMatrix& mixing, const SmallRun& run,
             const EndpointOptions& endpoint, LivePlan plan)
      : run_(run),
        small_(problem, mixing.graph().num_peers(), run_),
        world_(small_.with([this, &mixing](PeerId peer, SimTime) {
          ProtocolOptions protocol = run_.protocol;
          std::visit([this](auto& chosen) { chosen.rounds = run_.rounds; }, protocol);
          return make_chosen(protocol, {.self = peer,
                                        .neighbors = mixing.graph().neighbors(peer),
                                        .weights = mixing.neighbor_weights(peer),
                                        .self_weight = mixing.self_weight(peer),
                                        .rng = Rng(6)});
        })),
        host(world_, endpoint, std::move(plan)) {}
  ~HostThread() { join(); }

  void start() {
    thread_ = std::thread([this] { end_ = host.run(); });
  }
  LiveEnd join() {
    if (thread_.joinable()) thread_.join();
    return end_;
  }
  void stop() { small_.stop(); }

 private:
  SmallRun run_;
  SmallWorld small_;
  SimulationWorld world_;

 public:
  LiveHost host;

 private:
  LiveEnd end_ = LiveEnd::kDone;
  std::thread thread_;
};

}  // namespace hearsay
