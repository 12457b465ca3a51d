#pragma once

#include <memory>

#include "node/base/quantity.hpp"
#include "node/base/rng.hpp"
#include "node/data/data_set.hpp"
#include "node/data/partition.hpp"
#include "node/learning/kernel_set.hpp"
#include "node/learning/learning_problem.hpp"
#include "node/learning/model_options.hpp"
#include "node/learning/training_options.hpp"

namespace hearsay {

/// All that a learning problem is made of.
struct LearningInputs {
  ModelOptions model;
  TrainingOptions training;
  int num_peers = 0;
  TrainTestData data;       ///< Null pointers for models with their own objective.
  TrainTestData general;    ///< What pre-training sees; null pointers without.
  Partition train;          ///< Per peer; empty for models with their own objective.
  Partition validation;     ///< Per peer.
  Count test_samples;       ///< Size of the test sample: see draw_test_sample.
  bool local_test = false;  ///< Prepare EvaluationSet::kLocalTest.
  double init_gain = 1.0;   ///< What initial weights of classifiers are multiplied with.
  Rng init_rng{0};          ///< Initial models and objectives.
  Rng training_rng{0};      ///< Batches and gradient noise.
  KernelSet kernels = choose_kernels(false);  ///< As recorded in the manifest.
};

/// Builds the problem for the chosen model. Only a model computed by LibTorch's autograd
/// loads LibTorch, now, as a module beside the executable (0.4 s).
/// @throws UserError if model and data do not fit each other, naming both shapes, or if
/// that module is needed and missing.
std::unique_ptr<LearningProblem> make_problem(LearningInputs inputs);

}  // namespace hearsay
