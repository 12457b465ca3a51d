// Random short scenarios under checkers. HEARSAY_SWEEP_COUNT says how many (200 unless
// given), HEARSAY_SWEEP_SEED with which seed to begin: a seed alone runs that one.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

#include "scenarios/loader.hpp"
#include "tests/faults/random_world.hpp"
#include "tests/faults/replay.hpp"
#include "tests/faults/sweep_run.hpp"

namespace hearsay {
namespace {

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
  const char* const text = std::getenv(variable);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

std::uint64_t first_seed() { return number_from("HEARSAY_SWEEP_SEED", 1); }

std::uint64_t num_seeds() {
  const bool one_alone = std::getenv("HEARSAY_SWEEP_SEED") != nullptr;
  return number_from("HEARSAY_SWEEP_COUNT", one_alone ? 1 : 200);
}

class FaultSweep : public testing::TestWithParam<std::uint64_t> {
 protected:
  void TearDown() override {
    if (!HasFailure()) return;
    replay_.keep_file();
    ADD_FAILURE() << replay_.instructions();
  }

  void expect_same_in(const SweepLayout& layout, const std::string& expected) const {
    EXPECT_EQ(run_sweep(scenario_, layout).report, expected)
        << "with " << layout.workers << " workers, " << layout.loops << " loops";
  }

  // Saved at a random moment and gone on with in another layout.
  void expect_same_when_resumed(SimTime end, int loops, const std::string& expected) {
    const SimTime save_at{
        1 + static_cast<std::int64_t>(rng_.below(static_cast<std::uint64_t>(end.nanoseconds)))};
    const SweepLayout first{
        .workers = 1 + static_cast<int>(rng_.below(2)), .loops = loops, .save_at = save_at};
    const SweepResult part = run_sweep(scenario_, first);
    if (part.outcome.status != SimulationOutcome::Status::kInterrupted) {
      // Several loops pause between two windows: not in the last one.
      EXPECT_GT(loops, 1);
      EXPECT_EQ(part.report, expected) << "with a pause that did not come";
      return;
    }
    const SweepLayout second{.workers = 3 - first.workers,
                             .loops = loops == 1 ? num_loops_ : 1,
                             .resume_from = &part.saved};
    EXPECT_EQ(run_sweep(scenario_, second).report, expected)
        << "saved at " << save_at.nanoseconds << " ns with " << first.workers << " workers, "
        << first.loops << " loops; gone on with " << second.workers << ", " << second.loops;
  }

  Rng rng_ = Rng(GetParam()).split("sweep");
  Replay replay_{GetParam()};
  Scenario scenario_ = replay_.written(random_world(GetParam()));
  int num_loops_ = can_use_loops(scenario_) ? 2 + static_cast<int>(rng_.below(2)) : 1;
};

TEST_P(FaultSweep, KeepsItsPromisesInEveryLayout) {
  ASSERT_EQ(parse_scenario(resolved_yaml(scenario_), "resolved"), scenario_)
      << "a user could not run it";
  const SweepResult straight = run_checked(scenario_);
  EXPECT_EQ(straight.complaints, std::vector<std::string>{}) << straight.report;
  for (const int workers : {2, 4}) expect_same_in({.workers = workers}, straight.report);
  if (num_loops_ > 1) {
    for (const int loops : {2, 3}) expect_same_in({.loops = loops}, straight.report);
  }
  if (straight.outcome.end == SimTime{}) return;
  expect_same_when_resumed(straight.outcome.end, 1, straight.report);
  if (num_loops_ > 1) expect_same_when_resumed(straight.outcome.end, num_loops_, straight.report);
}

INSTANTIATE_TEST_SUITE_P(Seeds, FaultSweep,
                         testing::Range(first_seed(), first_seed() + num_seeds()));

}  // namespace
}  // namespace hearsay
