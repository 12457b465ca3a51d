// Whole runs of the protocols with a server, and of training without any exchange.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "node/learning/quadratic_problem.hpp"
#include "node/world/fault_timeline_builder.hpp"
#include "tests/runtime/simulation_fixture.hpp"
#include "tests/support/echo_problem.hpp"
#include "topologies/topologies.hpp"

namespace hearsay {
namespace {

using Status = SimulationOutcome::Status;

constexpr int kPeers = 9;

SimTime ms(std::int64_t value) { return {value * 1'000'000}; }

SmallOutcome run_star(const LearningProblem& problem, const SmallRun& run) {
  const Graph graph = make_chosen(StarOptions{}, kPeers, Rng(1));
  return run_small(problem, MixingMatrix::metropolis_hastings(graph), run);
}

// Where every peer ends up alone: its own optimum. 2,000 steps shrink the distance along the
// flattest direction by 0.96^2000.
std::vector<ModelBuffer> local_optima(const QuadraticProblem& problem, int num_peers) {
  const Graph graph = make_chosen(CompleteOptions{}, num_peers, Rng(1));
  return run_small(problem, MixingMatrix::metropolis_hastings(graph),
                   {.rounds = 2000, .protocol = LocalOptions{}})
      .models.back();
}

QuadraticInputs quadratic(int num_peers) {
  QuadraticInputs inputs;
  inputs.objective = {.dimension = 4, .condition = 10.0, .spread = 1.0};
  inputs.init = Init::kIndependent;
  inputs.sgd = {.lr = 0.4};
  inputs.training.local_steps = 1;
  inputs.num_peers = num_peers;
  inputs.init_rng = Rng(7);
  inputs.training_rng = Rng(8);
  return inputs;
}

TEST(LocalRun, LeadsEveryPeerToItsOwnOptimum) {
  const QuadraticProblem problem(quadratic(kPeers));
  const std::vector<ModelBuffer> optima = local_optima(problem, kPeers);
  double apart = 0.0;
  for (std::size_t k = 0; k < 4; ++k) {
    double mean = 0.0;
    for (const ModelBuffer& model : optima) mean += double{model.values()[k]} / kPeers;
    EXPECT_NEAR(mean, problem.optimum()[k], 1e-5);  // One Hessian for all.
    apart += std::abs(optima[0].values()[k] - mean);
  }
  EXPECT_GT(apart, 0.1) << "which is not that of all";
}

TEST(LocalRun, OfOnePeerIsCentralisedTraining) {
  const QuadraticProblem problem(quadratic(1));
  EXPECT_LT(problem.gap(local_optima(problem, 1)[0].values()), 1e-9);
}

TEST(LocalRun, SendsNothingAndTakesOnlyTraining) {
  const EchoProblem problem;
  const SmallOutcome result = run_star(problem, {.rounds = 5, .protocol = LocalOptions{}});
  EXPECT_EQ(result.outcome.status, Status::kDone);
  EXPECT_EQ(result.outcome.totals.messages_sent, 0);
  EXPECT_EQ(result.outcome.end, ms(5 * 2 * 2)) << "two steps of 2 ms a round";
  EXPECT_EQ(result.models[4][3].values()[0], 3 + 5 * 2);
}

TEST(FedavgRun, KeepsAllPeersAtOneModelInEveryRound) {
  const EchoProblem problem;
  const SmallOutcome result = run_star(problem, {.rounds = 6, .protocol = FedavgOptions{}});
  EXPECT_EQ(result.outcome.status, Status::kDone);
  for (int round = 0; round < 6; ++round) {
    for (const ModelBuffer& model : result.models[static_cast<std::size_t>(round)]) {
      EXPECT_EQ(model.values()[0], 2.0F * static_cast<float>(round + 1));
    }
  }
  // 8 clients: a task and an answer in each round, and the final model.
  EXPECT_EQ(result.outcome.totals.messages_sent, 8 * (2 * 6 + 1));
}

TEST(FedavgRun, DescendsToTheOptimumOfTheClientsMeanObjective) {
  const QuadraticProblem problem(quadratic(kPeers));
  const std::vector<ModelBuffer> optima = local_optima(problem, kPeers);
  const SmallOutcome result = run_star(problem, {.rounds = 400, .protocol = FedavgOptions{}});
  for (std::size_t k = 0; k < 4; ++k) {
    double mean = 0.0;
    for (PeerId client = 1; client < kPeers; ++client) {
      mean += double{optima[static_cast<std::size_t>(client)].values()[k]} / (kPeers - 1);
    }
    EXPECT_NEAR(result.models.back()[5].values()[k], mean, 1e-5);
  }
}

TEST(FedavgRun, DrawnClientsReportTheirRoundsAndAllTheLast) {
  const EchoProblem problem;
  const SmallOutcome result =
      run_star(problem, {.rounds = 6, .protocol = FedavgOptions{.clients = {3}}});
  EXPECT_EQ(result.outcome.status, Status::kDone);
  EXPECT_EQ(result.outcome.totals.messages_sent, 6 * 2 * 3 + 8);
  for (std::size_t round = 0; round < 6; ++round) {
    int reports = 0;
    for (const ModelBuffer& model : result.models[round]) reports += model.empty() ? 0 : 1;
    EXPECT_EQ(reports, round < 5 ? 3 + 1 : kPeers) << "the server's is one";
  }
}

TEST(FedavgRun, DecavgWeighsBySamplesAsThePaperDoes) {
  // Every peer of this problem counts as owning one sample, the server too: with 8 clients
  // its old model gets a ninth, and a round adds 8/9 * 2.
  const EchoProblem problem;
  const SmallOutcome result = run_star(
      problem, {.rounds = 1, .aggregator = {.rule = DecavgOptions{}}, .protocol = FedavgOptions{}});
  EXPECT_FLOAT_EQ(result.models[0][2].values()[0], 2.0F * 8 / 9);
}

TEST(FedbuffRun, EveryModelAddsTheMeanChangeOfABuffer) {
  const EchoProblem problem;
  const FedbuffOptions options{
      .buffer = 5, .server_lr = 0.75, .staleness = ConstantStalenessOptions{}};
  const SmallOutcome result = run_star(
      problem,
      {.rounds = 20, .compute = LognormalComputeOptions{.sigma = 1.0}, .protocol = options});
  EXPECT_EQ(result.outcome.status, Status::kDone);
  for (const ModelBuffer& model : result.models.back()) {
    EXPECT_NEAR(model.values()[0], 20 * 0.75 * 2, 1e-4);
  }
}

TEST(FedasyncRun, ApproachesTheOptimumOfTheClientsMeanObjective) {
  // Alike clients at alike speeds: each is heard equally often. A small alpha averages over
  // them.
  const QuadraticProblem problem(quadratic(kPeers));
  const std::vector<ModelBuffer> optima = local_optima(problem, kPeers);
  const SmallOutcome result =
      run_star(problem, {.rounds = 20'000, .protocol = FedasyncOptions{.alpha = 0.02}});
  for (std::size_t k = 0; k < 4; ++k) {
    double mean = 0.0;
    for (PeerId client = 1; client < kPeers; ++client) {
      mean += double{optima[static_cast<std::size_t>(client)].values()[k]} / (kPeers - 1);
    }
    EXPECT_NEAR(result.models.back()[0].values()[k], mean, 0.05);
  }
}

TEST(AsyncRun, GoesOnUntilTheEndIfItsRoundsAreNotCounted) {
  const EchoProblem problem;
  const SmallOutcome result =
      run_star(problem, {.rounds = 0,
                         .protocol = FedasyncOptions{},
                         .sampling = {.every = ms(100), .until = ms(1000)}});
  EXPECT_EQ(result.outcome.status, Status::kDone);
  ASSERT_EQ(result.samples.size(), 10U);
  int last = 0;
  for (const SmallSample& sample : result.samples) {
    EXPECT_GT(sample.peers[0].round, last);
    last = sample.peers[0].round;
  }
}

// Every protocol of the family, with a policy that need not wait.
struct NamedProtocol {
  std::string name;
  ProtocolOptions options;
};

const std::vector<NamedProtocol> kPatientProtocols{
    {"Local", LocalOptions{}},
    {"Fedavg", FedavgOptions{.missing = MissingClients::kDrop, .timeout = ms(60), .least = 2}},
    {"FedavgDrawn",
     FedavgOptions{.clients = {4}, .missing = MissingClients::kDrop, .timeout = ms(60)}},
    {"Fedasync", FedasyncOptions{.timeout = ms(60)}},
    {"Fedbuff", FedbuffOptions{.buffer = 4, .timeout = ms(60)}},
    {"Fedcompass", FedcompassOptions{.q_min = 2, .q_max = 10, .timeout = ms(100)}}};

class ServerFamily : public testing::TestWithParam<NamedProtocol> {
 protected:
  // Crashes, with and without state, leaves, one peer gone for good, one server crash, one
  // late member; one message in ten is lost, some come twice or late.
  SmallRun troubled() const {
    FaultTimelineBuilder builder(kPeers, Rng(9));
    builder.add_down(0, {ms(250), ms(310)}, Departure::kCrash);
    builder.add_down(1, {ms(40), ms(130)}, Departure::kCrash);
    builder.add_down(2, {ms(60), ms(200)}, Departure::kCrashWithStateLoss);
    builder.add_down(3, {ms(50), ms(170)}, Departure::kLeave);
    builder.add_down(4, {ms(90), SimTime::max()}, Departure::kCrash);
    builder.add_down(5, {FaultTimelineBuilder::kBeforeStart, ms(110)}, Departure::kLeave);
    builder.add_freeze(6, {ms(30), ms(120)});
    builder.add_corruption(7, {ms(0), SimTime::max()}, 0.1);
    return {.rounds = 40,
            .network = LinksOptions{.passage = {.latency = {1'000'000},
                                                .loss = {0.1},
                                                .duplicate = {0.1},
                                                .reorder = {0.1},
                                                .reorder_delay = ms(7)}},
            .compute = LognormalComputeOptions{.sigma = 1.0},
            .protocol = GetParam().options,
            .faults = builder.build()};
  }
};

TEST_P(ServerFamily, FinishesUnderLossAndChurnWithOneModelForAll) {
  const EchoProblem problem;
  const SmallOutcome result = run_star(problem, troubled());
  EXPECT_EQ(result.outcome.status, Status::kDone);
  EXPECT_EQ(result.outcome.lost_peers, 1);
  const ModelBuffer& final_model = result.models.back()[0];
  ASSERT_FALSE(final_model.empty());
  for (PeerId peer = 1; peer < kPeers; ++peer) {
    const ModelBuffer& model = result.models.back()[static_cast<std::size_t>(peer)];
    if (peer == 4) {
      EXPECT_TRUE(model.empty());
    } else if (std::holds_alternative<LocalOptions>(GetParam().options)) {
      EXPECT_EQ(model.values()[0], static_cast<float>(peer + 2 * 40));
    } else {
      EXPECT_EQ(model.values()[0], final_model.values()[0]);
    }
  }
}

void expect_equal(const SmallOutcome& other, const SmallOutcome& straight) {
  EXPECT_EQ(other.outcome.status, straight.outcome.status);
  EXPECT_EQ(other.outcome.event_digest, straight.outcome.event_digest);
  EXPECT_EQ(other.outcome.model_digest, straight.outcome.model_digest);
  EXPECT_EQ(other.outcome.events, straight.outcome.events);
  EXPECT_EQ(other.outcome.totals.messages_late, straight.outcome.totals.messages_late);
  EXPECT_EQ(other.outcome.totals.wasted_steps, straight.outcome.totals.wasted_steps);
}

TEST_P(ServerFamily, ResumesAtAnyMomentAsIfNothingHadHappened) {
  const EchoProblem problem;
  const SmallRun whole = troubled();
  const SmallOutcome straight = run_star(problem, whole);
  for (std::int64_t at = 3; ms(at) < straight.outcome.end; at += 41) {
    SmallRun first = whole;
    first.save_at = ms(at);
    first.workers = 2;
    const SmallOutcome part = run_star(problem, first);
    SmallRun second = whole;
    second.resume_from = &part.saved;
    SCOPED_TRACE("saved at " + std::to_string(at) + " ms");
    expect_equal(run_star(problem, second), straight);
  }
}

TEST_P(ServerFamily, DoesTheSameWithSeveralLoops) {
  const EchoProblem problem(true);
  SmallRun run = troubled();
  const SmallOutcome straight = run_star(problem, run);
  for (const int loops : {2, 3}) {
    run.loops = loops;
    expect_equal(run_star(problem, run), straight);
  }
}

// With the policy to wait and no loss on the way, it is enough that all come back; messages
// overtake each other meanwhile.
TEST_P(ServerFamily, SurvivesChurnWithoutLossEvenIfItWaits) {
  const EchoProblem problem;
  ProtocolOptions options = GetParam().options;
  if (auto* const fedavg = std::get_if<FedavgOptions>(&options)) {
    fedavg->missing = MissingClients::kWait;
  } else if (auto* const fedasync = std::get_if<FedasyncOptions>(&options)) {
    fedasync->timeout = {};
  } else if (auto* const fedbuff = std::get_if<FedbuffOptions>(&options)) {
    fedbuff->timeout = {};
  } else if (auto* const compass = std::get_if<FedcompassOptions>(&options)) {
    compass->timeout = {};
  }
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    Rng rng(seed);
    FaultTimelineBuilder builder(kPeers, rng);
    for (PeerId peer = 0; peer < kPeers; ++peer) {
      const SimTime down = ms(1 + static_cast<std::int64_t>(rng.below(150)));
      const SimTime up = down + ms(1 + static_cast<std::int64_t>(rng.below(50)));
      builder.add_down(peer, {down, up}, static_cast<Departure>(rng.below(3)));
    }
    const SmallOutcome result =
        run_star(problem, {.rounds = 60,
                           .network = LinksOptions{.passage = {.latency = {1'000'000},
                                                               .jitter = {3'000'000},
                                                               .duplicate = {0.1},
                                                               .reorder = {0.2},
                                                               .reorder_delay = ms(30)}},
                           .protocol = options,
                           .faults = builder.build()});
    EXPECT_EQ(result.outcome.status, Status::kDone) << seed;
  }
}

INSTANTIATE_TEST_SUITE_P(Protocols, ServerFamily, testing::ValuesIn(kPatientProtocols),
                         [](const auto& tested) { return tested.param.name; });

TEST(ServerCrash, StallsTheClientsWhoSayWhomTheyWaitFor) {
  FaultTimelineBuilder builder(kPeers, Rng(9));
  builder.add_down(0, {ms(20), SimTime::max()}, Departure::kCrash);
  const EchoProblem problem;
  for (const ProtocolOptions& options :
       {ProtocolOptions(FedavgOptions{.missing = MissingClients::kDrop, .timeout = ms(9)}),
        ProtocolOptions(FedcompassOptions{.timeout = ms(9)})}) {
    const SmallOutcome result =
        run_star(problem, {.rounds = 60, .protocol = options, .faults = builder.build()});
    EXPECT_EQ(result.outcome.status, Status::kStalled);
    ASSERT_EQ(result.outcome.waiting.size(), 8U);
    for (const WaitingPeer& waiting : result.outcome.waiting) {
      EXPECT_EQ(waiting.waits_for, std::vector<PeerId>{0});
    }
  }
}

}  // namespace
}  // namespace hearsay
