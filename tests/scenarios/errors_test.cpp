// One row per kind of mistake in a scenario file, with the exact message.

#include <gtest/gtest.h>

#include "node/base/rng.hpp"
#include "tests/scenarios/sample.hpp"

namespace hearsay {
namespace {

/// Lines after kLeast, so that they start in line 4.
struct Mistake {
  std::string lines;
  std::string message;
};

constexpr std::string_view kTopologies =
    "ring, complete, star, torus, random_regular, erdos_renyi, barabasi_albert, path, grid, "
    "barbell, random_geometric, one_peer_exponential, random_out";

void expect_errors(std::initializer_list<Mistake> mistakes) {
  for (const Mistake& mistake : mistakes) {
    EXPECT_EQ(error_of(std::string(kLeast).append(mistake.lines)), mistake.message)
        << mistake.lines;
  }
}

TEST(ScenarioErrors, SoundScenariosHaveNone) { EXPECT_EQ(error_of(kLeast), ""); }

TEST(ScenarioErrors, KeysMustBeKnown) {
  const std::string valid =
      "valid: name, seed, seeds, peers, topology, mixing, data, model, training, protocol, "
      "until, aggregator, codec, adversaries, compute, network, faults, evaluation, checkpoint";
  expect_errors({
      {"topolgy: {kind: ring}\n",
       "x.yaml:4:1: topolgy: unknown key; did you mean topology? " + valid},
      {"hosts: {seed: [1, 2]}\n", "x.yaml:4:1: hosts: unknown key; " + valid},
      {"seeds: {grph: 1}\n",
       "x.yaml:4:9: seeds.grph: unknown key; did you mean graph? "
       "valid: data, graph, init, training, attack, fault"},
      {"training:\n  optimizer:\n    kind: sgd\n    Lr: 1\n",
       "x.yaml:7:5: training.optimizer.Lr: unknown key; did you mean lr? "
       "valid: kind, lr, momentum, weight_decay, schedule"},
      {"codec: {kind: dense, ratio: 1%}\n", "x.yaml:4:22: codec.ratio: unknown key; valid: kind"},
      {"\"a\\nb\": 1\n", "x.yaml:4:1: a?b: unknown key; " + valid},
  });
}

TEST(ScenarioErrors, LayersAreFrozenInClassifiersThatShareThem) {
  expect_errors({
      {"training: {layers: head}\n",
       "x.yaml:4:12: training.layers: model quadratic is no classifier and has no layers"},
      {"training: {classes: own}\n",
       "x.yaml:4:12: training.classes: model quadratic is no classifier and has no layers"},
  });
  const auto error = [](const std::string& model, const std::string& training = "{}") {
    return error_of("name: q\npeers: 4\ndata: {kind: gaussian_mixture}\nmodel: " + model +
                    "\ntraining: " + training + "\n");
  };
  const std::string independent =
      " model.init: layers that are frozen or pre-trained are common to all peers, so init cannot "
      "be independent";
  EXPECT_EQ(error("{kind: mlp, pretraining: {classes: [1, 2]}}", "{layers: head}"), "");
  EXPECT_EQ(error("{kind: mlp, init: independent}", "{layers: head}").substr(12), independent);
  EXPECT_EQ(error("{kind: mlp, init: independent, pretraining: {classes: [1, 2]}}").substr(12),
            independent);
  EXPECT_EQ(error("{kind: mlp, gain_correction: true, pretraining: {classes: [1, 2]}}").substr(12),
            " model.gain_correction: scales weights that are drawn, and pre-training draws none");
  EXPECT_EQ(error("{kind: mlp, pretraining: {epochs: 1}}").substr(12),
            " model.pretraining.classes: missing; say which ones");
}

TEST(ScenarioErrors, EvaluationGoesByRoundsOrByTime) {
  expect_errors({
      {"evaluation: {every: 30s}\n", ""},
      {"evaluation: {every: 30s, every_rounds: 0}\n", ""},
      {"evaluation: {every: 30s, every_rounds: 5}\n",
       "x.yaml:4:14: evaluation.every: give either every_rounds or every, not both"},
      {"evaluation: {every_rounds: 0}\n",
       "x.yaml:4:14: evaluation.every_rounds: one of every_rounds and every must be positive"},
      {"evaluation: {every: 1s, before_mixing: true}\n",
       "x.yaml:4:25: evaluation.before_mixing: goes by rounds; give every_rounds in place of "
       "every"},
      {"until: -1s\n", "x.yaml:4:1: until: must be at least 0, got -1s"},
  });
}

TEST(ScenarioErrors, KeysMustBelongToTheChosenKind) {
  expect_errors({
      {"topology: {kind: ring, degree: 3}\n",
       "x.yaml:4:24: topology.degree: degree belongs to kind random_regular, random_out, not ring"},
      {"training: {optimizer: {kind: sgd, schedule: {kind: step, floor: 1}}}\n",
       "x.yaml:4:58: training.optimizer.schedule.floor: floor belongs to kind cosine, not step"},
      {"data: {path: /tmp, kind: none}\n",
       "x.yaml:4:8: data.path: path belongs to kind fashion_mnist, idx, not none"},
  });
}

TEST(ScenarioErrors, KeysMustBeGivenOnce) {
  expect_errors({
      {"peers: 5\n", "x.yaml:4:1: peers: given twice (first in line 2)"},
      {"compute:\n  kind: fixed\n  step_time: 1ms\n  step_time: 2ms\n",
       "x.yaml:7:3: compute.step_time: given twice (first in line 6)"},
      {"? {a: b}\n: 3\n", "x.yaml:4:3: a key must be a plain word"},
  });
}

TEST(ScenarioErrors, KindsMustBeGivenAndExist) {
  expect_errors({
      {"topology: {}\n",
       "x.yaml:4:1: topology.kind: missing; valid kinds: " + std::string(kTopologies)},
      {"topology: {degree: 3}\n",
       "x.yaml:4:1: topology.kind: missing; valid kinds: " + std::string(kTopologies)},
      {"topology: {knd: ring}\n",
       "x.yaml:4:12: topology.knd: unknown key; did you mean kind? "
       "valid: kind, rows, columns, degree, probability, connected, edges, "
       "bridge, radius, draw"},
      {"topology: {kind: rign}\n",
       "x.yaml:4:12: topology.kind: no choice \"rign\"; did you mean ring? valid: " +
           std::string(kTopologies)},
      {"topology: {kind: [ring]}\n",
       "x.yaml:4:12: topology.kind: expected one of " + std::string(kTopologies) + ", got a list"},
      {"topology: ring\n",
       "x.yaml:4:1: topology: expected a mapping, got \"ring\"; write {kind: ring}"},
      {"topology: mesh\n",
       "x.yaml:4:1: topology: expected a mapping, got \"mesh\"; write {kind: ...}, valid kinds: " +
           std::string(kTopologies)},
      {"codec: [dense]\n",
       "x.yaml:4:1: codec: expected a mapping, got a list; write {kind: ...}, valid kinds: dense"},
      {"codec:\n",
       "x.yaml:4:1: codec: expected a mapping, got nothing; write {kind: ...}, "
       "valid kinds: dense"},
  });
}

TEST(ScenarioErrors, TypesMustFit) {
  expect_errors({
      {"seed: one\n", "x.yaml:4:1: seed: expected an integer, got \"one\""},
      {"seed: 1.0\n", "x.yaml:4:1: seed: expected an integer, got \"1.0\""},
      {"seed: \"1\"\n",
       "x.yaml:4:1: seed: expected an integer, got text; drop the quotes around \"1\""},
      {"seed: [1]\n", "x.yaml:4:1: seed: expected an integer, got a list"},
      {"seed: {a: 1}\n", "x.yaml:4:1: seed: expected an integer, got a mapping"},
      {"seed:\n", "x.yaml:4:1: seed: expected an integer, got nothing"},
      {"seeds: 3\n", "x.yaml:4:1: seeds: expected a mapping, got \"3\""},
      {"evaluation: {targets: 0.5}\n",
       "x.yaml:4:14: evaluation.targets: expected a list, got \"0.5\"; write [0.5]"},
      {"evaluation: {targets: [0.5, x]}\n",
       "x.yaml:4:29: evaluation.targets[1]: expected a finite number, got \"x\""},
      {"evaluation: {local: yes}\n",
       "x.yaml:4:14: evaluation.local: expected true or false, got \"yes\""},
      {"evaluation: {samples: many}\n",
       "x.yaml:4:14: evaluation.samples: expected a number or all, got \"many\""},
      {"aggregator: {kind: mixing, variance_correction: {target: mine}}\n",
       "x.yaml:4:50: aggregator.variance_correction.target: no choice \"mine\"; valid: others, "
       "self, blend"},
      {"seed: " + std::string(70, 'x') + "\n",
       "x.yaml:4:1: seed: expected an integer, got \"" + std::string(60, 'x') + "\" and more"},
  });
}

TEST(ScenarioErrors, QuantitiesNeedTheirUnits) {
  expect_errors({
      {"network: {kind: links, latency: 20}\n",
       "x.yaml:4:24: network.latency: \"20\" has no unit (valid: ns, us, ms, s, min, h)"},
      {"network: {kind: links, latency: 5%}\n",
       "x.yaml:4:24: network.latency: unknown unit \"%\" in \"5%\" (valid: ns, us, ms, s, min, h)"},
      {"network: {kind: links, up: 10Mb}\n",
       "x.yaml:4:24: network.up: unknown unit \"Mb\" in \"10Mb\" (valid: B/s, kB/s, MB/s, GB/s, "
       "bit/s, kbit/s, Mbit/s, Gbit/s)"},
      {"network: {kind: links, loss: 20ms}\n",
       "x.yaml:4:24: network.loss: expected a share like 5% or 0.05, got \"20ms\""},
  });
}

TEST(ScenarioErrors, ValuesMustBeInRange) {
  expect_errors({
      {"training: {batch_size: 0}\n",
       "x.yaml:4:12: training.batch_size: must be at least 1, got 0"},
      {"training: {batch_size: 99999999999}\n",
       "x.yaml:4:12: training.batch_size: must be between -2147483648 and 2147483647, "
       "got 99999999999"},
      {"training: {optimizer: {kind: sgd, lr: 0}}\n",
       "x.yaml:4:35: training.optimizer.lr: must be above 0, got 0"},
      {"network: {kind: links, loss: 100%}\n",
       "x.yaml:4:24: network.loss: must be at least 0 and below 1, got 100%"},
      {"network: {kind: links, up: 0B/s}\n",
       "x.yaml:4:24: network.up: must be at least 1, got 0B/s"},
      {"network: {kind: links, latency: -1ms}\n",
       "x.yaml:4:24: network.latency: must be between 0 and 1e6, got -1ms"},
      {"network: {kind: shared, latency: 9000000000s}\n",
       "x.yaml:4:25: network.latency: must be between 0 and 1e6, got 9000000000s"},
      {"network: {kind: simgrid, latency: 9000000000s}\n",
       "x.yaml:4:26: network.latency: must be between 0 and 1e6, got 9000000000s"},
      {"compute: {kind: pareto, step_time: 2000000h}\n",
       "x.yaml:4:25: compute.step_time: must be between 0 and 1e6, got 2000000h"},
      {"evaluation: {targets: [0.5, 2]}\n",
       "x.yaml:4:29: evaluation.targets[1]: must be between 0 and 1, got 2"},
      {"evaluation: {samples: 0}\n", "x.yaml:4:14: evaluation.samples: must be at least 1, got 0"},
      {"seed: -1\n", "x.yaml:4:1: seed: must be between 0 and 18446744073709551615, got -1"},
  });
}

TEST(ScenarioErrors, SelectorsMustBeSound) {
  expect_errors({
      {"evaluation: {peers: some}\n",
       "x.yaml:4:14: evaluation.peers: expected all, a list like [0, 8-15], or {random: 20%}, "
       "got \"some\""},
      {"evaluation: {peers: [0, x]}\n",
       "x.yaml:4:25: evaluation.peers[1]: expected a peer like 3 or a range like 8-15, got \"x\""},
      {"evaluation: {peers: [3-1]}\n",
       "x.yaml:4:22: evaluation.peers[0]: a range ascends, got \"3-1\""},
      {"evaluation: {peers: {randm: 2}}\n",
       "x.yaml:4:22: evaluation.peers.randm: unknown key; did you mean random? "
       "valid: random, highest_degree, lowest_degree, highest_betweenness, lowest_betweenness, "
       "role"},
      {"evaluation: {peers: {random: 2, lowest_degree: 2}}\n",
       "x.yaml:4:14: evaluation.peers: expected one of random, highest_degree, lowest_degree, "
       "highest_betweenness, lowest_betweenness, role"},
      {"evaluation: {peers: {random: 150%}}\n",
       "x.yaml:4:22: evaluation.peers.random: expected a number of peers or a share like 20%, "
       "got \"150%\""},
      {"evaluation: {peers: {highest_betweenness: some}}\n",
       "x.yaml:4:22: evaluation.peers.highest_betweenness: expected a number of peers or a share "
       "like 20%, got \"some\""},
      {"evaluation: {peers: {role: relay}}\n",
       "x.yaml:4:22: evaluation.peers.role: no choice \"relay\"; did you mean relays? valid: "
       "data_holders, relays"},
      {"evaluation: {peers: {role: [relays]}}\n",
       "x.yaml:4:22: evaluation.peers.role: expected one of data_holders, relays, got a list"},
  });
}

TEST(ScenarioErrors, YamlMustBeSound) {
  expect_errors({
      {"a: [1, 2\nb: 3\n", "x.yaml:5:2: not valid YAML: end of sequence flow not found"},
      {"\tb: 3\n", "x.yaml:4:2: not valid YAML: end of map not found"},
      {"seed: *x\n", "x.yaml:4:7: not valid YAML: the referenced anchor is not defined"},
      {"seed: !!int 3\n", "x.yaml:4:7: seed: tags have no meaning here: \"tag:yaml.org,2002:int\""},
      {"---\nname: r\n", "x.yaml:4:1: a second YAML document"},
  });
  EXPECT_EQ(error_of(""), "x.yaml:1:1: the file is empty; a scenario starts with name:");
  EXPECT_EQ(error_of("# only this\n"),
            "x.yaml:1:1: the file is empty; a scenario starts with name:");
  EXPECT_EQ(error_of("- name\n"), "x.yaml:1:1: a scenario is a mapping and starts with name:");
  EXPECT_EQ(error_of("name\n"), "x.yaml:1:1: a scenario is a mapping and starts with name:");
}

TEST(ScenarioErrors, YamlMustNotExplode) {
  EXPECT_EQ(error_of(std::string(100'000, '[')), "x.yaml:1:1: nested too deeply (limit 64 levels)");
  EXPECT_EQ(error_of("a: &a [*a]\n"), "x.yaml:1:4: a: nested too deeply (limit 64 levels)");
  // Ten references to ten references to ...: 10^9 values in 9 lines.
  std::string bomb = "a0: &a0 [0]\n";
  for (int i = 1; i < 10; ++i) {
    const std::string reference = std::string("*a").append(std::to_string(i - 1));
    const std::string name = std::string("a").append(std::to_string(i));
    bomb.append(name).append(": &").append(name).append(" [").append(reference);
    for (int j = 1; j < 10; ++j) bomb.append(", ").append(reference);
    bomb += "]\n";
  }
  EXPECT_NE(error_of(bomb).find("too many values (limit 1000000)"), std::string::npos);
}

TEST(ScenarioErrors, DamageGivesOneLineThatNamesThePlace) {
  const std::string sound = resolved_yaml(least_with(""));
  Rng rng(3);
  int refused = 0;
  for (int i = 0; i < 1000; ++i) {
    std::string text = sound;
    for (std::uint64_t edits = rng.below(3) + 1; edits > 0; --edits) {
      const std::size_t at = rng.below(text.size());
      if (rng.below(2) == 0) text.erase(at, rng.below(5));
      if (rng.below(2) == 0) text.insert(at, 1, static_cast<char>(rng.below(256)));
      if (rng.below(4) == 0) text.insert(at, text.substr(rng.below(text.size()), 20));
      if (text.empty()) text.push_back('a');
    }
    const std::string message = error_of(text);
    if (message.empty()) continue;
    ++refused;
    EXPECT_TRUE(message.starts_with("x.yaml:")) << message;
    EXPECT_EQ(message.find('\n'), std::string::npos) << message;
  }
  EXPECT_GT(refused, 500);
}

TEST(ScenarioErrors, RequiredKeysMustBeThere) {
  EXPECT_EQ(error_of("peers: 4\n"), "x.yaml:1:1: name: missing; every scenario has a name");
  EXPECT_EQ(error_of("name: a\n"), "x.yaml:1:1: peers: missing; the number of peers");
  EXPECT_EQ(error_of("name: a\npeers: 4\n"),
            "x.yaml:1:1: model.kind: missing; valid kinds: lenet5, mlp, logistic, quadratic, "
            "least_squares, logistic_regression");
  EXPECT_EQ(error_of("name: a\npeers: 4\nmodel: {init: common}\n"),
            "x.yaml:3:1: model.kind: missing; valid kinds: lenet5, mlp, logistic, quadratic, "
            "least_squares, logistic_regression");
  EXPECT_EQ(error_of("name: a\npeers: 4\nmodel: {kind: mlp}\n"),
            "x.yaml:1:1: data.kind: missing; the model learns from data, valid kinds: "
            "fashion_mnist, idx, gaussian_mixture");
}

TEST(ScenarioErrors, NamesMustNameADirectory) {
  const auto named = [](const std::string& name) {
    return error_of("name: " + name + "\npeers: 4\nmodel: {kind: quadratic}\n");
  };
  EXPECT_EQ(named("a-B_3.x"), "");
  const std::string rule =
      "x.yaml:1:1: name: names a directory: letters, digits, dot, dash and underscore only, got ";
  EXPECT_EQ(named("a/b"), rule + "\"a/b\"");
  EXPECT_EQ(named("'a b'"), rule + "\"a b\"");
  EXPECT_EQ(named("''"), rule + "\"\"");
  EXPECT_EQ(named(".."), rule + "\"..\"");
  EXPECT_EQ(named(std::string(201, 'a')),
            "x.yaml:1:1: name: names a directory: at most 200 characters");
}

TEST(ScenarioErrors, PeersMustSuitTheTopology) {
  EXPECT_EQ(error_of(kLeast, {"peers=10000001"}),
            "-c peers=10000001: peers: must be at most 10000000, got 10000001");
  const TopologyOptions odd = RandomRegularOptions{.degree = 3};
  ASSERT_TRUE(infeasible(odd, 5).has_value());
  EXPECT_EQ(error_of("name: q\npeers: 5\nmodel: {kind: quadratic}\n"
                     "topology: {kind: random_regular, degree: 3}\n"),
            "x.yaml:4:1: topology: " + *infeasible(odd, 5));
  const PeerSelector many{.kind = PeerSelector::Kind::kRandom, .amount = std::int64_t{9}};
  ASSERT_TRUE(infeasible(many, 4).has_value());
  expect_errors({{"evaluation: {peers: {random: 9}}\n",
                  "x.yaml:4:14: evaluation.peers: " + *infeasible(many, 4)}});
}

TEST(ScenarioErrors, HoldersOfDataMustBeSound) {
  const auto data = [](const std::string& holders, const std::string& more = "") {
    return error_of(
        "name: a\npeers: 4\nmodel: {kind: mlp}\n"
        "data: {kind: gaussian_mixture, holders: " +
        holders + "}\n" + more);
  };
  const std::string relays = "evaluation: {peers: {role: relays}}\n";
  EXPECT_EQ(data("[0, 2-3]", relays), "");
  EXPECT_EQ(data("{random: 50%}", relays), "");
  EXPECT_EQ(data("all", "evaluation: {peers: {role: data_holders}}\n"), "");
  EXPECT_EQ(data("all", relays),
            "x.yaml:5:14: evaluation.peers: no peer is a relay: data.holders is all");
  EXPECT_EQ(data("[4]"), "x.yaml:4:32: data.holders: there is no peer 4; ids are 0 to 3");
  EXPECT_EQ(data("{role: relays}"),
            "x.yaml:4:32: data.holders: the holders decide who has which role, so they cannot be "
            "chosen by role");
  expect_errors({{"data: {kind: none, holders: [0]}\n",
                  "x.yaml:4:20: data.holders: model quadratic has its own objective and no samples "
                  "to hold"}});
}

TEST(ScenarioErrors, DataMustSuitTheModel) {
  const std::string mlp = "name: a\npeers: 4\nmodel: {kind: mlp}\n";
  const std::string lenet = "name: a\npeers: 4\nmodel: {kind: lenet5}\n";
  EXPECT_EQ(error_of(mlp + "data: {kind: gaussian_mixture}\n"), "");
  EXPECT_EQ(error_of(lenet + "data: {kind: idx}\n"), "");
  EXPECT_EQ(error_of(mlp + "data: {kind: none}\n"),
            "x.yaml:4:8: data.kind: the model learns from data, got none; valid kinds: "
            "fashion_mnist, idx, gaussian_mixture");
  EXPECT_EQ(error_of(lenet + "data: {kind: gaussian_mixture}\n"),
            "x.yaml:4:8: data.kind: model lenet5 needs images: fashion_mnist or idx");
  expect_errors({
      {"data: {kind: none}\n", ""},
      {"data: {kind: gaussian_mixture}\n",
       "x.yaml:4:8: data.kind: model quadratic has its own objective and takes no data"},
      {"evaluation: {local: true}\n",
       "x.yaml:4:14: evaluation.local: model quadratic has no data to test on"},
      {"evaluation: {before_mixing: true, mean_model: true}\n", ""},
  });
}

TEST(ScenarioErrors, LocalWorkIsStepsOrEpochs) {
  const std::string both = "one of local_steps and local_epochs must be at least 1";
  expect_errors({
      {"training: {local_steps: 3, local_epochs: 0}\n", ""},
      {"training: {local_steps: 3, local_epochs: 2}\n",
       "x.yaml:4:28: training.local_epochs: give either local_steps or local_epochs, not both"},
      {"training: {local_steps: 0}\n", "x.yaml:4:12: training.local_steps: " + both},
      {"training: {local_epochs: 0}\n", "x.yaml:4:12: training.local_epochs: " + both},
      {"training: {local_epochs: 2}\n",
       "x.yaml:4:12: training.local_epochs: model quadratic has no data to pass over; "
       "use local_steps"},
  });
}

TEST(ScenarioErrors, TheWorldMustBeSound) {
  expect_errors({
      {"compute: {kind: classes, shares: [0.5, 0.5], factors: [1]}\n",
       "x.yaml:4:1: compute: " +
           *infeasible(ComputeOptions(ClassesComputeOptions{.shares = {0.5, 0.5}, .factors = {1}}),
                       4)},
      {"network: {kind: shared, latency: 5ms, latency_matrix: a.csv}\n",
       "x.yaml:4:1: network: " +
           *infeasible(NetworkOptions(SharedOptions{
                           .passage = {.latency = SimTime{5'000'000}, .latency_matrix = "a.csv"}}),
                       4)},
      {"faults: [{at: 1s, crash: {role: relays}}]\n",
       "x.yaml:4:19: faults[0].crash: no peer is a relay: data.holders is all"},
  });
}

TEST(ScenarioErrors, WhatIsSavedMustBeSavable) {
  const std::string simgrid = "network: {kind: simgrid}\n";
  const std::string wrong =
      "x.yaml:5:1: checkpoint: network simgrid cannot be saved; use links or shared";
  expect_errors({
      {"network: {kind: shared}\ncheckpoint: {every_rounds: 1, every: 1s}\n", ""},
      {simgrid, ""},
      {simgrid + "checkpoint: {every_rounds: 0}\n", ""},
      {simgrid + "checkpoint: {every_rounds: 1}\n", wrong},
      {simgrid + "checkpoint: {every: 1s}\n", wrong},
  });
}

TEST(ScenarioErrors, TargetsMustAscend) {
  expect_errors({
      {"evaluation: {targets: [0.2, 0.5, 0.8]}\n", ""},
      {"evaluation: {targets: [0.2, 0.8, 0.5]}\n",
       "x.yaml:4:14: evaluation.targets: must ascend, got 0.8 before 0.5"},
      {"evaluation: {targets: [0.5, 0.5]}\n",
       "x.yaml:4:14: evaluation.targets: must ascend, got 0.5 before 0.5"},
  });
}

}  // namespace
}  // namespace hearsay
