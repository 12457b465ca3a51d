#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>

#include "node/base/archive.hpp"
#include "node/learning/learning_problem.hpp"
#include "node/runtime/job_pool.hpp"

namespace hearsay {

/// CPU nanoseconds that jobs add to.
using JobTime = std::shared_ptr<std::atomic<std::int64_t>>;

/// One test of one model, done by a job pool behind all jobs that the simulation itself
/// waits for. It can be saved before it is done: then it is done again after loading. For
/// use by the thread that the pool belongs to.
class ModelTest {
 public:
  /// No test.
  ModelTest() = default;

  /// REQUIRES: a model.
  ModelTest(ModelBuffer model, EvaluationSet set, PeerId peer);

  bool exists() const { return task_ != nullptr || result_ || !model_.empty(); }

  /// Hands the test to the pool, unless there is none or it is done. Once.
  void start(JobPool& pool, const JobTime& time);

  /// Waits for the result. REQUIRES: exists(), started.
  const Evaluation& result(JobPool& pool);

  /// Makes it ready for persist(): holds on to the model of a test that is not done.
  void hold(JobPool& pool);

  /// Saves what was held, and lets go of it, or restores; call start() then.
  void persist(Archive& archive);

 private:
  EvaluationSet set_ = EvaluationSet::kTest;
  PeerId peer_ = 0;
  ModelBuffer model_;  ///< Before the start, and between hold() and persist().
  std::shared_ptr<Task<Evaluation>> task_;
  std::weak_ptr<const ModelBuffer> under_test_;  ///< Lives until the job is done with it.
  std::optional<Evaluation> result_;
};

void persist(Archive& archive, Evaluation& evaluation);

}  // namespace hearsay
