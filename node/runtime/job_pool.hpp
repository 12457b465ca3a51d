#pragma once

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <thread>
#include <utility>
#include <vector>

#include "node/base/time.hpp"
#include "node/learning/learning_problem.hpp"

namespace hearsay {

/// A piece of work whose result is due at some virtual time. Made by JobPool::submit.
class Job {
 public:
  virtual ~Job() = default;

 private:
  friend class JobPool;
  enum class State { kQueued, kRunning, kDone };

  virtual void run(Learner& learner) = 0;

  SimTime due_;
  std::uint64_t order_ = 0;
  State state_ = State::kQueued;
  std::exception_ptr error_;
};

/// A job with a result.
template <class Result>
class Task final : public Job {
 public:
  explicit Task(std::function<Result(Learner&)> work) : work_(std::move(work)) {}

 private:
  friend class JobPool;
  void run(Learner& learner) override {
    result_.emplace(work_(learner));
    work_ = nullptr;  // Releases the inputs as soon as they are used.
  }

  std::function<Result(Learner&)> work_;
  std::optional<Result> result_;
};

/// Runs jobs on `workers` threads in all, the calling thread included: it works too
/// whenever it has to wait. Queued jobs are started in order of (due, submission). Jobs
/// are pure functions of their inputs, so no result depends on which thread ran them or
/// when. Each thread has a learner of its own. Submit and wait from one thread only.
class JobPool {
 public:
  /// The problem must outlive the pool. REQUIRES: workers >= 1.
  JobPool(const LearningProblem& problem, int workers);

  /// Finishes what runs, drops what is queued.
  ~JobPool();

  JobPool(const JobPool&) = delete;
  JobPool& operator=(const JobPool&) = delete;

  /// Queues `work(learner)`; its result is taken with take().
  template <class Function>
  auto submit(SimTime due, Function work) {
    using Result = std::invoke_result_t<Function, Learner&>;
    auto task = std::make_shared<Task<Result>>(std::move(work));
    enqueue(task, due);
    return task;
  }

  /// Waits until the job is done, working on it or on others meanwhile, and moves the
  /// result out. Rethrows what the job threw. Once per task.
  template <class Result>
  Result take(const std::shared_ptr<Task<Result>>& task) {
    wait(task);
    return std::move(*task->result_);
  }

  /// Drops all queued jobs and waits for those that run: afterwards nothing refers to what
  /// jobs were given. Their results cannot be taken any more.
  void cancel();

  /// The calling thread's learner, for work that is too small to hand over.
  Learner& own_learner() { return *own_learner_; }

  int workers() const { return static_cast<int>(threads_.size()) + 1; }

 private:
  struct Earlier {
    bool operator()(const std::shared_ptr<Job>& a, const std::shared_ptr<Job>& b) const {
      return std::pair(a->due_, a->order_) < std::pair(b->due_, b->order_);
    }
  };

  void enqueue(std::shared_ptr<Job> job, SimTime due);
  void wait(const std::shared_ptr<Job>& job);
  void work();
  void run_first(std::unique_lock<std::mutex>& lock, Learner& learner);
  void run(const std::shared_ptr<Job>& job, std::unique_lock<std::mutex>& lock, Learner& learner);

  const LearningProblem& problem_;
  std::unique_ptr<Learner> own_learner_;
  std::mutex mutex_;  ///< Guards what follows and the state of every job.
  std::condition_variable changed_;
  std::set<std::shared_ptr<Job>, Earlier> queue_;
  std::uint64_t submitted_ = 0;
  int running_ = 0;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace hearsay
