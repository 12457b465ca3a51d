#include "tests/faults/random_world.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <variant>

#include "node/base/error.hpp"
#include "scenarios/experiment.hpp"
#include "tests/faults/small_fields.hpp"

namespace hearsay {
namespace {

constexpr double kVainRate = 1e-30;
constexpr int kMostDraws = 20;  // Of an item that fits to all others.
constexpr int kPeersOfFiles = 6;

std::string file_here(const std::string& name) {
  return std::string(HEARSAY_SOURCE_DIR) + "/tests/faults/" + name;
}

/// What can happen to a message on its way; `Network` is NetworkOptions, const or not.
template <class Network>
auto& passage_of(Network& network) {
  if (auto* const links = std::get_if<LinksOptions>(&network)) return links->passage;
  return std::get<SharedOptions>(network).passage;
}

template <class... Actions>
bool is_any_of(const FaultAction& action) {
  return (std::holds_alternative<Actions>(action) || ...);
}

bool is_average(const AggregationRule& rule) {
  return std::holds_alternative<MixingAverageOptions>(rule) ||
         std::holds_alternative<DecavgOptions>(rule);
}

// Whether all that a protocol does to models, beside training, is to average them. Push-sum
// divides by weights that may be small, which magnifies rounding.
bool averages(const ProtocolOptions& protocol) {
  constexpr std::array<std::string_view, 7> kAveraging = {"dpsgd",  "local",  "fedavg",  "fedasync",
                                                          "gossip", "modest", "relaysum"};
  return std::visit(
      [&](const auto& chosen) { return std::ranges::count(kAveraging, chosen.kKind) > 0; },
      protocol);
}

bool trains_in_vain(const Scenario& scenario) {
  return std::get<SgdOptions>(scenario.training.optimizer).lr == kVainRate;
}

bool can_be_built(const Scenario& scenario) {
  try {
    const Experiment experiment(scenario, choose_kernels(false));
    return true;
  } catch (const UserError&) {
    return false;
  }
}

/// Draws one scenario.
class Drawing {
 public:
  explicit Drawing(std::uint64_t seed)
      : rng_(Rng(seed).split("world")), num_peers_(3 + static_cast<int>(rng_.below(10))) {
    scenario_.name = "sweep_" + std::to_string(seed);
    scenario_.seed = seed;
    scenario_.seeds = {seed, seed, seed, seed, seed, seed};
    scenario_.peers = num_peers_;
  }

  Scenario draw() {
    draw_until_built([this] { draw_learning(); });
    draw_protocol_and_topology();
    draw_mixing();
    draw_compute();
    draw_until_built([this] { draw_network(); });
    if (one_in(8)) {
      make_mean_keeping();
    } else if (!one_in(5)) {
      draw_faults();
    }
    return scenario_;
  }

 private:
  bool one_in(std::uint64_t n) { return rng_.below(n) == 0; }

  template <class Draw>
  void draw_until_built(Draw draw) {
    do draw();
    while (!can_be_built(scenario_));
  }

  // Less for the own model would let eigenvalues of W fall below -1/3, where Exact Diffusion
  // diverges.
  void draw_mixing() {
    visit_.kind(scenario_.mixing);
    if (auto* const lazy = std::get_if<LazyMixingOptions>(&scenario_.mixing)) {
      lazy->self_weight = {0.5};
    }
  }

  void draw_learning() {
    SgdOptions sgd;
    visit_.kind(sgd.schedule);
    if (auto* const step = std::get_if<StepScheduleOptions>(&sgd.schedule)) {
      step->factor = std::min(step->factor, 1.0);  // A rate that grows does not stay vain.
    }
    sgd.lr = one_in(2) ? kVainRate : 0.05;
    sgd.momentum = one_in(2) ? 0.0 : 0.9;
    sgd.weight_decay = one_in(2) ? 0.0 : 0.01;
    scenario_.training = {.optimizer = sgd, .batch_size = 4};
    scenario_.training.local_steps = 1 + static_cast<int>(rng_.below(3));
    scenario_.data = {};
    scenario_.model.init = one_in(2) ? Init::kCommon : Init::kIndependent;
    draw_aggregator();
    visit_.kind(scenario_.codec);
    if (one_in(4)) {
      draw_classifier();
    } else {
      QuadraticOptions quadratic{.dimension = 1 + static_cast<int>(rng_.below(6))};
      visit_("hessian", quadratic.hessian, "");
      quadratic.gradient_noise = one_in(2) ? 0.0 : 0.1;
      scenario_.model.kind = quadratic;
    }
  }

