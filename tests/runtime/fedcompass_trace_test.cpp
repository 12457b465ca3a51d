// FedCompass in whole runs: the authors' Figure 1 to the second, and what its server does
// with every update, watched from outside.
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "node/protocols/server_tasks.hpp"
#include "node/world/fault_timeline_builder.hpp"
#include "tests/runtime/simulation_fixture.hpp"
#include "tests/support/echo_problem.hpp"
#include "topologies/topologies.hpp"

namespace hearsay {
namespace {

constexpr int kPeers = 6;

/// What a server did, in whole seconds.
struct ServerLog {
  struct Given {
    std::int64_t at = 0;
    PeerId client = 0;
    int steps = 0;

    friend bool operator==(const Given&, const Given&) = default;
  };
  struct Mixed {
    std::int64_t at = 0;
    std::map<PeerId, int> staleness;

    friend bool operator==(const Mixed&, const Mixed&) = default;
  };
  std::vector<Given> given;
  std::vector<Mixed> mixed;

  // Steps of the updates that came, of those that were used, and of those still waiting.
  double steps_in = 0.0;
  double steps_out = 0.0;
  int late = 0;
  std::vector<std::string> complaints;
};

/// Stands between the runtime and the server.
class WatchedServer final : public Protocol {
 public:
  WatchedServer(ServerLog& log, double factor, std::unique_ptr<Protocol> server)
      : log_(log), factor_(factor), server_(std::move(server)) {}

  void on_start(ModelBuffer model, StartKind how, Effects& effects) override {
    server_->on_start(std::move(model), how, effects);
    look(effects);
  }

  Reception on_message(Message message, Effects& effects) override {
    const bool is_answer = message.kind == MessageKind::kTrained;
    const PeerId client = message.from;
    const Reception reception = server_->on_message(std::move(message), effects);
    if (is_answer && reception == Reception::kAccepted) {
      const int steps = working_.at(client);
      working_.erase(client);
      log_.steps_in += steps;
      if (!effects.aggregate && !effects.sends.empty()) {
        ++log_.late;
        late_steps_ += steps;
      } else {
        waiting_[client] = steps;
      }
      is_first_ = seen_.insert(client).second;
    }
    look(effects);
    return reception;
  }

  void on_trained(ModelBuffer, double, Effects&) override {}

  void on_aggregated(ModelBuffer model, Effects& effects) override {
    server_->on_aggregated(std::move(model), effects);
    look(effects);
    double open = late_steps_;
    for (const auto& [client, steps] : waiting_) open += steps;
    // Less than the fewest steps of an update; more than the rounding of all models.
    if (!effects.finished && std::abs(log_.steps_in - log_.steps_out - open) > 2.0) {
      log_.complaints.push_back("steps are lost or used twice");
    }
  }

  void on_timer(std::uint64_t id, Effects& effects) override {
    server_->on_timer(id, effects);
    is_first_ = false;
    look(effects);
  }

  void on_leave(Effects& effects) override { server_->on_leave(effects); }
  std::vector<PeerId> waiting_for() const override { return server_->waiting_for(); }
  void persist(Archive& archive) override { server_->persist(archive); }

 private:
  void look(const Effects& effects) {
    const std::int64_t now = effects.now.nanoseconds / 1'000'000'000;
    for (const Message& message : effects.sends) {
      TaskNote note;
      if (message.kind != MessageKind::kModel || !unpack_note(message.data, note)) continue;
      if (note.is_last) continue;
      log_.given.push_back({now, message.to, note.steps});
      working_[message.to] = note.steps;
      waiting_.erase(message.to);
    }
    if (!effects.aggregate) return;
    ServerLog::Mixed mixed{.at = now, .staleness = {}};
    for (const HeardModel& heard : effects.aggregate->received) {
      mixed.staleness[heard.sender] = effects.aggregate->round - heard.round;
      const float change = heard.model.values()[0] - effects.aggregate->own.values()[0];
      log_.steps_out += heard.weight / factor_ * change;
    }
    log_.mixed.push_back(mixed);
    if (!is_first_) late_steps_ = 0.0;
  }

