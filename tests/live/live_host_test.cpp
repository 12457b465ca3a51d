#include "node/live/live_host.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <map>

#include "node/learning/quadratic_problem.hpp"
#include "tests/live/live_fixture.hpp"
#include "tests/support/echo_problem.hpp"
#include "topologies/topologies.hpp"

namespace hearsay {
namespace {

constexpr int kPeers = 6;

QuadraticProblem quadratic() {
  QuadraticInputs inputs;
  inputs.objective = {.dimension = 8, .condition = 10.0, .spread = 1.0};
  inputs.init = Init::kIndependent;
  inputs.sgd = {.lr = 0.1};
  inputs.training.local_steps = 1;
  inputs.num_peers = kPeers;
  inputs.init_rng = Rng(7);
  inputs.training_rng = Rng(8);
  return QuadraticProblem(inputs);
}

/// Peers 0-2 live in process 1, peers 3-5 in process 2; process 0 keeps the record.
const std::vector<int> kProcessOfPeer{1, 1, 1, 2, 2, 2};

LivePlan plan() {
  return {.process_of_peer = kProcessOfPeer,
          .recorder = 0,
          .wants_model = [](int round) { return round % 5 == 0; },
          .sampling = {},
          .rendezvous = {20'000'000'000},
          .stall = {20'000'000'000},
          .save = {}};
}

/// The ends of all peers, once both hosts have told them.
std::map<PeerId, PeerEnd> ends_of(const Recorder& recorder) {
  std::map<PeerId, PeerEnd> ends;
  for (const EndNews& news : recorder.all<EndNews>()) {
    for (const PeerEnd& end : news.peers) ends.emplace(end.peer, end);
  }
  return ends;
}

class LiveHostTest : public testing::Test {
 protected:
  LiveHostTest() : recorder(company.options(0, "")) {}

  /// Runs both hosts to their end.
  void run(
      const LearningProblem& problem, const MixingMatrix& mixing, const SmallRun& small,
      const std::function<void(LivePlan&)>& change = [](LivePlan&) {}) {
    const std::string seed = recorder.endpoint.address();
    LivePlan changed = plan();
    change(changed);
    HostThread first(problem, mixing, small, company.options(1, seed), changed);
    HostThread second(problem, mixing, small, company.options(2, seed), changed);
    first.start();
    second.start();
    EXPECT_TRUE(recorder.until([&] { return recorder.all<EndNews>().size() == 2; }));
    recorder.endpoint.set_done();
    EXPECT_EQ(first.join(), LiveEnd::kDone);
    EXPECT_EQ(second.join(), LiveEnd::kDone);
    overruns_ = first.host.overruns();
    EXPECT_EQ(first.host.refused().total() + second.host.refused().total(), 0);
  }

  /// Live and simulated runs agree in all but time.
  void expect_as_simulated(const LearningProblem& problem, const SmallRun& small) {
    const SmallOutcome simulated = run_small(problem, ring_weights, small);
    run(problem, ring_weights, small);
    const std::map<PeerId, PeerEnd> ends = ends_of(recorder);
    ASSERT_EQ(ends.size(), static_cast<std::size_t>(kPeers));
    PeerCounters totals;
    for (const auto& [peer, end] : ends) {
      const ModelBuffer& model = simulated.models.back()[static_cast<std::size_t>(peer)];
      EXPECT_EQ(end.model, model.digest()) << "peer " << peer;
      EXPECT_TRUE(end.has_finished);
      totals += end.counters;
    }
    EXPECT_EQ(totals.bytes_sent, simulated.outcome.totals.bytes_sent);
    EXPECT_EQ(totals.bytes_received, simulated.outcome.totals.bytes_received);
    EXPECT_EQ(totals.messages_sent, simulated.outcome.totals.messages_sent);
    EXPECT_EQ(totals.steps, simulated.outcome.totals.steps);
    EXPECT_EQ(totals.models_heard, simulated.outcome.totals.models_heard);
    expect_reported(simulated, small.rounds);
  }

  /// Every round of every peer was reported once, with the model where it is wanted.
  void expect_reported(const SmallOutcome& simulated, int rounds) {
    std::map<std::pair<PeerId, int>, int> reported;
    for (const RoundNews& news : recorder.all<RoundNews>()) {
      const RoundNotice& notice = news.notice;
      ++reported[{notice.peer, notice.round}];
      ASSERT_EQ(notice.model.empty(), notice.round % 5 != 0);
      if (notice.model.empty()) continue;
      const auto& models = simulated.models[static_cast<std::size_t>(notice.round - 1)];
      EXPECT_EQ(notice.model.digest(), models[static_cast<std::size_t>(notice.peer)].digest());
    }
    EXPECT_EQ(reported.size(), static_cast<std::size_t>(kPeers * rounds));
  }

  const Graph ring = make_chosen(TopologyOptions{RingOptions{}}, kPeers, Rng(5));
  const MixingMatrix ring_weights = MixingMatrix::metropolis_hastings(ring);
  LiveCompany company{3};
  Recorder recorder;
  Overruns overruns_;  ///< Of process 1.
};

TEST_F(LiveHostTest, GivesTheModelsOfTheSimulation) {
  const QuadraticProblem problem = quadratic();
  expect_as_simulated(problem, {.rounds = 20, .workers = 2});
}

TEST_F(LiveHostTest, GivesThemWithJobsOnOtherThreads) {
  const EchoProblem problem;
  expect_as_simulated(problem, {.rounds = 20, .workers = 3});
}

// Four rounds of two steps of 30 ms and an aggregation of 20 ms: no peer can be faster. The pads
// count as work.
TEST_F(LiveHostTest, LetsWorkTakeWhatTheComputeModelSays) {
  const EchoProblem problem;
  const SmallRun slow{
      .rounds = 4,
      .workers = 2,
      .compute = FixedComputeOptions{.step_time = {30'000'000}, .aggregation_time = {20'000'000}}};
  run(problem, ring_weights, slow, [](LivePlan& plan) { plan.emulate_compute = true; });
  for (const RoundNews& news : recorder.all<RoundNews>()) {
    EXPECT_GE(news.notice.time, SimTime{80'000'000} * news.notice.round);
  }
  for (const auto& [peer, end] : ends_of(recorder)) {
    EXPECT_GE(end.counters.busy, SimTime{320'000'000}) << "peer " << peer;
  }
}

// Work that takes no time by the model is late whenever it is done.
TEST_F(LiveHostTest, CountsWorkThatTakesLongerThanTheComputeModelSays) {
  const EchoProblem problem;
  const SmallRun quick{.rounds = 5, .workers = 2, .compute = FixedComputeOptions{.step_time = {1}}};
  run(problem, ring_weights, quick, [](LivePlan& plan) { plan.emulate_compute = true; });
  EXPECT_GE(overruns_.count, 3 * 5) << "the trainings of process 1";
  EXPECT_GT(overruns_.longest, SimTime{});
}

TEST_F(LiveHostTest, SaysWhomItWaitsForWhenNothingHappens) {
  const QuadraticProblem problem = quadratic();
  LivePlan impatient = plan();
  impatient.rendezvous = {100'000'000};
  impatient.stall = {300'000'000};
  HostThread alone(problem, ring_weights, {.rounds = 5, .workers = 2},
                   company.options(1, recorder.endpoint.address()), impatient);
  alone.start();
  ASSERT_TRUE(recorder.until([&] { return recorder.all<EndNews>().size() == 1; }));
  recorder.endpoint.set_done();
  ASSERT_TRUE(recorder.until([&] { return recorder.endpoint.is_done(1); }));
  // The ring is 0-1-2-3-4-5-0: peers 3 and 5 are not there. Peer 1 does the first round, as
  // 0 and 2 are there, then waits for them.
  const std::map<PeerId, PeerEnd> ends = ends_of(recorder);
  ASSERT_EQ(ends.size(), 3U);
  EXPECT_EQ(ends.at(0).waits_for, std::vector<PeerId>{5});
  EXPECT_EQ(ends.at(1).waits_for, (std::vector<PeerId>{0, 2}));
  EXPECT_EQ(ends.at(2).waits_for, std::vector<PeerId>{3});
  EXPECT_EQ(alone.join(), LiveEnd::kStalled);
}

TEST_F(LiveHostTest, StopsWhenAskedTo) {
  const QuadraticProblem problem = quadratic();
  LivePlan lonely = plan();
  lonely.rendezvous = {100'000'000};
  HostThread alone(problem, ring_weights, {.rounds = 5, .workers = 2},
                   company.options(1, recorder.endpoint.address()), lonely);
  alone.start();
  ASSERT_TRUE(recorder.until([&] { return !recorder.all<RoundNews>().empty(); }));
  alone.stop();
  recorder.endpoint.set_done();
  ASSERT_TRUE(recorder.until([&] { return recorder.all<EndNews>().size() == 1; }));
  EXPECT_EQ(alone.join(), LiveEnd::kStopped);
}

/// A payload that is put on the wire as peer 5's, whose process is hostile.
struct Attack {
  Refusal expected;
  WireMessage message;
};

WireMessage model_from(PeerId from, PeerId to, std::span<const float> values) {
  return {.envelope = {.from = from,
                       .to = to,
                       .round = 0,
                       .sequence = 0,
                       .kind = static_cast<std::uint32_t>(MessageKind::kModel)},
          .payload = Buffer::copy_of(std::as_bytes(values))};
}

// Peer 5 is nobody's neighbor and lives in a process that breaks all rules. The other five
// get, to the bit, what they get without it.
TEST_F(LiveHostTest, RefusesWhatIsNoModelOfTheRunAndGoesOnUnharmed) {
  const QuadraticProblem problem = quadratic();
  const std::vector<Edge> edges{{0, 1}, {1, 2}, {2, 3}, {3, 4}, {0, 4}};
  const Graph graph(kPeers, edges);
  const MixingMatrix mixing = MixingMatrix::metropolis_hastings(graph);
  const SmallRun small{.rounds = 30, .workers = 2};
  const SmallOutcome simulated = run_small(problem, mixing, small);

  LivePlan honest = plan();
  honest.process_of_peer = {1, 1, 1, 1, 1, 2};
  HostThread host(problem, mixing, small, company.options(1, recorder.endpoint.address()), honest);

  Recorder hostile(company.options(2, recorder.endpoint.address()));
  const std::vector<float> finite(8, 1.0F);
  std::vector<float> broken = finite;
  broken[3] = std::numeric_limits<float>::quiet_NaN();
  const std::vector<Attack> attacks{
      {Refusal::kWrongShape, model_from(5, 0, std::span(finite).first(7))},
      {Refusal::kNonFinite, model_from(5, 0, broken)},
      {Refusal::kProtocol, model_from(5, 0, finite)},
      {Refusal::kForeignSender, model_from(1, 0, finite)},
      {Refusal::kWrongReceiver, model_from(5, 5, finite)}};
  std::uint64_t sequence = 0;
  for (const Attack& attack : attacks) {
    WireMessage message = attack.message;
    message.envelope.sequence = ++sequence;
    hostile.endpoint.send(1, ParcelKind::kMessages, BatchCodec(kLiveRun).encode({&message, 1}));
  }
  hostile.endpoint.send(1, ParcelKind::kReport, encode_report(StartNews{}));
  host.start();
  ASSERT_TRUE(recorder.until([&] {
    hostile.endpoint.poll(SimTime{1'000'000});
    return recorder.all<EndNews>().size() == 1 &&
           recorder.all<RefusedNews>().size() == attacks.size() + 1;
  }));
  recorder.endpoint.set_done();
  hostile.endpoint.set_done();
  ASSERT_TRUE(recorder.until([&] {
    hostile.endpoint.poll(SimTime{1'000'000});
    return recorder.endpoint.is_done(1);
  }));
  EXPECT_EQ(host.join(), LiveEnd::kDone);
  for (const Attack& attack : attacks) {
    const std::int64_t expected = attack.expected == Refusal::kProtocol ? 2 : 1;  // The report.
    EXPECT_EQ(host.host.refused().of(attack.expected), expected) << name_of(attack.expected);
  }
  const std::map<PeerId, PeerEnd> ends = ends_of(recorder);
  for (PeerId peer = 0; peer < 5; ++peer) {
    const ModelBuffer& model = simulated.models.back()[static_cast<std::size_t>(peer)];
    EXPECT_EQ(ends.at(peer).model, model.digest()) << "peer " << peer;
  }
}

}  // namespace
}  // namespace hearsay
