/// What aggregation rules cost beside one pass over their inputs: 32 vectors of 1,000,000 and
/// 10,000,000 floats, one call on one thread and two calls at once on two. Google Benchmark
/// (see --help for its options; --benchmark_filter picks rules and sizes), with processor time
/// of the calling threads. At the end a table in Markdown: milliseconds per call, as multiples of
/// reading all inputs once and of the mean, and ByzFL's times beside. --table=FILE writes it into
/// a file, with a preface.
/// A call runs on one thread: simulations run as many calls at once as they have workers.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <compare>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <mutex>
#include <sstream>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "aggregators/aggregators.hpp"
#include "aggregators/instruction_sets.hpp"
#include "node/base/model_buffer.hpp"
#include "node/base/rng.hpp"

namespace hearsay {
namespace {

constexpr const char* kMean = "mean";
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
      {kMean, {.rule = mean}},
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
      {"monna", {.rule = MonnaOptions{.f = kBad}}},
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

/// A length and a number of calls at once.
struct Column {
  std::int64_t length = 0;
  std::int64_t calls = 1;

  friend auto operator<=>(const Column&, const Column&) = default;
};

constexpr Column kColumns[] = {{1'000'000, 1}, {1'000'000, 2}, {10'000'000, 1}, {10'000'000, 2}};

/// What ByzFL (commit 69bd1ac, torch backend) needs for the same call, in milliseconds, medians of
/// three: d = 1 M on one thread and on two, d = 10 M on two; 0: not known. Measured on an AMD
/// EPYC (Zen 5, AVX-512) of two cores. Its clipping and ARC change their inputs in place.
struct Byzfl {
  const char* rule;
  double one = 0.0;
  double two = 0.0;
  double long_two = 0.0;
};

constexpr Byzfl kByzfl[] = {
    {kMean, 8.4, 10.6, 90},
    {"median", 1055, 548, 6496},
    {"trimmed_mean", 1056, 545, 6034},
    {"meamed", 3049, 1535, 0},
    {"krum", 345, 260, 2658},
    {"multi_krum", 402, 299, 2716},
    {"caf", 908, 680, 0},
    {"monna", 269, 185, 2221},
    {"geometric_median, from zero, T = 3", 586, 389, 4755},
    {"centered_clipping", 139, 116, 1015},
    {"nnm, then mean", 3061, 1788, 0},
    {"bucketing, then mean", 116, 91, 709},
    {"clipping, then mean", 12.7, 10.6, 0},
    {"arc, then mean", 12.0, 14.1, 0},
};

/// Collects all results and writes them as one table.
class TableReporter final : public benchmark::ConsoleReporter {
 public:
  /// `path`: where the table goes; empty: behind the other output.
  explicit TableReporter(std::string path) : path_(std::move(path)) {}

  void ReportRuns(const std::vector<Run>& runs) override {
    ConsoleReporter::ReportRuns(runs);
    for (const Run& run : runs) {
      milliseconds_[run.run_name.function_name][{std::stoll(run.run_name.args), run.threads}] =
          run.GetAdjustedCPUTime();
    }
  }

  void Finalize() override {
    std::ostringstream text;
    text.precision(1);
    text.setf(std::ios::fixed);
    if (!path_.empty()) write_preface(text);
    write_table(text);
    if (path_.empty()) {
      std::printf("\n%s", text.str().c_str());
      return;
    }
    std::ofstream file(path_);
    file << text.str();
    file.close();
    if (!file) std::fprintf(stderr, "%s: cannot be written\n", path_.c_str());
  }

 private:
  static void write_preface(std::ostream& out);

  void write_table(std::ostream& out) const {
    out << "| " << kInputs << " inputs, f = " << kBad << " |";
    for (const Column& column : kColumns) {
      out << " d = " << column.length / 1'000'000 << " M, " << column.calls
          << (column.calls == 1 ? " call: ms" : " calls: ms") << " | x read | x mean |";
    }
    out << " ByzFL, 1 M, 1 thread: ms | faster by | 1 M, 2 threads: ms | by |"
           " 10 M, 2 threads: ms | by |\n|---";
    for (std::size_t k = 0; k < 3 * std::size(kColumns) + 6; ++k) out << "|---";
    out << "|\n";
    write_row(out, kBound);
    for (const Named& rule : rules()) write_row(out, rule.name);
  }

