/// What every kind of network owes (network_model.hpp), with and without chance.

#include "node/world/networks.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <ostream>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "node/base/archive.hpp"
#include "node/base/rng.hpp"
#include "tests/world/network_driver.hpp"

namespace hearsay {
namespace {

constexpr int kPeers = 12;

struct Case {
  std::string name;
  NetworkOptions options;

  friend void PrintTo(const Case& tested, std::ostream* out) { *out << tested.name; }
};

std::vector<Sending> traffic(int count) {
  Rng rng(11);
  std::vector<Sending> sendings;
  for (int i = 0; i < count; ++i) {
    const auto from = static_cast<PeerId>(rng.below(kPeers));
    const auto step = static_cast<PeerId>(1 + rng.below(kPeers - 1));
    // Many at once, some together with arrivals.
    sendings.push_back({from, (from + step) % kPeers, static_cast<std::int64_t>(rng.below(20'000)),
                        ms(static_cast<double>(rng.below(200)) * 5)});
  }
  return sendings;
}

class EveryNetwork : public testing::TestWithParam<Case> {
 protected:
  std::unique_ptr<NetworkModel> network(std::uint64_t seed = 1) const {
    return make_network(GetParam().options, kPeers, Rng(seed));
  }
};

TEST_P(EveryNetwork, DeliversWhatIsNotLostAndNothingElse) {
  const auto model = network();
  NetworkDriver driver(traffic(600));
  std::map<std::pair<PeerId, std::uint64_t>, int> copies;
  for (const Received& reception : driver.run(*model)) {
    ++copies[{reception.from, reception.sequence}];
  }
  const auto lost = std::ranges::count(driver.fates(), Fate::kLost);
  EXPECT_EQ(static_cast<long>(copies.size()) + lost, 600);
  std::int64_t duplicates = 0;
  for (const auto& [message, count] : copies) duplicates += count - 1;
  EXPECT_EQ(model->use().duplicates, duplicates);
}

TEST_P(EveryNetwork, ArrivesNoSoonerThanItCan) {
  const auto model = network();
  NetworkDriver driver(traffic(600));
  const std::vector<Received> receptions = driver.run(*model);
  std::map<PeerId, std::vector<SimTime>> sent;
  for (const Sending& sending : driver.sendings()) sent[sending.from].push_back(sending.time);
  for (const Received& reception : receptions) {
    const SimTime start = sent[reception.from][reception.sequence - 1];
    EXPECT_GE(reception.left, start);
    EXPECT_GE(reception.arrived, reception.left);
    EXPECT_GE(reception.arrived, start + model->least_latency());
    EXPECT_GE(reception.received, reception.arrived);
  }
}

TEST_P(EveryNetwork, IsAFunctionOfItsSeedAndTheCalls) {
  const auto one = network();
  const auto same = network();
  NetworkDriver driver(traffic(300));
  NetworkDriver same_driver(traffic(300));
  EXPECT_EQ(driver.run(*one), same_driver.run(*same));
}

TEST_P(EveryNetwork, GoesOnAsBeforeAfterBeingSavedAndRestored) {
  const auto straight = network();
  NetworkDriver straight_driver(traffic(300));
  const std::vector<Received> expected = straight_driver.run(*straight);
  for (const int steps : {0, 1, 50, 173, 350, 480}) {
    const auto first = network();
    NetworkDriver driver(traffic(300));
    for (int step = 0; step < steps; ++step) ASSERT_TRUE(driver.step(*first));
    SavingArchive saving;
    first->persist(saving);
    const Snapshot snapshot = saving.take();
    const auto second = network();
    LoadingArchive loading(snapshot);
    second->persist(loading);
    loading.finish();
    EXPECT_EQ(driver.run(*second), expected) << "saved after step " << steps;
    const NetworkUse use = second->use();
    const NetworkUse expected_use = straight->use();
    EXPECT_EQ(use.retransmissions, expected_use.retransmissions);
    EXPECT_EQ(use.duplicates, expected_use.duplicates);
    EXPECT_EQ(use.busiest, expected_use.busiest);
    EXPECT_EQ(use.longest_wait, expected_use.longest_wait);
  }
}

PassageOptions chances() {
  return {.latency = ms(10),
          .geometric = GeometricOptions{.per_unit = ms(30)},
          .jitter = ms(7),
          .loss = {0.2},
          .retransmit = true,
          .retransmit_timeout = ms(60),
          .duplicate = {0.1},
          .reorder = {0.1},
          .reorder_delay = ms(40)};
}

/// Every alternative of the variant that has these options: as it comes, tight, and with
/// all that can happen.
template <class Options>
void add_cases(std::vector<Case>& cases) {
  const std::string kind(Options::kKind);
  if constexpr (requires(Options options) { options.passage; }) {
    cases.push_back({kind, Options{}});
    Options tight{.passage = {.latency = ms(5)}};
    tight.links = {.up = {1e6}, .down = {0.7e6}, .bandwidth_sigma = 0.4};
    cases.push_back({kind + "_tight", tight});
    Options lossy = tight;
    lossy.passage.loss = {0.3};
    cases.push_back({kind + "_lossy", lossy});
    Options chancy = tight;
    chancy.passage = chances();
    cases.push_back({kind + "_chancy", chancy});
    Options windows = chancy;
    windows.passage.tcp = TcpOptions{.initial_window = 2, .segment = 500, .least_timeout = ms(5)};
    cases.push_back({kind + "_tcp", windows});
    if constexpr (requires { chancy.sharing; }) {
      chancy.sharing = Sharing::kRtt;
      chancy.backbone = {3e6};
      chancy.model = FlowModel::kLv08;
      cases.push_back({kind + "_lv08", chancy});
    }
  }
}

template <class... Kinds>
std::vector<Case> cases_of(std::type_identity<std::variant<Kinds...>>) {
  std::vector<Case> cases;
  (add_cases<Kinds>(cases), ...);
  return cases;
}

INSTANTIATE_TEST_SUITE_P(Networks, EveryNetwork,
                         testing::ValuesIn(cases_of(std::type_identity<NetworkOptions>())),
                         [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace hearsay
