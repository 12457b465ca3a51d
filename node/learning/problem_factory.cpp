#include "node/learning/problem_factory.hpp"

#include <utility>

#include "node/base/check.hpp"
#include "node/learning/classification_problem.hpp"
#include "node/learning/fused_network.hpp"
#include "node/learning/quadratic_problem.hpp"
#include "node/learning/regression_problem.hpp"
#include "node/learning/torch_module.hpp"

namespace hearsay {

namespace {

template <class Objective>
std::unique_ptr<LearningProblem> make_regression(const Objective& objective,
                                                 const LearningInputs& inputs) {
  return std::make_unique<RegressionProblem>(
      RegressionInputs{.objective = objective,
                       .init = inputs.model.init,
                       .sgd = std::get<SgdOptions>(inputs.training.optimizer),
                       .training = inputs.training,
                       .num_peers = inputs.num_peers,
                       .init_rng = inputs.init_rng});
}

}  // namespace

std::unique_ptr<LearningProblem> make_problem(LearningInputs inputs) {
  if (const auto* objective = std::get_if<QuadraticOptions>(&inputs.model.kind)) {
    return std::make_unique<QuadraticProblem>(
        QuadraticInputs{.objective = *objective,
                        .init = inputs.model.init,
                        .sgd = std::get<SgdOptions>(inputs.training.optimizer),
                        .training = inputs.training,
                        .num_peers = inputs.num_peers,
                        .init_rng = inputs.init_rng,
                        .training_rng = inputs.training_rng});
  }
  if (const auto* objective = std::get_if<LeastSquaresOptions>(&inputs.model.kind)) {
    return make_regression(*objective, inputs);
  }
  if (const auto* objective = std::get_if<LogisticRegressionOptions>(&inputs.model.kind)) {
    return make_regression(*objective, inputs);
  }
  HEARSAY_CHECK(inputs.data.train != nullptr);
  const NetworkShape shape = network_shape(inputs.model, *inputs.data.train);
  if (inputs.model.kernels == Kernels::kFused && has_fused_network(shape)) {
    const std::string isa = inputs.kernels.fused_isa;
    return std::make_unique<ClassificationProblem>(
        std::move(inputs),
        [isa](const NetworkShape& wanted) { return make_fused_network(wanted, isa); });
  }
  return make_torch_problem(std::move(inputs));
}

}  // namespace hearsay
