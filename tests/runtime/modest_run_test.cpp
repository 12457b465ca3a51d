// MoDeST in small whole simulations on quadratics, every peer watched for what it must not do.

#include "node/protocols/modest.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <set>
#include <vector>

#include "node/learning/quadratic_problem.hpp"
#include "node/protocols/membership_view.hpp"
#include "node/protocols/message_data.hpp"
#include "node/world/fault_timeline_builder.hpp"
#include "tests/runtime/simulation_fixture.hpp"
#include "topologies/topologies.hpp"

namespace hearsay {
namespace {

constexpr SimTime ms(std::int64_t value) { return {value * 1'000'000}; }

QuadraticInputs quadratic(int num_peers) {
  QuadraticInputs inputs;
  inputs.objective = {.dimension = 8, .condition = 10.0, .spread = 1.0};
  inputs.sgd = {.lr = 0.4};
  inputs.training.local_steps = 1;
  inputs.num_peers = num_peers;
  inputs.init_rng = Rng(7);
  inputs.training_rng = Rng(8);
  return inputs;
}

// What all peers of a run did.
struct Deeds {
  struct Ping {
    SimTime time;
    PeerId to = 0;
  };
  std::vector<Ping> pings;
  std::map<PeerId, int> trainings;
  std::map<int, std::set<std::uint64_t>> means;       // By round: the digests of those sent.
  std::map<PeerId, std::map<PeerId, SimTime>> heard;  // [of][by]: since when.
};

// Hands everything on, and checks what holds of each peer in whatever world.
class Watched final : public Protocol {
 public:
  Watched(std::unique_ptr<Protocol> peer, PeerId self, Deeds& deeds)
      : peer_(std::move(peer)), self_(self), deeds_(deeds) {}

  void on_start(ModelBuffer model, StartKind how, Effects& effects) override {
    peer_->on_start(std::move(model), how, effects);
    look(effects, how == StartKind::kTogether ? 1 : 0);
  }
  Reception on_message(Message message, Effects& effects) override {
    const int round = message.kind == MessageKind::kModel ? message.round : 0;
    note_who_is_heard_of(message, effects.now);
    const Reception reception = peer_->on_message(std::move(message), effects);
    look(effects, round);
    return reception;
  }
  void on_trained(ModelBuffer model, double loss, Effects& effects) override {
    peer_->on_trained(std::move(model), loss, effects);
    look(effects, 0);
  }
  void on_aggregated(ModelBuffer model, Effects& effects) override {
    peer_->on_aggregated(std::move(model), effects);
    look(effects, 0);
  }
  void on_timer(std::uint64_t id, Effects& effects) override {
    peer_->on_timer(id, effects);
    look(effects, 0);
  }
  void on_leave(Effects& effects) override { peer_->on_leave(effects); }
  std::vector<PeerId> waiting_for() const override { return peer_->waiting_for(); }
  void persist(Archive& archive) override { peer_->persist(archive); }

 private:
  // The views that travel with models, and advertisements.
  void note_who_is_heard_of(const Message& message, SimTime now) {
    if (message.kind == MessageKind::kMembership) {
      deeds_.heard[message.from].try_emplace(self_, now);
    }
    MembershipView view;
    if (message.model.empty() || !unpack(message.data, view)) return;
    for (const PeerId member : view.members()) deeds_.heard[member].try_emplace(self_, now);
  }

  // `received`: the round of the mean that has just come, if any did.
  void look(const Effects& effects, int received) {
    std::set<int> sent;
    for (const Message& message : effects.sends) {
      if (message.kind == MessageKind::kPing) {
        deeds_.pings.push_back({effects.now, message.to});
      }
      if (message.kind != MessageKind::kModel) continue;
      sent.insert(message.round);
      deeds_.means[message.round].insert(message.model.digest());
    }
    EXPECT_LE(sent.size(), 1U);
    const int own = sent.empty() ? 0 : *sent.begin();
    EXPECT_TRUE(own == 0 || sent_.insert(own).second) << self_ << " sent means of " << own;
    if (effects.completed) newest_ = effects.completed->round + 1;
    if (!effects.train) return;
    ++deeds_.trainings[self_];
    const int told = std::max(received, own);
    const int round = told > 0 ? told : newest_;  // Its own mean, for which it found nobody else.
    EXPECT_TRUE(trained_.insert(round).second) << self_ << " trained twice in " << round;
  }

