// What rules get in a simulation: state, an oracle, time. Training adds 2 to a model, peer p
// starts from p, and the loss of a model is its parameter.
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "node/base/error.hpp"
#include "node/world/fault_timeline_builder.hpp"
#include "tests/runtime/simulation_fixture.hpp"
#include "tests/support/echo_problem.hpp"
#include "topologies/topologies.hpp"

namespace hearsay {
namespace {

SimTime us(std::int64_t value) { return {value * 1'000}; }

/// Adds to the own model how many models the peer has received so far, over all rounds.
class Counting final : public Aggregator {
 public:
  struct State final : AggregatorState {
    std::int64_t received = 0;
    void persist(Archive& archive) override { archive(received); }
  };

  void aggregate(const AggregationInput& input, const AggregationContext& context,
                 std::span<float> result) const override {
    auto& state = static_cast<State&>(*context.state);
    state.received += std::ssize(input.received);
    result[0] = input.own[0] + static_cast<float>(state.received);
  }
  std::unique_ptr<AggregatorState> make_state() const override { return std::make_unique<State>(); }
};

/// Takes the model with the least loss on held-out samples.
class Best final : public Aggregator {
 public:
  void aggregate(const AggregationInput& input, const AggregationContext& context,
                 std::span<float> result) const override {
    double least = context.oracle->loss(input.own);
    result[0] = input.own[0];
    for (const ReceivedModel& model : input.received) {
      const double loss = context.oracle->loss(model.values);
      if (loss >= least) continue;
      least = loss;
      result[0] = model.values[0];
    }
  }
  bool needs_oracle() const override { return true; }
};

class AggregationRun : public testing::TestWithParam<bool> {
 protected:
  EchoProblem problem_{GetParam()};
  Graph graph_ = make_chosen(RingOptions{}, 5, Rng(1));
  MixingMatrix mixing_ = MixingMatrix::uniform(graph_);
};

TEST_P(AggregationRun, EveryPeerHasAStateOfItsOwn) {
  const Counting rule;
  const SmallOutcome outcome = run_small(problem_, mixing_, {.rounds = 3, .rule = &rule});
  // Two neighbors: 2, 4 and 6 have been received after each round.
  for (PeerId peer = 0; peer < 5; ++peer) {
    const auto p = static_cast<std::size_t>(peer);
    EXPECT_FLOAT_EQ(outcome.models[2][p].values()[0], peer + 3 * 2 + (2 + 4 + 6));
  }
}

TEST_P(AggregationRun, ResumesWithTheStates) {
  const Counting rule;
  FaultTimelineBuilder builder(5, Rng(9));
  builder.add_down(1, {us(5'000), us(12'000)}, Departure::kCrash);
  builder.add_down(3, {us(7'000), us(12'000)}, Departure::kCrashWithStateLoss);
  const SmallRun whole{
      .rounds = 6,
      .compute = LognormalComputeOptions{.sigma = 1.0},
      .protocol = DpsgdOptions{.missing = MissingPolicy::kLastModel, .timeout = us(9'000)},
      .faults = builder.build(),
      .rule = &rule};
  const SmallOutcome straight = run_small(problem_, mixing_, whole);
  ASSERT_EQ(straight.outcome.status, SimulationOutcome::Status::kDone);
  for (std::int64_t at = 1; at < straight.outcome.end.nanoseconds / 1000; at += 1'357) {
    SmallRun first = whole;
    first.save_at = us(at);
    const SmallOutcome part = run_small(problem_, mixing_, first);
    SmallRun second = whole;
    second.resume_from = &part.saved;
    second.workers = 2;
    ASSERT_EQ(run_small(problem_, mixing_, second).outcome.model_digest,
              straight.outcome.model_digest)
        << at;
  }
}

TEST_P(AggregationRun, TriesModelsOnWhicheverThreadTheRuleWorks) {
  const Best rule;
  const auto trial_steps = [](PeerId) { return 0.5; };
  const SmallOutcome outcome =
      run_small(problem_, mixing_, {.rounds = 1, .rule = &rule, .trial_steps = trial_steps});
  const std::vector<float> least{2, 2, 3, 4, 2};  // Of neighbors on the ring, after training.
  for (std::size_t peer = 0; peer < 5; ++peer) {
    EXPECT_FLOAT_EQ(outcome.models[0][peer].values()[0], least[peer]);
  }
}

TEST_P(AggregationRun, TryingModelsTakesTime) {
  const Best rule;
  SmallRun run{.rounds = 1, .rule = &rule};
  const SimTime free = run_small(problem_, mixing_, run).outcome.end;
  run.trial_steps = [](PeerId) { return 0.5; };
  // Three models at half a step: 1.5, rounded up to two steps of 2 ms.
  const SimTime costly = run_small(problem_, mixing_, run).outcome.end;
  const SimTime step = FixedComputeOptions{}.step_time;
  EXPECT_EQ((costly - free).nanoseconds, 2 * step.nanoseconds);
}

INSTANTIATE_TEST_SUITE_P(Problems, AggregationRun, testing::Bool(), [](const auto& tested) {
  return tested.param ? "WithinTheLoop" : "OnWorkers";
});

/// Cannot work on fewer than three models.
class OfThree final : public Aggregator {
 public:
  void aggregate(const AggregationInput& input, const AggregationContext&,
                 std::span<float> result) const override {
    std::ranges::copy(input.own, result.begin());
  }
  std::optional<std::string> infeasible(int inputs) const override {
    if (inputs >= 3) return std::nullopt;
    return "needs 3 models, got " + std::to_string(inputs);
  }
};

TEST(InfeasibleRun, IsToldAndCountedOrEndsTheRun) {
  const EchoProblem problem;
  const Graph graph = make_chosen(PathOptions{}, 4, Rng(1));
  const MixingMatrix mixing = MixingMatrix::uniform(graph);
  const auto skip = make_guarded(std::make_unique<OfThree>(), OnInfeasible::kSkip);
  const SmallOutcome outcome = run_small(problem, mixing, {.rounds = 2, .rule = skip.get()});
  // The two ends have one neighbor each.
  EXPECT_EQ(outcome.outcome.totals.infeasible_aggregations, 4);
  ASSERT_EQ(outcome.incidents.size(), 4U);
  EXPECT_EQ(outcome.incidents[0].first, 0);
  EXPECT_EQ(outcome.incidents[0].second.infeasible, "needs 3 models, got 2");
  const auto fail = make_guarded(std::make_unique<OfThree>(), OnInfeasible::kError);
  EXPECT_THROW(run_small(problem, mixing, {.rounds = 2, .rule = fail.get()}), UserError);
}

}  // namespace
}  // namespace hearsay
