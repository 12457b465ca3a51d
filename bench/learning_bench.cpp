/// Training and testing by our learners, beside a plain LibTorch program that does the
/// same work: ordinary torch::nn modules, autograd, an SGD step by hand (faster than
/// torch::optim::SGD), one thread, the same batches and BLAS settings. The two take turns
/// in one process; a ratio above 1 means that ours is faster. Usage: learning_bench [pairs]

#include <torch/torch.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

#include "node/learning/problem_factory.hpp"

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

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
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

struct PlainModule : torch::nn::Module {
  virtual torch::Tensor forward(torch::Tensor x) = 0;
};

struct PlainLenet5 final : PlainModule {
  torch::nn::Conv2d conv1{torch::nn::Conv2dOptions(1, 6, 5).padding(2)};
  torch::nn::Conv2d conv2{torch::nn::Conv2dOptions(6, 16, 5)};
  torch::nn::Linear fc1{400, 84};
  torch::nn::Linear fc2{84, 10};

  PlainLenet5() {
    register_module("conv1", conv1);
    register_module("conv2", conv2);
    register_module("fc1", fc1);
    register_module("fc2", fc2);
  }

  torch::Tensor forward(torch::Tensor x) override {
    x = torch::max_pool2d(torch::relu(conv1(x.view({-1, 1, 28, 28}))), 2);
    x = torch::max_pool2d(torch::relu(conv2(x)), 2);
    return fc2(torch::relu(fc1(x.flatten(1))));
  }
};

struct PlainMlp final : PlainModule {
  torch::nn::Linear fc1{784, 64};
  torch::nn::Linear fc2{64, 10};

  PlainMlp() {
    register_module("fc1", fc1);
    register_module("fc2", fc2);
  }

  torch::Tensor forward(torch::Tensor x) override { return fc2(torch::relu(fc1(x))); }
};

struct PlainLogistic final : PlainModule {
  torch::nn::Linear fc1{784, 10};

  PlainLogistic() { register_module("fc1", fc1); }

  torch::Tensor forward(torch::Tensor x) override { return fc1(x); }
};

std::unique_ptr<PlainModule> make_module(const ModelKind& kind) {
  if (std::holds_alternative<Lenet5Options>(kind)) return std::make_unique<PlainLenet5>();
  if (std::holds_alternative<MlpOptions>(kind)) return std::make_unique<PlainMlp>();
  return std::make_unique<PlainLogistic>();
}

/// The plain program: holds the training set as one tensor of floats.
class PlainTraining {
 public:
  PlainTraining(const ModelKind& kind, const DataSet& train, const DataSet& test)
      : module_(make_module(kind)),
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
      const torch::Tensor loss = torch::nn::functional::cross_entropy(
          module_->forward(train_.index_select(0, index)), train_labels_.index_select(0, index));
      loss.backward();
      const torch::NoGradGuard no_grad;
      for (torch::Tensor& parameter : parameters_) {
        parameter.add_(parameter.grad(), -kRate);
        parameter.mutable_grad().reset();
      }
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

void compete(const Contest& contest, const TrainTestData& data, int pairs) {
  LearningInputs inputs;
  inputs.model.kind = contest.kind;
  inputs.training = {.optimizer = SgdOptions{.lr = kRate}, .batch_size = kBatch, .local_steps = 1};
  inputs.num_peers = 1;
  inputs.data = data;
  std::vector<std::uint32_t> owned(static_cast<std::size_t>(data.train->size()));
  std::iota(owned.begin(), owned.end(), 0U);
  inputs.train = {owned};
  const Rng stream = inputs.training_rng.split("batches", 0);
  const auto problem = make_problem(inputs);
  const auto learner = problem->make_learner();
  ModelBuffer model = problem->initial_model(0);
  TrainingState state;
  PlainTraining plain(contest.kind, *data.train, *data.test);
  BatchSampler sampler;
  const auto train_ours = [&] {
    TrainResult result = learner->train(0, std::move(model), std::move(state), contest.steps);
    model = std::move(result.model);
    state = std::move(result.state);
  };
  const auto train_plain = [&] { plain.train(sampler, owned, state.steps, contest.steps, stream); };
  train_plain();
  train_ours();
  std::vector<double> ratios;
  std::vector<double> ratios_of_tests;
  const double samples = static_cast<double>(contest.steps) * kBatch;
  for (int pair = 0; pair < pairs; ++pair) {
    const double theirs = seconds_of(train_plain);
    const double ours = seconds_of(train_ours);
    const double their_test = seconds_of([&] { plain.accuracy(); });
    const double our_test = seconds_of([&] { learner->evaluate(model, EvaluationSet::kTest, 0); });
    ratios.push_back(theirs / ours);
    ratios_of_tests.push_back(their_test / our_test);
    std::printf(
        "%-9s train %9.0f plain %9.0f ours samples/s, ratio %5.2f | "
        "test of %ld: %6.1f ms plain %6.1f ms ours, ratio %5.2f\n",
        contest.name.c_str(), samples / theirs, samples / ours, ratios.back(),
        static_cast<long>(data.test->size()), their_test * 1e3, our_test * 1e3,
        ratios_of_tests.back());
  }
  std::printf("%-9s median ratio: train %.2f, test %.2f\n", contest.name.c_str(), median(ratios),
              median(ratios_of_tests));
}

}  // namespace
}  // namespace hearsay

int main(int argc, char** argv) {
  // BLAS reads its settings when it is loaded: set them and start over.
  if (std::getenv("OPENBLAS_CORETYPE") == nullptr) {
    hearsay::apply_kernels(hearsay::choose_kernels(false));
    execv("/proc/self/exe", argv);
  }
  hearsay::apply_kernels(hearsay::choose_kernels(false));
  at::set_num_threads(1);
  const int pairs = argc > 1 ? std::atoi(argv[1]) : 5;
  const hearsay::TrainTestData data{.train = hearsay::random_images(60000, hearsay::Rng(1)),
                                    .test = hearsay::random_images(10000, hearsay::Rng(2))};
  hearsay::compete({"lenet5", hearsay::Lenet5Options{}, 200}, data, pairs);
  hearsay::compete({"mlp", hearsay::MlpOptions{{64}}, 2000}, data, pairs);
  hearsay::compete({"logistic", hearsay::LogisticOptions{}, 5000}, data, pairs);
  return 0;
}
