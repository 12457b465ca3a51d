#include "node/runtime/job_pool.hpp"

#include "node/base/check.hpp"

namespace hearsay {

JobPool::JobPool(const LearningProblem& problem, int workers)
    : problem_(problem), own_learner_(problem.make_learner()) {
  HEARSAY_CHECK(workers >= 1);
  for (int k = 1; k < workers; ++k) threads_.emplace_back([this] { work(); });
}

JobPool::~JobPool() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void JobPool::enqueue(std::shared_ptr<Job> job, SimTime due) {
  {
    const std::lock_guard lock(mutex_);
    job->due_ = due;
    job->order_ = submitted_++;
    queue_.insert(std::move(job));
  }
  changed_.notify_one();
}

void JobPool::cancel() {
  std::unique_lock lock(mutex_);
  queue_.clear();
  changed_.wait(lock, [this] { return running_ == 0; });
}

void JobPool::wait(const std::shared_ptr<Job>& job) {
  std::unique_lock lock(mutex_);
  while (job->state_ != Job::State::kDone) {
    if (job->state_ == Job::State::kQueued) {
      HEARSAY_CHECK(queue_.erase(job) == 1);
      run(job, lock, *own_learner_);
    } else if (!queue_.empty()) {
      run_first(lock, *own_learner_);
    } else {
      changed_.wait(lock);
    }
  }
  if (job->error_) std::rethrow_exception(job->error_);
}

void JobPool::work() {
  const std::unique_ptr<Learner> learner = problem_.make_learner();
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    if (stopping_) return;
    run_first(lock, *learner);
  }
}

void JobPool::run_first(std::unique_lock<std::mutex>& lock, Learner& learner) {
  const std::shared_ptr<Job> job = *queue_.begin();
  queue_.erase(queue_.begin());
  run(job, lock, learner);
}

void JobPool::run(const std::shared_ptr<Job>& job, std::unique_lock<std::mutex>& lock,
                  Learner& learner) {
  job->state_ = Job::State::kRunning;
  ++running_;
  lock.unlock();
  try {
    job->run(learner);
  } catch (const std::exception&) {
    job->error_ = std::current_exception();
  }
  lock.lock();
  --running_;
  job->state_ = Job::State::kDone;
  changed_.notify_all();
}

}  // namespace hearsay
