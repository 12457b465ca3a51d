/// Training inside a run, beside a bare LibTorch program that takes the same steps: same
/// batches through the same DataSet, same BLAS kernels and memory settings, same number
/// of threads, one ordinary torch::nn model per thread, no exchange and no aggregation.
/// The two take turns in one process; a ratio above 1 means that the run is faster. The
/// samples per second of a run are those of its summary: from the first event to the last.
/// Usage: engine_bench [turns]

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "bench/plain_torch.hpp"
#include "node/base/stopwatch.hpp"
#include "node/learning/batch_sampler.hpp"
#include "scenarios/loader.hpp"
#include "scenarios/runner.hpp"

namespace hearsay {
namespace {

const std::filesystem::path kScenarios = std::filesystem::path(HEARSAY_SOURCE_DIR) / "scenarios";

/// What is trained, without tests.
struct Work {
  const char* name;
  const char* scenario;  ///< Of this repository.
  int rounds;            ///< Enough for a second or so.
};

constexpr Work kLenet5{"lenet5", "bench_w1.yaml", 6};
constexpr Work kMlp{"mlp 784-64-10", "bench_w2.yaml", 40};

Scenario scenario_of(const Work& work, const std::string& kernels) {
  // One test on one image in the end is the least that a scenario can ask for.
  const std::string rounds = std::to_string(work.rounds);
  return load_scenario(
      kScenarios / work.scenario,
      std::vector<std::string>{"protocol.rounds=" + rounds, "evaluation.every_rounds=" + rounds,
                               "evaluation.peers=[0]", "evaluation.samples=1",
                               "model.kernels=" + kernels});
}

int steps_of(const Scenario& scenario) {
  return std::get<DpsgdOptions>(scenario.protocol).rounds * scenario.training.local_steps;
}

/// The bare program. Its threads share out the peers; each trains one model of its own on
/// its peers' batches, peer after peer.
class BareLoop {
 public:
  BareLoop(const Scenario& scenario, const DataSet& train, int threads)
      : scenario_(scenario),
        train_(train),
        partition_(make_partition(IidPartitionOptions{}, train.labels, scenario.peers,
                                  Rng(scenario.seeds.data).split("partition"))) {
    for (int t = 0; t < threads; ++t) {
      modules_.push_back(make_plain_module(scenario.model.kind));
    }
  }

  /// Takes all steps of the scenario; samples per second.
  double rate() {
    const Stopwatch watch;
    std::atomic<std::int64_t> samples{0};
    std::vector<std::thread> threads;
    for (std::size_t t = 0; t < modules_.size(); ++t) {
      threads.emplace_back([this, t, &samples] { samples += work(t); });
    }
    for (std::thread& thread : threads) thread.join();
    return static_cast<double>(samples) / watch.seconds();
  }

 private:
  /// Samples trained on.
  std::int64_t work(std::size_t thread) {
    at::set_num_threads(1);
    std::int64_t samples = 0;
    for (std::size_t peer = thread; peer < partition_.size(); peer += modules_.size()) {
      samples += train(*modules_[thread], peer);
    }
    return samples;
  }

  std::int64_t train(PlainModule& module, std::size_t peer) const {
    std::vector<torch::Tensor> parameters = module.parameters();
    const TrainingOptions& training = scenario_.training;
    const auto rate = static_cast<float>(std::get<SgdOptions>(training.optimizer).lr);
    const Rng stream = Rng(scenario_.seeds.training).split("learning").split("batches", peer);
    BatchSampler sampler;
    std::int64_t samples = 0;
    for (int step = 0; step < steps_of(scenario_); ++step) {
      const auto batch = sampler.batch(step, partition_[peer], training.batch_size, stream);
      plain_step(module, parameters, plain_features(train_, batch), plain_labels(train_, batch),
                 rate);
      samples += static_cast<std::int64_t>(batch.size());
    }
    return samples;
  }

