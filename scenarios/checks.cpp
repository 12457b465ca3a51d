#include "scenarios/checks.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "scenarios/fault_checks.hpp"
#include "scenarios/loader.hpp"
#include "scenarios/quantities.hpp"

namespace hearsay {
namespace {

/// Words the errors of one document.
class Checks {
 public:
  Checks(const Document& document, Scenario& scenario) : document_(document), scenario_(scenario) {}

  void run() {
    check_required();
    check_name();
    check_peers();
    check_data();
    check_layers();
    check_optimizer();
    check_local_work();
    check_aggregator();
    check_adversaries();
    check_world();
    check_fault_list();
    check_evaluation_times();
    check_evaluation();
    check_end();
    check_checkpoint();
  }

 private:
  [[noreturn]] void fail(std::string_view key_path, std::string_view message) const {
    document_.fail(document_.position_of(key_path), key_path, message);
  }

  void require(std::string_view key_path, std::string_view message) const {
    if (document_.find(key_path) == nullptr) fail(key_path, message);
  }

  bool has_objective() const { return has_own_objective(scenario_.model.kind); }

  std::string model_name() const {
    return std::visit([](const auto& chosen) { return std::string(chosen.kKind); },
                      scenario_.model.kind);
  }

  /// The kinds of a variant, but for one.
  template <class... Alternatives>
  static std::string kinds(const std::variant<Alternatives...>&, std::string_view but = "") {
    std::string text;
    for (const std::string_view name : {Alternatives::kKind...}) {
      if (name == but) continue;
      if (!text.empty()) text += ", ";
      text += name;
    }
    return text;
  }

  std::string data_kinds() const { return kinds(scenario_.data.source, NoDataOptions::kKind); }

  void check_required() const {
    require("name", "missing; every scenario has a name");
    require("peers", "missing; the number of peers");
    require("model.kind", "missing; valid kinds: " + kinds(scenario_.model.kind));
    if (!has_objective()) {
      require("data.kind", "missing; the model learns from data, valid kinds: " + data_kinds());
    }
  }

  void check_name() const {
    constexpr std::string_view kValid =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
    const std::string& name = scenario_.name;
    if (name.empty() || name.find_first_not_of(kValid) != std::string::npos || name == "." ||
        name == "..") {
      fail("name",
           "names a directory: letters, digits, dot, dash and underscore only, got " + shown(name));
    }
    if (name.size() > 200) fail("name", "names a directory: at most 200 characters");
  }

  void check_peers() const {
    if (scenario_.peers > kMaxPeers) {
      fail("peers", "must be at most " + std::to_string(kMaxPeers) + ", got " +
                        std::to_string(scenario_.peers));
    }
    if (const auto wrong = infeasible(scenario_.topology, scenario_.peers)) {
      fail("topology", *wrong);
    }
    const PeerSelector& holders = scenario_.data.holders;
    if (const auto wrong = infeasible(holders, scenario_.peers)) fail("data.holders", *wrong);
    if (holders.kind == PeerSelector::Kind::kRole) {
      fail("data.holders",
           "the holders decide who has which role, so they cannot be chosen by role");
    }
    const PeerSelector& tested = scenario_.evaluation.peers;
    if (const auto wrong = infeasible(tested, scenario_.peers)) fail("evaluation.peers", *wrong);
    if (const auto wrong = unmet_role(tested)) fail("evaluation.peers", *wrong);
  }

  /// What is wrong with a choice of peers, beside what infeasible() finds.
  std::optional<std::string> unmet_role(const PeerSelector& selector) const {
    if (selector.kind == PeerSelector::Kind::kRole &&
        selector.role == PeerSelector::Role::kRelays &&
        scenario_.data.holders.kind == PeerSelector::Kind::kAll) {
      return "no peer is a relay: data.holders is all";
    }
    return std::nullopt;
  }

