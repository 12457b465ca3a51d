/// What aggregation rules cost beside one pass over their inputs: 32 vectors of 1,000,000 and
/// 10,000,000 floats, one call on one thread and two calls at once on two. Google Benchmark
/// (see --help for its options; --benchmark_filter picks rules and sizes), with processor time
/// of the calling threads. At the end a table in Markdown: milliseconds per call, and as
/// multiples of reading all inputs once.
/// A call runs on one thread: simulations run as many calls at once as they have workers.

#include <benchmark/benchmark.h>

#include <cstdint>
#include <cstdio>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "aggregators/aggregators.hpp"
#include "aggregators/instruction_sets.hpp"
#include "node/base/model_buffer.hpp"
#include "node/base/rng.hpp"

namespace hearsay {
namespace {

constexpr std::size_t kInputs = 32;
constexpr int kBad = 8;

/// Input vectors of one length, made when first asked for; only one length is kept.
const std::vector<ModelBuffer>& inputs(std::size_t length) {
  static std::mutex mutex;
  static std::vector<ModelBuffer> rows;
  const std::lock_guard lock(mutex);
  if (!rows.empty() && rows[0].size() == length) return rows;
  rows.clear();
  Rng rng(1);
  for (std::size_t i = 0; i < kInputs; ++i) {
    rows.push_back(ModelBuffer::uninitialized(length));
    for (float& value : rows.back().writable()) {
      // A sum of four parts: near enough to normal, quickly drawn, and as free of ties as models.
      const std::uint64_t bits = rng.next();
      const auto sum =
          (bits & 65535) + (bits >> 16 & 65535) + (bits >> 32 & 65535) + (bits >> 48 & 65535);
      value = (static_cast<float>(sum) - 131070.0F) / 37837.0F;
    }
  }
  return rows;
}

/// The bound: every value is loaded, nothing is stored.
HEARSAY_CLONES
std::uint32_t read_once(const std::uint32_t* values, std::size_t size) {
  std::uint32_t all = 0;
  for (std::size_t k = 0; k < size; ++k) all |= values[k];
  return all;
}

void read_all(benchmark::State& state) {
  const std::vector<ModelBuffer>& rows = inputs(static_cast<std::size_t>(state.range(0)));
  for (auto step : state) {
    for (const ModelBuffer& row : rows) {
      const auto* const values = reinterpret_cast<const std::uint32_t*>(row.values().data());
      benchmark::DoNotOptimize(read_once(values, row.size()));
    }
  }
}

void aggregate(benchmark::State& state, const AggregatorOptions& options) {
  const std::vector<ModelBuffer>& rows = inputs(static_cast<std::size_t>(state.range(0)));
  const std::size_t length = rows[0].size();
  // The rule itself: no conversion to updates, no guard.
  const std::unique_ptr<Aggregator> rule = make_pre_aggregated(
      std::visit([](const auto& chosen) { return make_aggregator(chosen); }, options.rule),
      options.pre);
  std::vector<ReceivedModel> received;
  for (std::size_t i = 1; i < kInputs; ++i) {
    received.push_back(
        {.sender = static_cast<PeerId>(i), .weight = 1.0 / kInputs, .values = rows[i].values()});
  }
  ParameterLayout layout;
  layout.add("x", {static_cast<std::int64_t>(length)}, TensorKind::kWeight);
  const Rng stream(1);
  const std::unique_ptr<AggregatorState> rule_state = rule->make_state();
  ModelBuffer result = ModelBuffer::zeros(length);
  for (auto step : state) {
    rule->aggregate({.own_weight = 1.0 / kInputs, .own = rows[0].values(), .received = received},
                    {.layout = layout, .stream = stream, .state = rule_state.get()},
                    result.writable());
  }
}

struct Named {
  std::string name;
  AggregatorOptions options;
};

std::vector<Named> rules() {
  const AggregationRule mean = MixingAverageOptions{};
  return {
      {"mean", {.rule = mean}},
      {"median", {.rule = MedianOptions{}}},
      {"trimmed_mean", {.rule = TrimmedMeanOptions{.f = kBad}}},
      {"meamed", {.rule = MeamedOptions{.f = kBad}}},
      {"phocas", {.rule = PhocasOptions{.f = kBad}}},
      {"krum", {.rule = KrumOptions{.f = kBad}}},
      {"multi_krum", {.rule = MultiKrumOptions{.f = kBad}}},
      {"bulyan, f = 7", {.rule = BulyanOptions{.f = 7}}},
      {"mda, f = 3", {.rule = MdaOptions{.f = 3}}},
      {"smea, f = 2", {.rule = SmeaOptions{.f = 2}}},
      {"caf", {.rule = CafOptions{.f = kBad}}},
      {"flag", {.rule = FlagOptions{}}},
      {"faba", {.rule = FabaOptions{.f = kBad}}},
      {"geometric_median, from zero, T = 3",
       {.rule = GeometricMedianOptions{.nu = 0.1, .iterations = 3, .start = StartPoint::kZero}}},
      {"geometric_median", {.rule = GeometricMedianOptions{}}},
      {"centered_clipping", {.rule = CenteredClippingOptions{.tau = 100.0}}},
      {"fltrust", {.rule = FltrustOptions{}}},
      {"cge", {.rule = CgeOptions{.f = kBad}}},
      {"aksel", {.rule = AkselOptions{.f = kBad}}},
      {"dnc", {.rule = DncOptions{.f = kBad}}},
      {"sign_guard", {.rule = SignGuardOptions{}}},
      {"clipped_clustering", {.rule = ClippedClusteringOptions{}}},
      {"nnm, then mean", {.rule = mean, .pre = {{NnmOptions{.f = kBad}}}}},
      {"bucketing, then mean", {.rule = mean, .pre = {{BucketingOptions{}}}}},
      {"clipping, then mean", {.rule = mean, .pre = {{ClippingOptions{}}}}},
      {"arc, then mean", {.rule = mean, .pre = {{ArcOptions{.f = kBad}}}}},
  };
}

constexpr const char* kBound = "read all inputs once";
constexpr std::int64_t kLengths[] = {1'000'000, 10'000'000};

/// Collects all results and prints them as one table.
class TableReporter final : public benchmark::ConsoleReporter {
 public:
  void ReportRuns(const std::vector<Run>& runs) override {
    ConsoleReporter::ReportRuns(runs);
    for (const Run& run : runs) {
      milliseconds_[run.run_name.function_name][{run.run_name.args, run.threads}] =
          run.GetAdjustedCPUTime();
    }
  }

