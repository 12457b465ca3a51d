#include "scenarios/loader.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "scenarios/document.hpp"
#include "scenarios/quantities.hpp"
#include "tests/scenarios/sample.hpp"
#include "tests/support/temporary_directory.hpp"

namespace hearsay {
namespace {

constexpr std::string_view kQuickstart = R"(
name: quickstart
seed: 1                                      # or seeds: {...}
peers: 16
topology: {kind: ring}
mixing: {kind: metropolis_hastings}
data:
  kind: fashion_mnist
  partition: {kind: dirichlet, alpha: 0.3}
model: {kind: lenet5, init: common}
training:
  optimizer: {kind: sgd, lr: 0.04, momentum: 0.9, weight_decay: 0.0}
  batch_size: 16
  local_steps: 10
protocol: {kind: dpsgd, rounds: 7}
aggregator: {kind: mixing, variance_correction: {target: others}}
codec: {kind: dense}
compute: {kind: fixed, step_time: 3ms}
network: {kind: links, latency: 21ms, up: 10MB/s, down: 50MB/s, loss: 5%}
evaluation: {every_rounds: 5, samples: 200, peers: [0, 3, 8-15], targets: [0.5, 0.8]}
)";

TEST(Loader, QuickstartLoadsWithItsValues) {
  const Scenario scenario = parse_scenario(kQuickstart, "x.yaml");
  Scenario expected;
  expected.name = "quickstart";
  expected.peers = 16;
  expected.topology = RingOptions{};
  expected.mixing = MetropolisHastingsOptions{};
  expected.data.source = FashionMnistOptions{};
  expected.data.partition = DirichletPartitionOptions{.alpha = 0.3};
  expected.model.kind = Lenet5Options{};
  expected.training.optimizer = SgdOptions{.lr = 0.04, .momentum = 0.9, .schedule = {}};
  expected.training.batch_size = 16;
  expected.training.local_steps = 10;
  expected.protocol = DpsgdOptions{.rounds = 7};
  expected.aggregator.variance_correction = VarianceCorrectionOptions{};
  expected.compute = FixedComputeOptions{.step_time = SimTime{3'000'000}};
  expected.network =
      LinksOptions{.passage = {.latency = SimTime{21'000'000}, .loss = Fraction{0.05}},
                   .links = {.up = Bandwidth{10e6}, .down = Bandwidth{50e6}}};
  expected.evaluation.every_rounds = 5;
  expected.evaluation.samples = Count{200};
  expected.evaluation.peers = {.kind = PeerSelector::Kind::kList, .ids = {{0, 0}, {3, 3}, {8, 15}}};
  expected.evaluation.targets = {0.5, 0.8};
  EXPECT_EQ(resolved_yaml(scenario), resolved_yaml(expected));
  EXPECT_EQ(scenario, expected);
}

TEST(Loader, AbsentKeysKeepTheirDefaults) {
  const Scenario scenario = least_with("");
  Scenario expected;
  expected.name = "q";
  expected.peers = 4;
  expected.model.kind = QuadraticOptions{};
  expected.training.local_steps = 1;
  EXPECT_EQ(scenario, expected);
}

TEST(Loader, EverySelectorFormIsRead) {
  const auto peers = [](std::string_view text) {
    return print_value(
        least_with("evaluation: {peers: " + std::string(text) + "}").evaluation.peers);
  };
  EXPECT_EQ(peers("all"), "all");
  EXPECT_EQ(peers("[0, 1-2, 3]"), "[0, 1-2, 3]");
  EXPECT_EQ(peers("{random: 20%}"), "{random: 20%}");
  EXPECT_EQ(peers("{random: 0.2}"), "{random: 20%}");
  EXPECT_EQ(peers("{highest_degree: 3}"), "{highest_degree: 3}");
  EXPECT_EQ(peers("{lowest_degree: 10%}"), "{lowest_degree: 10%}");
  EXPECT_EQ(peers("{highest_betweenness: 10%}"), "{highest_betweenness: 10%}");
  EXPECT_EQ(peers("{lowest_betweenness: 2}"), "{lowest_betweenness: 2}");
  EXPECT_EQ(peers("{role: data_holders}"), "{role: data_holders}");
}

TEST(Loader, LocalEpochsReplaceTheDefaultStep) {
  const Scenario scenario = parse_scenario(
      "name: a\npeers: 2\nmodel: {kind: mlp}\ndata: {kind: gaussian_mixture}\n"
      "training: {local_epochs: 2}\n",
      "x.yaml");
  EXPECT_EQ(scenario.training.local_epochs, 2);
  EXPECT_EQ(scenario.training.local_steps, 0);
}

TEST(Loader, SeedsFollowSeed) {
  const Scenario scenario = least_with("seed: 9\nseeds: {graph: 4}\n");
  const Seeds expected{.data = 9, .graph = 4, .init = 9, .training = 9, .attack = 9, .fault = 9};
  EXPECT_EQ(scenario.seeds, expected);
  EXPECT_EQ(scenario.seed, 9U);
}

TEST(Loader, SeedsFollowAnOverriddenSeed) {
  const Scenario scenario = least_with("seed: 9\nseeds: {graph: 4}\n", {"seed=11"});
  const Seeds expected{
      .data = 11, .graph = 4, .init = 11, .training = 11, .attack = 11, .fault = 11};
  EXPECT_EQ(scenario.seeds, expected);
}

TEST(Loader, AliasesRepeatAValue) {
  const Scenario scenario = least_with("seed: &s 5\nseeds: {graph: *s, data: 6}\n");
  EXPECT_EQ(scenario.seeds.graph, 5U);
  EXPECT_EQ(scenario.seeds.data, 6U);
}

TEST(Loader, DigestIgnoresOrderAndComments) {
  const Scenario one =
      parse_scenario("name: a\npeers: 4\nmodel: {kind: quadratic, spread: 2.0}\n", "x.yaml");
  const Scenario two = parse_scenario(
      "# Why\nmodel:\n  spread: 2\n  kind: quadratic\npeers: 4 # few\nname: a\n", "y.yaml");
  EXPECT_EQ(scenario_digest(one), scenario_digest(two));
  const Scenario three =
      parse_scenario("name: a\npeers: 4\nmodel: {kind: quadratic, spread: 2.5}\n", "x.yaml");
  EXPECT_NE(scenario_digest(one), scenario_digest(three));
}

class Overrides : public testing::Test {
 protected:
  static std::string error(const std::vector<std::string>& overrides) {
    return error_of(kLeast, overrides);
  }
};

TEST_F(Overrides, ReplaceAddAndCreate) {
  const Scenario scenario =
      least_with("training: {batch_size: 8}\n",
                 {"peers=6", "training.batch_size=64", "training.optimizer={kind: sgd, lr: 0.5}",
                  "compute.kind=fixed", "compute.step_time=7ms", "evaluation.targets=[0.1, 0.2]"});
  EXPECT_EQ(scenario.peers, 6);
  EXPECT_EQ(scenario.training.batch_size, 64);
  EXPECT_EQ(std::get<SgdOptions>(scenario.training.optimizer).lr, 0.5);
  EXPECT_EQ(std::get<FixedComputeOptions>(scenario.compute).step_time.nanoseconds, 7'000'000);
  EXPECT_EQ(scenario.evaluation.targets, (std::vector<double>{0.1, 0.2}));
}

TEST_F(Overrides, TheLastOneWins) { EXPECT_EQ(least_with("", {"peers=6", "peers=8"}).peers, 8); }

TEST_F(Overrides, OfAnAliasedValueLeaveItsOtherUseAlone) {
  Document document("a: &shared {k: 1}\nb: *shared\n", "x.yaml");
  document.apply_override("b.k=2");
  EXPECT_EQ(document.find("a.k")->value.text, "1");
  EXPECT_EQ(document.find("b.k")->value.text, "2");
}

TEST_F(Overrides, NullLeavesAnOptionalPartOut) {
  const Scenario scenario =
      least_with("aggregator: {kind: mixing, variance_correction: {target: others}}\n",
                 {"aggregator.variance_correction=null"});
  EXPECT_FALSE(scenario.aggregator.variance_correction.has_value());
}

TEST_F(Overrides, AreNamedInTheirErrors) {
  EXPECT_EQ(error({"peers=0"}), "-c peers=0: peers: must be at least 1, got 0");
  EXPECT_EQ(error({"compute={kind: fixd}"}),
            "-c compute={kind: fixd}: compute.kind: no choice \"fixd\"; did you mean fixed? "
            "valid: fixed, lognormal, homo, normal, exponential, classes, pareto, "
            "gilbert_elliott, trace, measured");
  EXPECT_EQ(error({"peers=[1"}),
            "-c peers=[1: peers: not valid YAML: end of sequence flow not found");
  EXPECT_EQ(error({"seeds={graph: 1, graph: 2}"}),
            "-c seeds={graph: 1, graph: 2}: seeds.graph: given twice (first in line 1)");
  EXPECT_EQ(error({"network.latency=1ms"}),
            "-c network.latency=1ms: network.kind: missing; valid kinds: links, shared, simgrid");
}

TEST_F(Overrides, MustHaveAPathAndAValue) {
  for (const char* text : {"peers", "=3", ".peers=3", "peers.=3", "a..b=3"}) {
    EXPECT_EQ(error({text}), "-c " + std::string(text) + ": expected key.path=value");
  }
  EXPECT_EQ(error({"name.x=3"}), "-c name.x=3: name: is no mapping, so it has no key x");
}

TEST_F(Overrides, OfAKindKeepTheOtherKeysOfTheFile) {
  const std::string text = std::string(kLeast) + "topology: {kind: random_regular, degree: 2}\n";
  EXPECT_EQ(
      error_of(text, {"topology.kind=ring"}),
      "x.yaml:4:34: topology.degree: degree belongs to kind random_regular, random_out, not ring");
}

class ScenarioFile : public testing::Test {
 protected:
  std::string error(const std::filesystem::path& path) {
    try {
      load_scenario(path);
    } catch (const UserError& error) {
      return error.what();
    }
    return "";
  }

  const TemporaryDirectory temporary_;
  const std::filesystem::path& folder_ = temporary_.path();
};

TEST_F(ScenarioFile, IsReadAndNamedInErrors) {
  const std::filesystem::path path = folder_ / "a.yaml";
  std::ofstream(path) << kLeast;
  EXPECT_EQ(load_scenario(path), least_with(""));
  std::ofstream(path) << kLeast << "seed: x\n";
  EXPECT_EQ(error(path), path.string() + ":4:1: seed: expected an integer, got \"x\"");
}

TEST_F(ScenarioFile, MustExistAndBeAFile) {
  const std::filesystem::path missing = folder_ / "b.yaml";
  EXPECT_EQ(error(missing), missing.string() + ": cannot be opened (No such file or directory)");
  EXPECT_EQ(error(folder_), folder_.string() + ": is a directory, expected a scenario file");
}

TEST_F(ScenarioFile, MustNotBeHuge) {
  const std::filesystem::path path = folder_ / "c.yaml";
  std::ofstream(path) << "#";
  std::filesystem::resize_file(path, (std::uintmax_t{16} << 20) + 1);
  EXPECT_EQ(error(path), path.string() + ": larger than 16 MiB, which no scenario is");
}

}  // namespace
}  // namespace hearsay
