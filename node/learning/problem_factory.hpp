#pragma once

#include <memory>

#include "node/base/quantity.hpp"
#include "node/base/rng.hpp"
#include "node/data/data_set.hpp"
#include "node/data/partition.hpp"
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
  Partition train;          ///< Per peer; empty for models with their own objective.
  Partition validation;     ///< Per peer.
  Count test_samples;       ///< Size of the test sample: drawn from init_rng's "test" stream.
  bool local_test = false;  ///< Prepare EvaluationSet::kLocalTest.
  Rng init_rng{0};          ///< Initial models and objectives.
  Rng training_rng{0};      ///< Batches and gradient noise.
};

/// Builds the problem for the chosen model. Models that need LibTorch load it now, as
/// a module beside the executable (0.4 s), so that commands without a model never do.
/// @throws UserError if model and data do not fit each other, naming both shapes.
std::unique_ptr<LearningProblem> make_problem(LearningInputs inputs);

}  // namespace hearsay