  void Finalize() override {
    std::vector<std::string> names{kBound};
    for (const Named& rule : rules()) names.push_back(rule.name);
    std::printf("\n| %zu inputs, f = %d |", kInputs, kBad);
    for (const std::int64_t length : kLengths) {
      for (const int threads : {1, 2}) {
        std::printf(" d = %ld M, %d x 1 thread: ms | x read |",
                    static_cast<long>(length / 1'000'000), threads);
      }
    }
    std::printf("\n|---|---|---|---|---|---|---|---|---|\n");
    for (const std::string& name : names) {
      if (milliseconds_.contains(name)) print_row(name);
    }
  }

 private:
  using Column = std::pair<std::string, std::int64_t>;  // Length and threads.

  void print_row(const std::string& name) {
    std::printf("| %s |", name.c_str());
    for (const std::int64_t length : kLengths) {
      for (const std::int64_t threads : {1, 2}) {
        const Column column{std::to_string(length), threads};
        const double time = milliseconds_[name][column];
        std::printf(" %.1f | %.2f |", time, time / milliseconds_[kBound][column]);
      }
    }
    std::printf("\n");
  }

  std::map<std::string, std::map<Column, double>> milliseconds_;
};

template <class Run>
void add(const std::string& name, std::int64_t length, int threads, const Run& run) {
  benchmark::RegisterBenchmark(name.c_str(), run)
      ->Arg(length)
      ->Threads(threads)
      ->Unit(benchmark::kMillisecond)
      ->MinTime(0.3);
}

void add_all() {
  for (const std::int64_t length : kLengths) {
    for (const int threads : {1, 2}) {
      add(kBound, length, threads, read_all);
      for (const Named& rule : rules()) {
        add(rule.name, length, threads,
            [options = rule.options](benchmark::State& state) { aggregate(state, options); });
      }
    }
  }
}

}  // namespace
}  // namespace hearsay

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  hearsay::add_all();
  hearsay::TableReporter reporter;
  benchmark::RunSpecifiedBenchmarks(&reporter);
  benchmark::Shutdown();
  return 0;
}