  /// An average in most worlds; else any rule that tries no models on samples, which does without
  /// where too few models come.
  void draw_aggregator() {
    AggregatorOptions& aggregator = scenario_.aggregator;
    visit_("aggregator", aggregator, "");
    aggregator.space = SpaceChoice::kDefault;
    if (aggregator.on_infeasible == OnInfeasible::kError) {
      aggregator.on_infeasible = OnInfeasible::kSkip;
    }
    // LFighter takes classifiers only.
    const bool is_fit = !std::holds_alternative<LfighterOptions>(aggregator.rule) &&
                        !make_chosen(aggregator)->needs_oracle();
    if (is_fit && one_in(2)) return;
    aggregator.rule = AggregationRule{MixingAverageOptions{}};
    if (one_in(2)) aggregator.rule = DecavgOptions{};
  }

  void draw_classifier() {
    scenario_.model.kind = MlpOptions{.hidden = {4}};
    scenario_.data.source = GaussianMixtureOptions{
        .classes = 3, .features = 4, .train_samples = 90, .test_samples = 10};
    if (one_in(2)) {
      scenario_.data.partition = DirichletPartitionOptions{.alpha = 0.5, .min_samples = 1};
    }
    if (one_in(3)) {
      const auto last = static_cast<PeerId>(rng_.below(static_cast<std::uint64_t>(num_peers_)));
      scenario_.data.holders = {.kind = PeerSelector::Kind::kList, .ids = {{0, last}}};
    }
    if (one_in(3))
      scenario_.training.local_epochs = std::exchange(scenario_.training.local_steps, 0);
  }

  // Some protocols run on few graphs: those are looked for a while, then another is drawn.
  void draw_protocol_and_topology() {
    const TopologyOptions none = scenario_.topology;
    while (true) {
      scenario_.topology = none;
      draw_protocol();
      for (int draws = 0; draws < 5 * kMostDraws; ++draws) {
        visit_.kind(scenario_.topology);
        if (can_be_built(scenario_)) return;
      }
    }
  }

  void draw_protocol() {
    scenario_.until = {};
    scenario_.evaluation = {};
    visit_.kind(scenario_.protocol);
    const int rounds = 2 + static_cast<int>(rng_.below(7));
    std::visit([rounds](auto& protocol) { protocol.rounds = rounds; }, scenario_.protocol);
    const bool common =
        std::visit([](const auto& protocol) { return protocol.kCommonRounds; }, scenario_.protocol);
    if (!common || one_in(8)) {
      scenario_.until = {1 + static_cast<std::int64_t>(rng_.below(150'000'000))};
    }
    if (!common && one_in(2)) {
      std::visit([](auto& protocol) { protocol.rounds = 0; }, scenario_.protocol);
    }
    if (!common || one_in(8)) {
      scenario_.evaluation.every_rounds = 0;
      scenario_.evaluation.every = {20'000'000};
    }
  }

  void draw_compute() {
    do visit_.kind(scenario_.compute);
    while (std::holds_alternative<MeasuredComputeOptions>(scenario_.compute) ||
           std::holds_alternative<TraceComputeOptions>(scenario_.compute));
    if (num_peers_ == kPeersOfFiles && one_in(3)) {
      scenario_.compute = TraceComputeOptions{.file = file_here("step_times.csv")};
    }
  }

  void draw_network() {
    do visit_.kind(scenario_.network);
    while (std::holds_alternative<SimgridOptions>(scenario_.network));
    if (num_peers_ != kPeersOfFiles || one_in(2)) return;
    PassageOptions& passage = passage_of(scenario_.network);
    passage.latency = PassageOptions{}.latency;
    passage.geometric.reset();
    passage.latency_matrix = file_here("latencies.csv");
  }

  void draw_faults() {
    for (std::uint64_t left = 1 + rng_.below(6); left > 0; --left) {
      for (int draws = 0; draws < kMostDraws && !draw_fault(); ++draws) {
      }
    }
  }