  void check_data() const {
    if (has_objective() && scenario_.model.gain_correction) {
      fail("model.gain_correction", "the model brings its own objective and has no such weights");
    }
    const DataSource& source = scenario_.data.source;
    const bool no_data = std::holds_alternative<NoDataOptions>(source);
    if (has_objective() && !no_data) {
      fail("data.kind", "model " + model_name() + " has its own objective and takes no data");
    }
    if (has_objective() && scenario_.data.holders.kind != PeerSelector::Kind::kAll) {
      fail("data.holders",
           "model " + model_name() + " has its own objective and no samples to hold");
    }
    if (!has_objective() && no_data) {
      fail("data.kind", "the model learns from data, got none; valid kinds: " + data_kinds());
    }
    const bool images = std::holds_alternative<FashionMnistOptions>(source) ||
                        std::holds_alternative<IdxOptions>(source);
    if (std::holds_alternative<Lenet5Options>(scenario_.model.kind) && !images) {
      fail("data.kind", "model lenet5 needs images: fashion_mnist or idx");
    }
  }

  /// What only classifiers have, and what all peers must share.
  void check_layers() const {
    const ModelOptions& model = scenario_.model;
    const TrainingOptions& training = scenario_.training;
    const bool head_only = training.layers == TrainedLayers::kHead;
    const std::string no_layers = "model " + model_name() + " is no classifier and has no layers";
    if (has_objective() && model.pretraining) fail("model.pretraining", no_layers);
    if (has_objective() && head_only) fail("training.layers", no_layers);
    if (has_objective() && training.classes == TrainedClasses::kOwn) {
      fail("training.classes", no_layers);
    }
    if (model.pretraining) require("model.pretraining.classes", "missing; say which ones");
    if (model.init == Init::kIndependent && (head_only || model.pretraining)) {
      fail("model.init",
           "layers that are frozen or pre-trained are common to all peers, so init "
           "cannot be independent");
    }
    if (model.gain_correction && model.pretraining) {
      fail("model.gain_correction", "scales weights that are drawn, and pre-training draws none");
    }
  }

  void check_optimizer() const {
    if (has_objective() && !std::holds_alternative<SgdOptions>(scenario_.training.optimizer)) {
      fail("training.optimizer.kind", "model " + model_name() + " takes sgd only");
    }
  }

  void check_local_work() {
    TrainingOptions& training = scenario_.training;
    const bool steps_given = document_.find("training.local_steps") != nullptr;
    const bool epochs_given = document_.find("training.local_epochs") != nullptr;
    if (!steps_given && !epochs_given) training.local_steps = 1;
    if (training.local_steps > 0 && training.local_epochs > 0) {
      fail("training.local_epochs", "give either local_steps or local_epochs, not both");
    }
    if (training.local_steps == 0 && training.local_epochs == 0) {
      fail(steps_given ? "training.local_steps" : "training.local_epochs",
           "one of local_steps and local_epochs must be at least 1");
    }
    if (has_objective() && training.local_epochs > 0) {
      fail("training.local_epochs",
           "model " + model_name() + " has no data to pass over; use local_steps");
    }
  }

  void check_aggregator() const {
    if (!make_chosen(scenario_.aggregator)->needs_oracle()) return;
    const std::string rule = std::visit(
        [](const auto& chosen) { return std::string(chosen.kKind); }, scenario_.aggregator.rule);
    const std::string tries = rule + " tries models on samples that a peer holds out";
    if (has_objective()) {
      fail("aggregator.kind", tries + ", and the model brings its own objective");
    }
    if (scenario_.data.validation.value <= 0.0) {
      fail("data.validation", "must be above 0: aggregator " + tries);
    }
  }

  void check_adversaries() const {
    const auto mistake = infeasible(scenario_.adversaries, scenario_.peers, !has_objective());
    if (mistake) fail_adversary(*mistake);
    for (std::size_t i = 0; i < scenario_.adversaries.size(); ++i) {
      if (const auto wrong = unmet_role(scenario_.adversaries[i].peers)) {
        fail_adversary({.item = i, .key = "peers", .message = *wrong});
      }
    }
  }

  [[noreturn]] void fail_adversary(const AdversaryMistake& mistake) const {
    const DocumentNode& item = document_.find("adversaries")->value.items[mistake.item];
    const DocumentNode::Entry* entry = item.find(mistake.key);
    document_.fail(entry != nullptr ? entry->position : item.position,
                   "adversaries[" + std::to_string(mistake.item) + "]." + std::string(mistake.key),
                   mistake.message);
  }

