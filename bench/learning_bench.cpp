/// Training and testing by three programs that do the same work:
///   bare      a plain LibTorch program: ordinary torch::nn modules, autograd, an SGD step by
///             hand (faster than torch::optim::SGD);
///   autograd  our learner with `model.kernels: autograd`;
///   fused     our learner with `model.kernels: fused`, the default.
/// One thread, the same batches. The three take turns in one process, so that the settings
/// of apply_kernels, the allocator's among them, hold for all. Our tests compute the loss
/// too, and scale the samples' bytes anew each time; the bare program's are floats already.
/// Ratios are speeds relative to bare: above 1 is faster.
/// Usage: learning_bench [turns], 5 unless given.

#include <torch/torch.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

#include "bench/plain_torch.hpp"
#include "node/learning/classification_problem.hpp"
#include "node/learning/problem_factory.hpp"
#include "node/learning/torch_network.hpp"

namespace hearsay {
namespace {

constexpr int kBatch = 32;
constexpr float kRate = 0.05F;

/// Processor time of this thread: all the work is done on it, and other programs on the
/// machine disturb it less than the time on the clock.
double processor_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

double seconds_of(const auto& work) {
  const double start = processor_seconds();
  work();
  return processor_seconds() - start;
}

/// Images of random bytes, half of them zero, as in handwriting and clothing.
std::shared_ptr<const DataSet> random_images(int count, Rng rng) {
  auto data = std::make_shared<DataSet>();
  data->sample_shape = {1, 28, 28};
  data->num_classes = 10;
  data->scale = 1.0F / 255.0F;
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(count) * 784);
  for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(rng.below(2) * rng.below(256));
  data->features = std::move(bytes);
  for (int i = 0; i < count; ++i) data->labels.push_back(static_cast<std::uint8_t>(rng.below(10)));
  return data;
}

/// The plain program: holds the training set as one tensor of floats.
class PlainTraining {
 public:
  PlainTraining(const ModelKind& kind, const DataSet& train, const DataSet& test)
      : module_(make_plain_module(kind)),
        parameters_(module_->parameters()),
        train_(features(train)),
        train_labels_(labels(train)),
        test_(features(test)),
        test_labels_(labels(test)) {}

  void train(BatchSampler& sampler, const std::vector<std::uint32_t>& owned, std::int64_t first,
             int steps, const Rng& stream) {
    for (std::int64_t step = first; step < first + steps; ++step) {
      const auto batch = sampler.batch(step, owned, kBatch, stream);
      torch::Tensor index = torch::empty({static_cast<std::int64_t>(batch.size())}, torch::kInt64);
      std::copy(batch.begin(), batch.end(), index.data_ptr<std::int64_t>());
      plain_step(*module_, parameters_, train_.index_select(0, index),
                 train_labels_.index_select(0, index), kRate);
    }
  }

  double accuracy() {
    const torch::NoGradGuard no_grad;
    std::int64_t correct = 0;
    for (std::int64_t first = 0; first < test_.size(0); first += 500) {
      const torch::Tensor outputs = module_->forward(test_.narrow(0, first, 500));
      correct +=
          outputs.argmax(1).eq(test_labels_.narrow(0, first, 500)).sum().item<std::int64_t>();
    }
    return static_cast<double>(correct) / static_cast<double>(test_.size(0));
  }

 private:
  static torch::Tensor features(const DataSet& data) {
    torch::Tensor x = torch::empty({data.size(), 784});
    data.gather_range(0, data.size(), {x.data_ptr<float>(), static_cast<std::size_t>(x.numel())});
    return x;
  }

  static torch::Tensor labels(const DataSet& data) {
    torch::Tensor y = torch::empty({data.size()}, torch::kInt64);
    std::ranges::copy(data.labels, y.data_ptr<std::int64_t>());
    return y;
  }

  std::unique_ptr<PlainModule> module_;
  std::vector<torch::Tensor> parameters_;
  torch::Tensor train_;
  torch::Tensor train_labels_;
  torch::Tensor test_;
  torch::Tensor test_labels_;
};

struct Contest {
  std::string name;
  ModelKind kind;
  int steps = 0;  ///< Per turn.
};

/// One of our learners, and the model that it trains.
class OurTraining {
 public:
  explicit OurTraining(std::unique_ptr<LearningProblem> problem)
      : problem_(std::move(problem)),
        learner_(problem_->make_learner()),
        model_(problem_->initial_model(0)) {}