  /// Nothing for what was not measured.
  void write_row(std::ostream& out, const std::string& name) const {
    if (!milliseconds_.contains(name)) return;
    out << "| " << name << " |";
    for (const Column& column : kColumns) {
      const double time = time_of(name, column);
      write(out, time);
      write(out, ratio(time, time_of(kBound, column)));
      write(out, ratio(time, time_of(kMean, column)));
    }
    const auto* const known =
        std::ranges::find_if(kByzfl, [&](const Byzfl& byzfl) { return name == byzfl.rule; });
    const Byzfl theirs = known == std::end(kByzfl) ? Byzfl{} : *known;
    write(out, theirs.one);
    write(out, ratio(theirs.one, time_of(name, kColumns[0])));
    // Two threads do two calls here, one there.
    write(out, theirs.two);
    write(out, ratio(theirs.two, time_of(name, kColumns[1]) / 2.0));
    write(out, theirs.long_two);
    write(out, ratio(theirs.long_two, time_of(name, kColumns[3]) / 2.0));
    out << "\n";
  }

  static void write(std::ostream& out, double number) {
    if (number > 0.0) out << " " << number;
    out << " |";
  }

  static double ratio(double part, double whole) { return whole > 0.0 ? part / whole : 0.0; }

  double time_of(const std::string& name, const Column& column) const {
    const auto times = milliseconds_.find(name);
    if (times == milliseconds_.end()) return 0.0;
    const auto time = times->second.find(column);
    return time == times->second.end() ? 0.0 : time->second;
  }

  std::string path_;
  std::map<std::string, std::map<Column, double>> milliseconds_;
};

/// Value of the first line "key : value" of /proc/cpuinfo.
std::string processor() {
  std::ifstream file("/proc/cpuinfo");
  std::string line;
  while (std::getline(file, line)) {
    if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
  }
  return "unknown processor";
}

void TableReporter::write_preface(std::ostream& out) {
  double load = 0.0;
  getloadavg(&load, 1);
  const std::time_t now = std::time(nullptr);
  char date[16];
  std::strftime(date, sizeof(date), "%Y-%m-%d", std::gmtime(&now));
  out << "# Aggregation rules\n\n"
         "Made with `build/bench/aggregation_bench --table=results/reference/aggregation.md`: "
      << kInputs << " vectors\nof d float32 values, f = " << kBad
      << " unless said, processor time of the calling thread per call. A call runs\non one "
         "thread; \"2 calls\" are two of them at once on two threads, time of each.\n\n"
         "* "
      << processor() << ", " << std::thread::hardware_concurrency() << " processors, GNU "
      << __VERSION__ << ", " << date << ", load average " << load
      << " at the end\n"
         "* \"x read\": over a loop that loads every value once and stores nothing; \"x mean\": "
         "over the mean,\n  which writes its result, too\n"
         "* ByzFL: commit 69bd1ac, torch backend, medians of three on an AMD EPYC (Zen 5, "
         "AVX-512) with two cores;\n  \"by\": its time over ours, for two threads over half of "
         "ours, since ours are two calls. Its clipping\n  and ARC change their inputs in place; "
         "NNM at 10 M runs out of memory there.\n\n";
}

/// Takes `--table=FILE` out of the arguments; empty if it is not there.
std::string take_table_path(int& argc, char** argv) {
  constexpr std::string_view kFlag = "--table=";
  std::string path;
  int kept = 0;
  for (int i = 0; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument.starts_with(kFlag)) {
      path = argument.substr(kFlag.size());
    } else {
      argv[kept++] = argv[i];
    }
  }
  argc = kept;
  return path;
}

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
  const std::string table = hearsay::take_table_path(argc, argv);
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  hearsay::add_all();
  hearsay::TableReporter reporter(table);
  benchmark::RunSpecifiedBenchmarks(&reporter);
  benchmark::Shutdown();
  return 0;
}