  void check_world() const {
    if (const auto wrong = infeasible(scenario_.compute, scenario_.peers)) fail("compute", *wrong);
    if (const auto wrong = infeasible(scenario_.network, scenario_.peers)) fail("network", *wrong);
  }

  void check_fault_list() const {
    try {
      check_faults(scenario_.faults, scenario_.peers);
      check_roles_in_faults();
    } catch (const FaultMistake& mistake) {
      const DocumentNode& item = document_.find("faults")->value.items[mistake.item()];
      const DocumentNode::Entry* entry = item.find(mistake.key());
      document_.fail(entry != nullptr ? entry->position : item.position, mistake.path(),
                     mistake.message());
    }
  }

  void check_roles_in_faults() const {
    for (std::size_t i = 0; i < scenario_.faults.size(); ++i) {
      const Fault& fault = scenario_.faults[i];
      const PeerSelector* const selector = selector_of(fault);
      if (selector == nullptr) continue;
      if (const auto wrong = unmet_role(*selector)) {
        throw FaultMistake(i, selector_key(fault), *wrong);
      }
    }
  }

  std::string protocol_name() const {
    return std::visit([](const auto& chosen) { return std::string(chosen.kKind); },
                      scenario_.protocol);
  }

  bool has_common_rounds() const {
    return std::visit([](const auto& chosen) { return chosen.kCommonRounds; }, scenario_.protocol);
  }

  void check_evaluation_times() const {
    EvaluationOptions& evaluation = scenario_.evaluation;
    const bool by_time = evaluation.every > SimTime{};
    if (by_time && document_.find("evaluation.every_rounds") == nullptr) {
      evaluation.every_rounds = 0;
    }
    if (by_time && evaluation.every_rounds > 0) {
      fail("evaluation.every", "give either every_rounds or every, not both");
    }
    if (!by_time && !has_common_rounds()) {
      fail("evaluation.every", "missing; the peers of protocol " + protocol_name() +
                                   " share no rounds, so say after what virtual time to evaluate");
    }
    if (!by_time && evaluation.every_rounds == 0) {
      fail("evaluation.every_rounds", "one of every_rounds and every must be positive");
    }
    if (by_time && evaluation.before_mixing) {
      fail("evaluation.before_mixing", "goes by rounds; give every_rounds in place of every");
    }
  }

  void check_end() const {
    const int rounds =
        std::visit([](const auto& chosen) { return chosen.rounds; }, scenario_.protocol);
    if (rounds == 0 && scenario_.until == SimTime{}) {
      fail("until", "missing; with protocol.rounds 0 the run ends at a time, say when");
    }
  }

  void check_evaluation() const {
    const EvaluationOptions& evaluation = scenario_.evaluation;
    if (evaluation.local && has_objective()) {
      fail("evaluation.local", "model " + model_name() + " has no data to test on");
    }
    for (std::size_t i = 1; i < evaluation.targets.size(); ++i) {
      if (evaluation.targets[i] > evaluation.targets[i - 1]) continue;
      fail("evaluation.targets", "must ascend, got " + print_value(evaluation.targets[i - 1]) +
                                     " before " + print_value(evaluation.targets[i]));
    }
  }

  void check_checkpoint() const {
    const CheckpointOptions& checkpoint = scenario_.checkpoint;
    if (checkpoint.every_rounds > 0 && !has_common_rounds()) {
      fail("checkpoint.every_rounds",
           "the peers of protocol " + protocol_name() + " share no rounds; use checkpoint.every");
    }
    const bool is_saved = checkpoint.every_rounds > 0 || checkpoint.every > SimTime{};
    if (is_saved && std::holds_alternative<SimgridOptions>(scenario_.network)) {
      fail("checkpoint", "network simgrid cannot be saved; use links or shared");
    }
  }

  const Document& document_;
  Scenario& scenario_;
};

}  // namespace

void check_and_complete(const Document& document, Scenario& scenario) {
  Checks(document, scenario).run();
}

}  // namespace hearsay