  std::unique_ptr<Protocol> peer_;
  PeerId self_;
  Deeds& deeds_;
  int newest_ = 0;
  std::set<int> sent_;
  std::set<int> trained_;
};

struct WatchedRun {
  SmallOutcome small;
  Deeds deeds;
  std::vector<int> rounds;  // Of each peer, as last reported; over all its lives the newest.

  int newest() const { return *std::ranges::max_element(rounds); }
};

WatchedRun run_watched(int num_peers, const ModestOptions& options, const SmallRun& run) {
  const Graph graph = make_chosen(CompleteOptions{}, num_peers, Rng(1));
  const QuadraticProblem problem(quadratic(num_peers));
  WatchedRun result;
  const auto make_peer = [&](PeerId peer, SimTime now) -> std::unique_ptr<Protocol> {
    std::vector<PeerId> absent;
    for (const PeerId other : graph.neighbors(peer)) {
      if (!run.faults.is_up(other, now)) absent.push_back(other);
    }
    const Rng rng = Rng(6)
                        .split("peer", static_cast<std::uint64_t>(peer))
                        .split("start", static_cast<std::uint64_t>(now.nanoseconds));
    return std::make_unique<Watched>(
        make_protocol(
            options,
            {.self = peer, .neighbors = graph.neighbors(peer), .absent = absent, .rng = rng}),
        peer, result.deeds);
  };
  SmallWorld world(problem, num_peers, run);
  ModelLog log(4000, num_peers);
  Simulation simulation(world.with(make_peer), {.identity = {.run = 1, .scenario_digest = 2}}, log,
                        run.sampling);
  log.result.outcome = simulation.run();
  result.small = std::move(log.result);
  result.rounds.resize(static_cast<std::size_t>(num_peers));
  for (std::size_t round = 0; round < result.small.models.size(); ++round) {
    for (std::size_t peer = 0; peer < result.rounds.size(); ++peer) {
      if (!result.small.models[round][peer].empty()) {
        result.rounds[peer] = static_cast<int>(round) + 1;
      }
    }
  }
  return result;
}

SamplingPlan until(SimTime end) { return {.every = end, .until = end}; }

FaultTimeline down(int num_peers, const std::map<PeerId, TimeInterval>& when, Departure how) {
  FaultTimelineBuilder builder(num_peers, Rng(9));
  for (const auto& [peer, interval] : when) builder.add_down(peer, interval, how);
  return builder.build();
}

// All peers train in each round, so that the mean obeys m <- m - lr H (m - mean(b)): gradient
// descent on the average objective.
TEST(ModestRun, WithAllInTheSampleTheMeanFollowsCentralisedGradientDescent) {
  constexpr int kPeers = 8;
  const QuadraticProblem problem(quadratic(kPeers));
  const WatchedRun run = run_watched(kPeers, {.rounds = 30, .sample_size = kPeers}, {});
  EXPECT_EQ(run.small.outcome.status, SimulationOutcome::Status::kDone);
  const std::span<const float> start = problem.initial_model(0).values();
  std::vector<double> m(start.begin(), start.end());
  for (int round = 0; round < 30; ++round) {
    const std::vector<ModelBuffer>& models = run.small.models[static_cast<std::size_t>(round)];
    for (std::size_t k = 0; k < m.size(); ++k) {
      const double h = std::pow(10.0, static_cast<double>(k) / 7.0 - 1.0);
      m[k] -= 0.4 * h * (m[k] - problem.optimum()[k]);
      for (const ModelBuffer& model : models) ASSERT_NEAR(model.values()[k], m[k], 1e-5);
    }
  }
}

TEST(ModestRun, ASampleOfThePeersTrainsInEachRoundAndAllFinish) {
  const WatchedRun run = run_watched(20, {.rounds = 300, .sample_size = 5}, {});
  EXPECT_EQ(run.small.outcome.status, SimulationOutcome::Status::kDone);
  EXPECT_EQ(run.rounds, std::vector<int>(20, 300)) << "the final mean goes to all";
  int trainings = 0;
  for (const auto& [peer, count] : run.deeds.trainings) {
    trainings += count;
    // 75 expected, standard deviation 7.5.
    EXPECT_GT(count, 40) << peer;
    EXPECT_LT(count, 110) << peer;
  }
  EXPECT_EQ(trainings, 300 * 5);
  EXPECT_EQ(run.small.outcome.totals.messages_refused, 0);
}

TEST(ModestRun, SeveralAggregatorsSendTheSameBits) {
  const WatchedRun run = run_watched(20, {.rounds = 100, .sample_size = 5, .aggregators = 2}, {});
  EXPECT_EQ(run.small.outcome.status, SimulationOutcome::Status::kDone);
  EXPECT_EQ(run.deeds.means.size(), 100U);
  for (const auto& [round, digests] : run.deeds.means) EXPECT_EQ(digests.size(), 1U) << round;
}

TEST(ModestRun, GoesOnWhenFourFifthsOfThePeersCrash) {
  std::map<PeerId, TimeInterval> crashes;
  for (PeerId peer = 8; peer < 40; ++peer) {
    crashes[peer] = {ms(20'000 + 5'000 * (peer / 4)), SimTime::max()};
  }
  const ModestOptions options{.sample_size = 5,
                              .aggregators = 3,
                              .ping_timeout = ms(50),
                              .second_ping = ms(20),
                              .inactive_rounds = 20,
                              .aggregation_timeout = ms(500),
                              .rejoin = ms(1'000)};
  const WatchedRun run = run_watched(40, options,
                                     {.compute = FixedComputeOptions{.step_time = ms(100)},
                                      .faults = down(40, crashes, Departure::kCrash),
                                      .sampling = until(ms(120'000))});
  EXPECT_EQ(run.small.outcome.status, SimulationOutcome::Status::kDone);
  // A round takes about 100 ms and some trips of 1 ms; the last crash is at 65 s.
  EXPECT_GT(run.newest(), 800);
  for (PeerId peer = 0; peer < 8; ++peer) {
    EXPECT_GT(run.rounds[static_cast<std::size_t>(peer)], run.newest() - 100) << peer;
  }
  // At the end nobody asks the dead any more.
  for (const Deeds::Ping& ping : run.deeds.pings) {
    ASSERT_TRUE(ping.time < ms(100'000) || ping.to < 8) << ping.to;
  }
}

TEST(ModestRun, StallsAsPublishedWhenATrainerOfARoundCrashes) {
  // Peers 0 to 3 train in every round; 2 crashes while it trains.
  const WatchedRun run =
      run_watched(4, {.sample_size = 4, .ping_timeout = ms(50)},
                  {.compute = FixedComputeOptions{.step_time = ms(100)},
                   .faults = down(4, {{2, {ms(350), SimTime::max()}}}, Departure::kCrash),
                   .sampling = until(ms(60'000))});
  EXPECT_EQ(run.small.outcome.status, SimulationOutcome::Status::kStalled);
  std::set<PeerId> awaited;
  for (const WaitingPeer& waiting : run.small.outcome.waiting) {
    awaited.insert(waiting.waits_for.begin(), waiting.waits_for.end());
  }
  EXPECT_EQ(awaited, std::set<PeerId>{2});
  EXPECT_EQ(run.newest(), 3);
}

TEST(ModestRun, GoesOnAloneWhenAllOthersHaveCrashed) {
  const WatchedRun run = run_watched(
      3,
      {.sample_size = 3,
       .ping_timeout = ms(50),
       .inactive_rounds = 20,
       .aggregation_timeout = ms(100)},
      {.compute = FixedComputeOptions{.step_time = ms(10)},
       .faults = down(3, {{1, {ms(205), SimTime::max()}}, {2, {ms(205), SimTime::max()}}},
                      Departure::kCrash),
       .sampling = until(ms(60'000))});
  EXPECT_EQ(run.small.outcome.status, SimulationOutcome::Status::kDone);
  // Its sample is {itself}: a round is 10 ms of training and 100 ms of waiting for two more.
  EXPECT_GT(run.rounds[0], 500);
  EXPECT_GT(run.rounds[0], run.rounds[1] + 400);
  EXPECT_EQ(run.deeds.pings.back().time < ms(10'000), true) << "the others are forgotten";
}

TEST(ModestRun, PeersThatJoinLaterComeToTrain) {
  std::map<PeerId, TimeInterval> away;
  for (PeerId peer = 10; peer < 20; ++peer) {
    away[peer] = {FaultTimelineBuilder::kBeforeStart, ms(500 * (peer - 9))};
  }
  const WatchedRun run = run_watched(20, {.sample_size = 5},
                                     {.compute = FixedComputeOptions{.step_time = ms(20)},
                                      .faults = down(20, away, Departure::kLeave),
                                      .sampling = until(ms(20'000))});
  EXPECT_EQ(run.small.outcome.status, SimulationOutcome::Status::kDone);
  for (PeerId peer = 10; peer < 20; ++peer) {
    EXPECT_GT(run.deeds.trainings.at(peer), 50) << peer;
    EXPECT_GT(run.rounds[static_cast<std::size_t>(peer)], run.newest() - 60) << peer;
  }
}

// The join experiment: 90 peers, ten more join, one every 60 s, rounds of 8 s. Views travel with
// models, to the ten of a sample only, so that all know of a joiner when most have been in one.
TEST(ModestRun, NewsOfAJoinerReachesAllWithinAFewDozenRounds) {
  constexpr int kPeers = 100;
  const auto joins_at = [](PeerId peer) { return ms(300'000 + 60'000 * (peer - 90)); };
  std::map<PeerId, TimeInterval> away;
  for (PeerId peer = 90; peer < kPeers; ++peer) {
    away[peer] = {FaultTimelineBuilder::kBeforeStart, joins_at(peer)};
  }
  const WatchedRun run = run_watched(kPeers, {.sample_size = 10, .success_fraction = Fraction{0.9}},
                                     {.compute = FixedComputeOptions{.step_time = ms(8'000)},
                                      .faults = down(kPeers, away, Departure::kLeave),
                                      .sampling = until(ms(2'000'000))});
  for (PeerId joiner = 90; joiner < kPeers; ++joiner) {
    std::vector<double> delays;
    for (const auto& [peer, since] : run.deeds.heard.at(joiner)) {
      if (peer < 90) delays.push_back((since - joins_at(joiner)).seconds());
    }
    std::ranges::sort(delays);
    ASSERT_EQ(delays.size(), 90U) << joiner;
    std::printf(
        "peer %d: half know of it after %.0f s, nine tenths after %.0f s, all after %.0f s\n",
        joiner, delays[44], delays[80], delays[89]);
    EXPECT_LT(delays[44], 20 * 8) << joiner;
    EXPECT_LT(delays[80], 50 * 8) << joiner;
  }
}

TEST(ModestRun, PeersThatLeaveAreSoonNotAskedAnyMoreAndComeBackAsMembers) {
  const ModestOptions options{
      .sample_size = 5, .ping_timeout = ms(50), .aggregation_timeout = ms(100)};
  const WatchedRun run = run_watched(
      20, options,
      {.compute = FixedComputeOptions{.step_time = ms(20)},
       .faults = down(20, {{3, {ms(5'000), ms(15'000)}}, {4, {ms(5'000), SimTime::max()}}},
                      Departure::kLeave),
       .sampling = until(ms(30'000))});
  EXPECT_EQ(run.small.outcome.status, SimulationOutcome::Status::kDone);
  int pings_of_returned = 0;
  for (const Deeds::Ping& ping : run.deeds.pings) {
    if (ping.time < ms(7'000)) continue;
    ASSERT_NE(ping.to, 4) << ping.time.seconds();
    ASSERT_TRUE(ping.to != 3 || ping.time > ms(15'000)) << ping.time.seconds();
    if (ping.time > ms(17'000) && ping.to == 3) ++pings_of_returned;
  }
  EXPECT_GT(pings_of_returned, 50);
}

SmallRun troubled_run() {
  FaultTimelineBuilder builder(20, Rng(9));
  Rng rng(10);
  for (PeerId peer = 2; peer < 20; peer += 2) {
    const auto begin = static_cast<std::int64_t>(rng.below(8'000));
    const auto length = 500 + static_cast<std::int64_t>(rng.below(4'000));
    builder.add_down(peer, {ms(begin), ms(begin + length)},
                     peer % 3 == 0   ? Departure::kCrash
                     : peer % 3 == 1 ? Departure::kCrashWithStateLoss
                                     : Departure::kLeave);
  }
  builder.add_corruption(5, {ms(0), SimTime::max()}, 0.2);
  return {.rounds = 0,
          .network = LinksOptions{.passage = {.latency = ms(5),
                                              .loss = {0.1},
                                              .duplicate = {0.05},
                                              .reorder = {0.1},
                                              .reorder_delay = ms(20)}},
          .compute = LognormalComputeOptions{.step_time = ms(20), .sigma = 0.5},
          .protocol = ModestOptions{.sample_size = 6,
                                    .aggregators = 3,
                                    .success_fraction = {0.8},
                                    .ping_timeout = ms(60),
                                    .second_ping = ms(25),
                                    .inactive_rounds = 30,
                                    .aggregation_timeout = ms(200),
                                    .rejoin = ms(1'000)},
          .faults = builder.build(),
          .sampling = until(ms(20'000))};
}

TEST(ModestRun, GoesOnUnderLossAndChurn) {
  const SmallRun run = troubled_run();
  const WatchedRun watched = run_watched(20, std::get<ModestOptions>(run.protocol), run);
  EXPECT_EQ(watched.small.outcome.status, SimulationOutcome::Status::kDone);
  EXPECT_GT(watched.newest(), 80);
  EXPECT_GT(watched.small.outcome.totals.messages_lost, 100);
  const QuadraticProblem problem(quadratic(20));
  const std::vector<PeerSample>& last = watched.small.samples.back().peers;
  for (const PeerSample& peer : last) {
    if (peer.round < watched.newest() - 5) continue;
    EXPECT_LT(problem.gap(peer.model.values()), problem.gap(problem.initial_model(0).values()) / 4);
  }
}

TEST(ModestRun, ResumingEqualsTheStraightRun) {
  const Graph graph = make_chosen(CompleteOptions{}, 20, Rng(1));
  const MixingMatrix mixing = MixingMatrix::metropolis_hastings(graph);
  const QuadraticProblem problem(quadratic(20));
  const SmallRun whole = troubled_run();
  const SmallOutcome straight = run_small(problem, mixing, whole);
  for (std::int64_t at = 7; at < 20'000; at += 1'733) {
    SmallRun first = whole;
    first.save_at = ms(at);
    const SmallOutcome part = run_small(problem, mixing, first);
    ASSERT_EQ(part.outcome.status, SimulationOutcome::Status::kInterrupted) << at;
    SmallRun second = whole;
    second.resume_from = &part.saved;
    const SmallOutcome resumed = run_small(problem, mixing, second);
    EXPECT_EQ(resumed.outcome.event_digest, straight.outcome.event_digest) << at;
    EXPECT_EQ(resumed.outcome.model_digest, straight.outcome.model_digest) << at;
    EXPECT_EQ(resumed.outcome.events, straight.outcome.events) << at;
  }
}

}  // namespace
}  // namespace hearsay
