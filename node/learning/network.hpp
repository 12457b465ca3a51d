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

  /// Which class each sample is taken for, as score() counts: the one with the largest logit,
  /// the first of equals; -1 for a sample with a NaN among its logits.
  /// REQUIRES: one entry per sample.
  virtual void classify(const SampleBatch& batch, std::span<const float> parameters,
                        std::span<int> classes) = 0;
};

}  // namespace hearsay