  ServerLog& log_;
  double factor_;
  std::unique_ptr<Protocol> server_;
  std::map<PeerId, int> working_;
  std::map<PeerId, int> waiting_;
  std::set<PeerId> seen_;
  double late_steps_ = 0.0;
  bool is_first_ = false;  ///< The update that came last was its client's first.
};

struct WatchedRun {
  ServerLog log;
  SimulationOutcome outcome;
};

WatchedRun watch(const FedcompassOptions& options, const SmallRun& run) {
  const EchoProblem problem;
  const Graph graph = make_chosen(StarOptions{}, kPeers, Rng(1));
  const MixingMatrix mixing = MixingMatrix::metropolis_hastings(graph);
  WatchedRun result;
  const auto make_peer = [&](PeerId peer, SimTime) -> std::unique_ptr<Protocol> {
    std::unique_ptr<Protocol> made =
        make_protocol(options, {.self = peer,
                                .neighbors = graph.neighbors(peer),
                                .weights = mixing.neighbor_weights(peer),
                                .self_weight = mixing.self_weight(peer)});
    if (peer != 0) return made;
    return std::make_unique<WatchedServer>(result.log, options.alpha / (kPeers - 1),
                                           std::move(made));
  };
  SmallWorld world(problem, kPeers, run);
  ModelLog log(options.rounds, kPeers);
  Simulation simulation(world.with(make_peer), {}, log);
  result.outcome = simulation.run();
  return result;
}

// Five clients whose steps take 6, 12, 15, 24 and 30 s; nothing else takes any time.
SmallRun figure() {
  return {.network = LinksOptions{.passage = {.latency = {}}},
          .compute = TraceComputeOptions{
              .file = std::string(HEARSAY_SOURCE_DIR) + "/tests/runtime/figure1_step_times.csv",
              .aggregation_time = {}}};
}

constexpr std::int64_t at(int minutes, int seconds) { return minutes * 60 + seconds; }

using Given = std::vector<ServerLog::Given>;
using Mixed = std::vector<ServerLog::Mixed>;

const Given kFirstTasks{{0, 1, 20}, {0, 2, 20}, {0, 3, 20}, {0, 4, 20}, {0, 5, 20}};

Given after_first_tasks(const Given& rest) {
  Given all = kFirstTasks;
  all.insert(all.end(), rest.begin(), rest.end());
  return all;
}

// First updates, each the only one of its model: staleness 0, 1, 2, 3, 4.
const Mixed kFirstUpdates{{at(2, 0), {{1, 0}}},
                          {at(4, 0), {{2, 1}}},
                          {at(5, 0), {{3, 2}}},
                          {at(8, 0), {{4, 3}}},
                          {at(10, 0), {{5, 4}}}};

Mixed after_first_updates(const Mixed& rest) {
  Mixed all = kFirstUpdates;
  all.insert(all.end(), rest.begin(), rest.end());
  return all;
}

TEST(FedcompassRun, IsFigure1ToTheSecondWithLambda1) {
  const WatchedRun run = watch({.rounds = 8, .lambda = 1.0}, figure());
  EXPECT_EQ(run.log.given, after_first_tasks({{at(2, 0), 1, 100},
                                              {at(4, 0), 2, 40},
                                              {at(5, 0), 3, 28},
                                              {at(8, 0), 4, 35},
                                              {at(10, 0), 5, 24},
                                              {at(12, 0), 1, 100},
                                              {at(12, 0), 2, 50},
                                              {at(12, 0), 3, 40},
                                              {at(22, 0), 1, 100},
                                              {at(22, 0), 2, 50},
                                              {at(22, 0), 3, 40},
                                              {at(22, 0), 4, 25},
                                              {at(22, 0), 5, 20}}));
  EXPECT_EQ(run.log.mixed,
            after_first_updates({{at(12, 0), {{1, 4}, {2, 3}, {3, 2}}},
                                 {at(22, 0), {{1, 0}, {2, 0}, {3, 0}, {4, 2}, {5, 1}}},
                                 {at(32, 0), {{1, 0}, {2, 0}, {3, 0}, {4, 0}, {5, 0}}}}));
  EXPECT_EQ(run.outcome.end.seconds(), at(32, 0));
}

TEST(FedcompassRun, IsTheVariantOfFigure1WithLambda12ToTheSecond) {
  const WatchedRun run = watch({.rounds = 9, .lambda = 1.2}, figure());
  EXPECT_EQ(run.log.given, after_first_tasks({{at(2, 0), 1, 100},
                                              {at(4, 0), 2, 40},
                                              {at(5, 0), 3, 28},
                                              {at(8, 0), 4, 40},
                                              {at(10, 0), 5, 28},
                                              {at(12, 0), 1, 100},
                                              {at(12, 0), 2, 60},
                                              {at(12, 0), 3, 48},
                                              {at(22, 0), 1, 20},
                                              {at(24, 0), 1, 100},
                                              {at(24, 0), 2, 50},
                                              {at(24, 0), 3, 40},
                                              {at(24, 0), 4, 25},
                                              {at(24, 0), 5, 20}}));
  EXPECT_EQ(run.log.mixed,
            after_first_updates({{at(12, 0), {{1, 4}, {2, 3}, {3, 2}}},
                                 {at(22, 0), {{1, 0}}},
                                 {at(24, 0), {{1, 0}, {2, 1}, {3, 1}, {4, 3}, {5, 2}}},
                                 {at(34, 0), {{1, 0}, {2, 0}, {3, 0}, {4, 0}, {5, 0}}}}));
}

TEST(FedcompassRun, AGroupGoesOnAtItsLatestTimeWithoutACrashedClient) {
  // Client 2 dies before 12:00. Its group, created at 2:00 for 10 minutes, may take 12.
  SmallRun run = figure();
  FaultTimelineBuilder builder(kPeers, Rng(1));
  builder.add_down(2, {SimTime::from_seconds(400), SimTime::max()}, Departure::kCrash);
  run.faults = builder.build();
  const WatchedRun result = watch({.rounds = 20, .lambda = 1.2}, run);
  EXPECT_EQ(result.log.mixed.at(5), (ServerLog::Mixed{at(14, 0), {{1, 4}, {3, 2}}}));
  EXPECT_EQ(result.outcome.status, SimulationOutcome::Status::kDone);
  EXPECT_EQ(result.outcome.lost_peers, 1);
  for (std::size_t k = 5; k < result.log.mixed.size(); ++k) {
    EXPECT_FALSE(result.log.mixed[k].staleness.contains(2));
  }
}

TEST(FedcompassRun, UsesEveryUpdateOnceEvenIfMostAreLate) {
  const FedcompassOptions options{.rounds = 300,
                                  .q_min = 5,
                                  .q_max = 25,
                                  .lambda = 1.0,
                                  .staleness = ConstantStalenessOptions{}};
  const WatchedRun run =
      watch(options, {.network = LinksOptions{.passage = {.latency = {1'000'000}}},
                      .compute = ExponentialComputeOptions{.jitter = 0.2, .aggregation_time = {}}});
  EXPECT_EQ(run.log.complaints, std::vector<std::string>{});
  EXPECT_GT(run.log.late, 50);
  EXPECT_GT(run.log.steps_out, 0.9 * run.log.steps_in);
  for (const ServerLog::Given& given : run.log.given) {
    EXPECT_GE(given.steps, 5);
    EXPECT_LE(given.steps, 25);
  }
}

}  // namespace
}  // namespace hearsay