  const Scenario& scenario_;
  const DataSet& train_;
  Partition partition_;
  std::vector<std::unique_ptr<PlainModule>> modules_;
};

class Silence final : public RunListener {
 public:
  void on_progress(const RunProgress&) override {}
  void on_evaluated(const MetricsRow&) override {}
  void on_warning(const std::string& line) override {
    std::fprintf(stderr, "warning: %s\n", line.c_str());
  }
};

Summary run_of(const Scenario& scenario, int workers) {
  const std::filesystem::path out =
      std::filesystem::temp_directory_path() / ("hearsay-engine-" + std::to_string(getpid()));
  const std::atomic<bool> stop{false};
  Silence silence;
  Summary summary = run_scenario(scenario, {.out = out, .workers = workers}, stop, silence).summary;
  std::filesystem::remove_all(out);
  return summary;
}

/// The runs of one kernel set against the bare loop.
struct Series {
  std::string kernels;
  Scenario scenario;
  std::vector<double> rates;   ///< Samples per second.
  std::vector<double> ratios;  ///< Of the rate to the bare loop's in the same turn.
  std::vector<double> training_shares;
  std::vector<double> aggregation_shares;
};

void take_turn(Series& series, int workers, double bare_rate) {
  const Summary summary = run_of(series.scenario, workers);
  const double rate = summary.train_samples_per_second;
  const double thread_seconds = workers * static_cast<double>(summary.train_samples) / rate;
  series.rates.push_back(rate);
  series.ratios.push_back(rate / bare_rate);
  series.training_shares.push_back(summary.training_seconds / thread_seconds);
  series.aggregation_shares.push_back(summary.aggregation_seconds / thread_seconds);
}

/// Where the time of a run's threads goes, per step of one thread.
void print_series(const Series& series, int workers, double bare_rate) {
  const double batch = series.scenario.training.batch_size;
  const double step_us = workers * batch / median(series.rates) * 1e6;
  const double training = median(series.training_shares);
  const double aggregation = median(series.aggregation_shares);
  std::printf(
      "  %-8s median ratio %.2f; a step %.0f us of a thread (bare %.0f): training %.1f %%, "
      "aggregation %.1f %%, rest %.1f %%\n",
      series.kernels.c_str(), median(series.ratios), step_us, workers * batch / bare_rate * 1e6,
      training * 100, aggregation * 100, (1 - training - aggregation) * 100);
}

void compete(const Work& work, const DataSet& train, int workers, int turns) {
  std::vector<Series> all{{"fused", scenario_of(work, "fused"), {}, {}, {}, {}},
                          {"autograd", scenario_of(work, "autograd"), {}, {}, {}, {}}};
  const Scenario& scenario = all[0].scenario;
  std::printf("%s, batch %d, %d thread%s, samples/s (ratio)\n", work.name,
              scenario.training.batch_size, workers, workers == 1 ? "" : "s");
  BareLoop bare(scenario, train, workers);
  bare.rate();  // The first time everything is cold.
  std::vector<double> bare_rates;
  for (int turn = 1; turn <= turns; ++turn) {
    bare_rates.push_back(bare.rate());
    std::printf("  turn %d   bare %7.0f", turn, bare_rates.back());
    for (Series& series : all) {
      take_turn(series, workers, bare_rates.back());
      std::printf("   %s %7.0f (%.2f)", series.kernels.c_str(), series.rates.back(),
                  series.ratios.back());
    }
    std::printf("\n");
    std::fflush(stdout);
  }
  for (const Series& series : all) print_series(series, workers, median(bare_rates));
}

}  // namespace
}  // namespace hearsay

int main(int argc, char** argv) try {
  hearsay::use_kernels_of_runs(argv);
  const int turns = argc > 1 ? std::max(1, std::atoi(argv[1])) : 5;
  const auto data = hearsay::load_data(hearsay::FashionMnistOptions{}, hearsay::Rng(1));
  const int cores = static_cast<int>(std::thread::hardware_concurrency());
  for (const hearsay::Work& work : {hearsay::kLenet5, hearsay::kMlp}) {
    // No more threads than peers.
    const int most = std::clamp(cores, 1, 16);
    if (most > 1) hearsay::compete(work, *data.train, most, turns);
    hearsay::compete(work, *data.train, 1, turns);
  }
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "engine_bench: %s\n", error.what());
  return 1;
}
