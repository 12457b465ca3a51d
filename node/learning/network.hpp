#pragma once

#include <cstdint>
#include <span>

#include "node/data/data_set.hpp"
#include "node/learning/sgd_step.hpp"

namespace hearsay {

/// The samples of one step, or of one test.
struct SampleBatch {
  const DataSet& data;
  std::span<const std::uint32_t> samples;  ///< Indices into `data`.
};

/// Sums over the tested samples.
struct Scores {
  std::int64_t correct = 0;  ///< Samples whose largest logit is the label's. A sample with a
                             ///< NaN among its logits is wrong; of equals the first counts.
  double loss_sum = 0.0;     ///< Cross-entropy.
};

/// One classifier's arithmetic on flat parameters, with scratch memory for one thread.
/// Holds no parameters between calls. Not for concurrent use.
class Network {
 public:
  virtual ~Network() = default;

  /// One SGD step on the mean cross-entropy of the batch; returns that loss, taken
  /// before the step. `velocity` has the parameters' size, or is empty without momentum.
  virtual double train_step(const SampleBatch& batch, const SgdStep& step,
                            std::span<float> parameters, std::span<float> velocity) = 0;

  virtual Scores score(const SampleBatch& batch, std::span<const float> parameters) = 0;

  /// What the output layer says of each sample, one row of outputs after the other.
  /// REQUIRES: logits.size() is the number of samples times that of outputs.
  virtual void infer(const SampleBatch& batch, std::span<const float> parameters,
                     std::span<float> logits) = 0;
};

/// Which class each row of logits stands for, as score() counts: the one with the largest logit,
/// the first of equals; -1 for a row with a NaN.
/// REQUIRES: logits.size() is a multiple of classes.size() > 0.
void classify(std::span<const float> logits, std::span<int> classes);

}  // namespace hearsay
