#include "node/runtime/model_test.hpp"

#include <utility>

#include "node/base/check.hpp"
#include "node/base/stopwatch.hpp"

namespace hearsay {
namespace {

constexpr SimTime kWhenIdle = SimTime::max();

}  // namespace

void persist(Archive& archive, Evaluation& evaluation) {
  archive(evaluation.samples, evaluation.accuracy, evaluation.loss);
}

ModelTest::ModelTest(ModelBuffer model, EvaluationSet set, PeerId peer)
    : set_(set), peer_(peer), model_(std::move(model)) {
  HEARSAY_CHECK(!model_.empty());
}

void ModelTest::start(JobPool& pool, const JobTime& time) {
  if (model_.empty()) return;
  HEARSAY_CHECK(task_ == nullptr);
  auto model = std::make_shared<const ModelBuffer>(std::exchange(model_, {}));
  under_test_ = model;
  task_ = pool.submit(kWhenIdle,
                      [model = std::move(model), set = set_, peer = peer_, time](Learner& learner) {
                        const CpuStopwatch watch;
                        const Evaluation evaluation = learner.evaluate(*model, set, peer);
                        watch.add_to(*time);
                        return evaluation;
                      });
}

const Evaluation& ModelTest::result(JobPool& pool) {
  HEARSAY_CHECK(task_ != nullptr || result_);
  if (task_ != nullptr) result_ = pool.take(std::exchange(task_, nullptr));
  return *result_;
}

void ModelTest::hold(JobPool& pool) {
  if (task_ == nullptr) return;
  if (const auto model = under_test_.lock()) {
    model_ = *model;
  } else {
    result(pool);
  }
}

void ModelTest::persist(Archive& archive) {
  archive(set_, peer_, model_, result_);
  if (!archive.is_loading()) {
    model_ = {};
    return;
  }
  task_ = nullptr;
  if (set_ > EvaluationSet::kLocalTest) archive.mismatch("an unknown set of samples");
}

}  // namespace hearsay
