// Every protocol with a tenth of the messages lost while a fifth of the peers come and go.
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "scenarios/loader.hpp"
#include "tests/faults/sweep_run.hpp"

namespace hearsay {
namespace {

constexpr const char* kWorld = R"(
name: loss_and_churn
peers: 20
model: {kind: quadratic, dimension: 4, condition: 4}
training: {optimizer: {kind: sgd, lr: 0.1}, local_steps: 1}
network: {kind: links, latency: 2ms, loss: 10%}
faults:
  - {sessions: {kind: exponential, mean: 200ms, off: 50ms}, peers: [3, 7, 11, 15], until: 5s}
)";

constexpr const char* kRandom = "{kind: random_regular, degree: 4}";
constexpr const char* kStar = "{kind: star}";
constexpr const char* kByRounds = "evaluation={every_rounds: 10}";
constexpr const char* kByTime = "evaluation={every: 100ms}";

// Topology and settings by kind, with the kind's own policy for who is not heard.
const std::map<std::string, std::pair<std::string, std::string>>& settings() {
  static const std::map<std::string, std::pair<std::string, std::string>> by_kind = {
      {"dpsgd", {kRandom, "rounds: 60, missing: drop, timeout: 20ms"}},
      {"gossip", {kRandom, "rounds: 60, period: 10ms"}},
      {"ad_psgd", {kRandom, "rounds: 60, timeout: 20ms"}},
      {"modest",
       {"{kind: complete}",
        "rounds: 0, sample_size: 5, aggregators: 2, ping_timeout: 10ms, inactive_rounds: 20, "
        "aggregation_timeout: 30ms, rejoin: 200ms"}},
      {"sgp", {kRandom, "rounds: 60, timeout: 20ms"}},
      {"local", {kRandom, "rounds: 60"}},
      {"fedavg", {kStar, "rounds: 60, missing: drop, timeout: 30ms"}},
      {"fedasync", {kStar, "rounds: 200, timeout: 30ms"}},
      {"fedbuff", {kStar, "rounds: 50, buffer: 4, timeout: 30ms"}},
      {"fedcompass", {kStar, "rounds: 50, q_min: 2, q_max: 8, timeout: 50ms"}},
      {"compass_gossip", {kRandom, "rounds: 60, q_min: 2, q_max: 8"}},
      {"gradient_tracking", {kRandom, "rounds: 60, missing: drop, timeout: 20ms"}},
      {"exact_diffusion", {kRandom, "rounds: 60, missing: drop, timeout: 20ms"}},
      {"extra", {kRandom, "rounds: 60, missing: drop, timeout: 20ms"}},
      {"qg_dsgdm", {kRandom, "rounds: 60, missing: drop, timeout: 20ms"}},
      {"relaysum", {kRandom, "rounds: 60, missing: drop, timeout: 20ms"}},
      {"a2cid2", {kRandom, "rounds: 60, timeout: 20ms"}},
      {"dadao", {kRandom, "rounds: 60, period: 10ms, timeout: 20ms"}}};
  return by_kind;
}

struct ProtocolCase {
  std::string kind;
  bool common_rounds = false;
};

template <std::size_t... I>
std::vector<ProtocolCase> all_protocols(std::index_sequence<I...>) {
  return {ProtocolCase{std::string(std::variant_alternative_t<I, ProtocolOptions>::kKind),
                       std::variant_alternative_t<I, ProtocolOptions>::kCommonRounds}...};
}

class LossAndChurn : public testing::TestWithParam<ProtocolCase> {
 protected:
  static Scenario scenario() {
    const ProtocolCase& chosen = GetParam();
    const auto& [topology, options] = settings().at(chosen.kind);
    std::vector<std::string> overrides = {"topology=" + topology,
                                          "protocol={kind: " + chosen.kind + ", " + options + "}",
                                          chosen.common_rounds ? kByRounds : kByTime};
    overrides.push_back(chosen.common_rounds ? "until=20s" : "until=2s");
    return parse_scenario(kWorld, "loss_and_churn", overrides);
  }
};

TEST_P(LossAndChurn, EndsWithAllInvariantsKept) {
  const SweepResult result = run_checked(scenario());
  EXPECT_EQ(result.complaints, std::vector<std::string>{}) << result.report;
  EXPECT_EQ(result.outcome.status, SimulationOutcome::Status::kDone) << result.report;
  EXPECT_GT(result.outcome.totals.steps, 200);
  if (GetParam().kind == "local") return;
  const auto& totals = result.outcome.totals;
  const double lost =
      static_cast<double>(totals.messages_lost) / static_cast<double>(totals.messages_sent);
  EXPECT_GT(lost, 0.08);
}

TEST_P(LossAndChurn, ResumedEqualsTheStraightRun) {
  const Scenario whole = scenario();
  const SweepResult straight = run_sweep(whole, {});
  for (const int part : {1, 2, 3}) {
    const SimTime save_at{straight.outcome.end.nanoseconds / 4 * part + 1};
    const SweepResult first = run_sweep(whole, {.workers = 2, .save_at = save_at});
    ASSERT_EQ(first.outcome.status, SimulationOutcome::Status::kInterrupted);
    EXPECT_EQ(run_sweep(whole, {.resume_from = &first.saved}).report, straight.report)
        << "saved at " << save_at.nanoseconds << " ns";
  }
}

INSTANTIATE_TEST_SUITE_P(Protocols, LossAndChurn,
                         testing::ValuesIn(all_protocols(
                             std::make_index_sequence<std::variant_size_v<ProtocolOptions>>())),
                         [](const auto& info) { return info.param.kind; });

}  // namespace
}  // namespace hearsay