  // Adds a fault, and maybe what ends it; nothing if it contradicts those that there are.
  bool draw_fault() {
    Fault fault;
    visit_.action(fault.action);
    if (auto* const trace = std::get_if<TraceFault>(&fault.action)) {
      trace->file = file_here("availability.csv");
    }
    scenario_.faults.push_back(fault);
    if (!can_be_built(scenario_)) {
      scenario_.faults.pop_back();
      return false;
    }
    if (one_in(2)) draw_end_of(fault);
    return true;
  }

  void draw_end_of(const Fault& fault) {
    SimTime later;
    visit_("at", later, above(0), "");
    Fault end;
    if (const auto* const crash = std::get_if<CrashFault>(&fault.action)) {
      end.action = RestartFault{.at = crash->at + later, .peers = crash->peers};
    } else if (const auto* const leave = std::get_if<LeaveFault>(&fault.action)) {
      end.action = JoinFault{.at = leave->at + later, .peers = leave->peers};
    } else if (const auto* const partition = std::get_if<PartitionFault>(&fault.action)) {
      end.action = HealFault{.at = partition->at + later};
    } else {
      return;
    }
    scenario_.faults.push_back(end);
    if (!can_be_built(scenario_)) scenario_.faults.pop_back();
  }

  void make_mean_keeping() {
    std::get<SgdOptions>(scenario_.training.optimizer).lr = kVainRate;
    scenario_.model.init = Init::kIndependent;
    scenario_.mixing = MetropolisHastingsOptions{};
    scenario_.aggregator = {.rule = MixingAverageOptions{}};
    const int rounds =
        std::visit([](const auto& protocol) { return protocol.rounds; }, scenario_.protocol);
    scenario_.protocol = DpsgdOptions{.rounds = std::max(2, rounds)};
    scenario_.until = {};
    PassageOptions& passage = passage_of(scenario_.network);
    passage.reorder = {};
    passage.retransmit = true;
    if (std::holds_alternative<SharedOptions>(scenario_.network)) passage.loss = {};
  }

  Rng rng_;
  int num_peers_;
  SmallFields visit_{rng_, num_peers_};
  Scenario scenario_;
};

}  // namespace

Scenario random_world(std::uint64_t seed) { return Drawing(seed).draw(); }

bool keeps_span(const Scenario& scenario) {
  return trains_in_vain(scenario) && averages(scenario.protocol) &&
         is_average(scenario.aggregator.rule) &&
         (scenario.model.init == Init::kCommon ||
          !scenario.aggregator.variance_correction.has_value());
}

bool keeps_mean(const Scenario& scenario) {
  const PassageOptions& passage = passage_of(scenario.network);
  const bool keeps_order =
      passage.reorder == Fraction{} &&
      (std::holds_alternative<LinksOptions>(scenario.network) || passage.loss == Fraction{});
  const auto* const protocol = std::get_if<DpsgdOptions>(&scenario.protocol);
  return trains_in_vain(scenario) && scenario.faults.empty() && !loses_messages(scenario) &&
         keeps_order && std::holds_alternative<MetropolisHastingsOptions>(scenario.mixing) &&
         std::holds_alternative<MixingAverageOptions>(scenario.aggregator.rule) &&
         !scenario.aggregator.variance_correction &&
         !std::holds_alternative<RandomOutOptions>(scenario.topology) && protocol != nullptr &&
         protocol->missing == MissingPolicy::kWait;
}

bool takes_peers_away(const Scenario& scenario) {
  return std::ranges::any_of(scenario.faults, [](const Fault& fault) {
    return is_any_of<CrashFault, RestartFault, LeaveFault, JoinFault, FlashCrowdFault,
                     RollingRestartFault, SessionsFault, TraceFault>(fault.action);
  });
}

bool loses_messages(const Scenario& scenario) {
  const PassageOptions& passage = passage_of(scenario.network);
  return (passage.loss.value > 0.0 && !passage.retransmit) ||
         std::ranges::any_of(scenario.faults, [](const Fault& fault) {
           return is_any_of<LinkDownFault, PartitionFault, OutageFault, CorruptFault>(fault.action);
         });
}

}  // namespace hearsay