  void train(int steps) {
    TrainResult result = learner_->train(0, std::move(model_), std::move(state_), steps);
    model_ = std::move(result.model);
    state_ = std::move(result.state);
  }

  void test() { learner_->evaluate(model_, EvaluationSet::kTest, 0); }

 private:
  std::unique_ptr<LearningProblem> problem_;
  std::unique_ptr<Learner> learner_;
  ModelBuffer model_;
  TrainingState state_;
};

/// Linked into this program rather than loaded from LibTorch's module.
std::unique_ptr<LearningProblem> make_autograd_problem(const LearningInputs& inputs) {
  return std::make_unique<ClassificationProblem>(
      inputs, [isa = inputs.kernels.fused_isa](const NetworkShape& shape) {
        return make_torch_network(shape, isa);
      });
}

LearningInputs inputs_of(const Contest& contest, const TrainTestData& data) {
  LearningInputs inputs;
  inputs.model.kind = contest.kind;
  inputs.training = {.optimizer = SgdOptions{.lr = kRate}, .batch_size = kBatch, .local_steps = 1};
  inputs.num_peers = 1;
  inputs.data = data;
  inputs.train.resize(1);
  inputs.train[0].resize(static_cast<std::size_t>(data.train->size()));
  std::iota(inputs.train[0].begin(), inputs.train[0].end(), 0U);
  return inputs;
}

/// Bare, autograd, fused.
using Seconds = std::array<double, 3>;

void print_speeds(const char* what, const Seconds& seconds, double samples) {
  std::printf(" | %s %8.0f %8.0f %8.0f", what, samples / seconds[0], samples / seconds[1],
              samples / seconds[2]);
}

void print_medians(const char* what, const std::vector<Seconds>& turns) {
  std::vector<double> autograd;
  std::vector<double> fused;
  for (const Seconds& seconds : turns) {
    autograd.push_back(seconds[0] / seconds[1]);
    fused.push_back(seconds[0] / seconds[2]);
  }
  std::printf(" | %s autograd %.2f fused %.2f", what, median(autograd), median(fused));
}

void compete(const Contest& contest, const TrainTestData& data, int turns) {
  const LearningInputs inputs = inputs_of(contest, data);
  PlainTraining bare(contest.kind, *data.train, *data.test);
  OurTraining autograd(make_autograd_problem(inputs));
  OurTraining fused(make_problem(inputs));
  BatchSampler sampler;
  const Rng stream = inputs.training_rng.split("batches", 0);
  std::int64_t steps_done = 0;
  const auto train = [&] {
    const Seconds seconds = {
        seconds_of(
            [&] { bare.train(sampler, inputs.train[0], steps_done, contest.steps, stream); }),
        seconds_of([&] { autograd.train(contest.steps); }),
        seconds_of([&] { fused.train(contest.steps); })};
    steps_done += contest.steps;
    return seconds;
  };
  train();
  std::vector<Seconds> trainings;
  std::vector<Seconds> tests;
  for (int turn = 0; turn < turns; ++turn) {
    trainings.push_back(train());
    tests.push_back({seconds_of([&] { bare.accuracy(); }), seconds_of([&] { autograd.test(); }),
                     seconds_of([&] { fused.test(); })});
    std::printf("%-8s", contest.name.c_str());
    print_speeds("train", trainings.back(), double{kBatch} * contest.steps);
    print_speeds("test", tests.back(), static_cast<double>(data.test->size()));
    std::printf("\n");
  }
  std::printf("%-8s median ratio to bare", contest.name.c_str());
  print_medians("train", trainings);
  print_medians("test", tests);
  std::printf("\n");
}

}  // namespace
}  // namespace hearsay

int main(int argc, char** argv) {
  hearsay::use_kernels_of_runs(argv);
  at::set_num_threads(1);
  const int turns = argc > 1 ? std::max(1, std::atoi(argv[1])) : 5;
  const hearsay::TrainTestData data{.train = hearsay::random_images(60000, hearsay::Rng(1)),
                                    .test = hearsay::random_images(10000, hearsay::Rng(2))};
  std::printf("Samples per second of bare LibTorch, our autograd, our fused kernels.\n");
  hearsay::compete({"lenet5", hearsay::Lenet5Options{}, 200}, data, turns);
  hearsay::compete({"mlp", hearsay::MlpOptions{{64}}, 1500}, data, turns);
  hearsay::compete({"logistic", hearsay::LogisticOptions{}, 3000}, data, turns);
  return 0;
}
