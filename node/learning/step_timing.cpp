#include "node/learning/step_timing.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include "node/base/stopwatch.hpp"

namespace hearsay {

SimTime measure_step_time(const LearningProblem& problem, PeerId peer) {
  constexpr int kWarmUps = 2;
  const std::unique_ptr<Learner> learner = problem.make_learner();
  TrainResult last{.model = problem.initial_model(peer)};
  const auto train_once = [&] {
    last = learner->train(peer, std::move(last.model), std::move(last.state), 1);
  };
  for (int i = 0; i < kWarmUps; ++i) train_once();
  std::array<double, 15> seconds;
  for (double& measured : seconds) {
    const Stopwatch watch;
    train_once();
    measured = watch.seconds();
  }
  auto* const median = seconds.begin() + seconds.size() / 2;
  std::ranges::nth_element(seconds, median);
  return std::max(SimTime::from_seconds(*median), SimTime{1});
}

}  // namespace hearsay
