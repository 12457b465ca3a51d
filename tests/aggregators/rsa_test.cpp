#include "aggregators/rsa.hpp"

#include <gtest/gtest.h>

#include "tests/support/neighborhood_case.hpp"

namespace hearsay {
namespace {

TEST(Rsa, StepsBySignsAlone) {
  // Entry 0: signs of 1 - x_j are 1, -1, -1, -1: 1 + 2 * 0.5 = 2. Entry 1: all equal, no step.
  // Entry 2: 3 - 7 and three equal: 3 + 0.5.
  const RuleOutcome outcome =
      run_rule(*make_aggregator(RsaOptions{.step = 0.5}),
               evenly({1, 2, 3}, {{0, 2, 7}, {4, 2, 3}, {6, 2, 3}, {100, 2, 3}}));
  EXPECT_EQ(outcome.result, (Vector{2, 2, 3.5F}));
  EXPECT_TRUE(outcome.influence.empty());
}

TEST(Rsa, AnAttackerMovesAnEntryByOneStepAtMost) {
  const auto rule = make_aggregator(RsaOptions{.step = 0.25});
  EXPECT_EQ(run_rule(*rule, evenly({0}, {{1e30F}})).result, Vector{0.25F});
  EXPECT_EQ(run_rule(*rule, evenly({0}, {{-1e-30F}})).result, Vector{-0.25F});
}

}  // namespace
}  // namespace hearsay
