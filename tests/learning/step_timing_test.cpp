#include "node/learning/step_timing.hpp"

#include <gtest/gtest.h>

#include "node/learning/quadratic_problem.hpp"
#include "tests/support/echo_problem.hpp"

namespace hearsay {
namespace {

QuadraticProblem problem_of(int dimension) {
  return QuadraticProblem({.objective = {.dimension = dimension},
                           .sgd = {.lr = 0.1, .momentum = 0.9},
                           .training = {.local_steps = 3},
                           .num_peers = 2,
                           .init_rng = Rng(1),
                           .training_rng = Rng(2)});
}

TEST(StepTiming, IsPositiveHoweverCheapTheStep) {
  EXPECT_GT(measure_step_time(EchoProblem()), SimTime{});
  EXPECT_GT(measure_step_time(problem_of(1), 1), SimTime{});
}

// A step of a quadratic costs in proportion to the dimension. 100 times the work, even with
// the fixed cost of a call and a machine that is busy, takes at least 5 times as long, and
// not 5,000 times.
TEST(StepTiming, GrowsWithTheWork) {
  const double little = measure_step_time(problem_of(10'000)).seconds();
  const double much = measure_step_time(problem_of(1'000'000)).seconds();
  EXPECT_GT(much, 5 * little);
  EXPECT_LT(much, 5'000 * little);
}

TEST(StepTiming, LeavesTheProblemAsItWas) {
  const QuadraticProblem problem = problem_of(50);
  const Digest before = problem.initial_model(0).digest();
  measure_step_time(problem);
  EXPECT_EQ(problem.initial_model(0).digest(), before);
}

}  // namespace
}  // namespace hearsay
