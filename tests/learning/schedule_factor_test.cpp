#include <gtest/gtest.h>

#include "node/learning/sgd_step.hpp"
#include "node/learning/training_options.hpp"

namespace hearsay {
namespace {

TEST(ScheduleFactor, ConstantStaysOne) {
  EXPECT_EQ(schedule_factor(ConstantScheduleOptions{}, 0), 1.0);
  EXPECT_EQ(schedule_factor(ConstantScheduleOptions{}, 123456), 1.0);
}

TEST(ScheduleFactor, StepDropsAtMultiples) {
  const StepScheduleOptions options{.every_steps = 10, .factor = 0.5};
  EXPECT_EQ(schedule_factor(options, 9), 1.0);
  EXPECT_EQ(schedule_factor(options, 10), 0.5);
  EXPECT_EQ(schedule_factor(options, 29), 0.25);
  EXPECT_EQ(schedule_factor(options, 30), 0.125);
}

// floor + (1 - floor) (1 + cos(pi t / 100)) / 2 with floor 0.2: at t = 50 the cosine is 0,
// 0.2 + 0.8 / 2 = 0.6; at 25 it is 0.70711, 0.2 + 0.8 * 0.853553 = 0.882843.
TEST(ScheduleFactor, CosineFallsToItsFloorAndStays) {
  const CosineScheduleOptions options{.steps = 100, .floor = 0.2};
  EXPECT_DOUBLE_EQ(schedule_factor(options, 0), 1.0);
  EXPECT_NEAR(schedule_factor(options, 25), 0.882843, 1e-6);
  EXPECT_DOUBLE_EQ(schedule_factor(options, 50), 0.6);
  EXPECT_DOUBLE_EQ(schedule_factor(options, 100), 0.2);
  EXPECT_DOUBLE_EQ(schedule_factor(options, 5000), 0.2);
}

// (1 + 0.5 * 6)^-1.5 = 4^-1.5 = 1/8.
TEST(ScheduleFactor, InverseFollowsItsPower) {
  const InverseScheduleOptions options{.gamma = 0.5, .power = 1.5};
  EXPECT_DOUBLE_EQ(schedule_factor(options, 0), 1.0);
  EXPECT_DOUBLE_EQ(schedule_factor(options, 6), 0.125);
}

TEST(SgdStep, TakesTheScheduledRate) {
  const SgdOptions options{.lr = 0.5,
                           .momentum = 0.25,
                           .weight_decay = 0.125,
                           .schedule = StepScheduleOptions{.every_steps = 2, .factor = 0.5}};
  const SgdStep step = sgd_step_at(options, 3);
  EXPECT_EQ(step.lr, 0.25F);
  EXPECT_EQ(step.momentum, 0.25F);
  EXPECT_EQ(step.weight_decay, 0.125F);
}

}  // namespace
}  // namespace hearsay
