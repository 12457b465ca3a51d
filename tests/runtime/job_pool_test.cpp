#include "node/runtime/job_pool.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <numeric>
#include <stdexcept>
#include <thread>
#include <vector>

#include "tests/support/echo_problem.hpp"

namespace hearsay {
namespace {

class EveryWorkerCount : public testing::TestWithParam<int> {
 protected:
  EchoProblem problem_;
};

TEST_P(EveryWorkerCount, GivesEachTaskItsOwnResult) {
  JobPool pool(problem_, GetParam());
  EXPECT_EQ(pool.workers(), GetParam());
  std::vector<std::shared_ptr<Task<int>>> tasks;
  for (int i = 0; i < 200; ++i) {
    tasks.push_back(pool.submit(SimTime{i % 10}, [i](Learner&) { return i * i; }));
  }
  for (int i = 199; i >= 0; --i) EXPECT_EQ(pool.take(tasks[static_cast<std::size_t>(i)]), i * i);
}

TEST_P(EveryWorkerCount, RethrowsWhatAJobThrew) {
  JobPool pool(problem_, GetParam());
  const auto task =
      pool.submit(SimTime{}, [](Learner&) -> int { throw std::runtime_error("the job failed"); });
  EXPECT_THROW(pool.take(task), std::runtime_error);
}

TEST_P(EveryWorkerCount, DropsWhatIsStillQueuedAtTheEnd) {
  std::atomic<int> started{0};
  {
    JobPool pool(problem_, GetParam());
    for (int i = 0; i < 50; ++i) {
      pool.submit(SimTime{}, [&started](Learner&) { return ++started; });
    }
  }
  EXPECT_LE(started.load(), 50);
}

INSTANTIATE_TEST_SUITE_P(Workers, EveryWorkerCount, testing::Values(1, 2, 4));

TEST(JobPool, ASingleWorkerRunsTheAwaitedJobOnTheCallingThread) {
  EchoProblem problem;
  JobPool pool(problem, 1);
  const auto caller = std::this_thread::get_id();
  const auto task = pool.submit(SimTime{}, [](Learner&) { return std::this_thread::get_id(); });
  EXPECT_EQ(pool.take(task), caller);
}

TEST(JobPool, ReleasesTheInputsOfAFinishedJob) {
  EchoProblem problem;
  JobPool pool(problem, 1);
  const auto input = std::make_shared<int>(3);
  const auto task = pool.submit(SimTime{}, [input](Learner&) { return *input; });
  EXPECT_EQ(input.use_count(), 2);
  EXPECT_EQ(pool.take(task), 3);
  EXPECT_EQ(input.use_count(), 1);
}

TEST(JobPool, CancelDropsWhatIsQueuedAndWaitsForWhatRuns) {
  const EchoProblem problem;
  JobPool pool(problem, 3);
  std::atomic<int> begun{0};
  std::atomic<int> ended{0};
  for (int k = 0; k < 200; ++k) {
    pool.submit(SimTime{k}, [&](Learner&) {
      ++begun;
      ++ended;
      return 0;
    });
  }
  pool.cancel();
  const int done = ended.load();
  EXPECT_EQ(begun.load(), done);
  EXPECT_EQ(pool.take(pool.submit(SimTime{}, [](Learner&) { return 7; })), 7);
  EXPECT_EQ(ended.load(), done) << "dropped jobs do not come back";
}

}  // namespace
}  // namespace hearsay
