#include "node/world/fair_shares.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <vector>

#include "node/base/archive.hpp"
#include "node/base/rng.hpp"
#include "tests/reference/reference_shares.hpp"

namespace hearsay {
namespace {

/// Flows that come and go at random over random links of random capacities.
class RandomTraffic {
 public:
  RandomTraffic(int num_links, Rng rng) : rng_(rng) {
    for (int link = 0; link < num_links; ++link) {
      // Some capacities are equal, so that levels are.
      capacities_.push_back(static_cast<double>(1 + rng_.below(4)) * 1e5);
      if (rng_.below(2) == 0) capacities_.back() *= 0.5 + rng_.uniform();
    }
  }

  const std::vector<double>& capacities() const { return capacities_; }
  const std::map<std::int32_t, ReferenceFlow>& flows() const { return flows_; }

  void change(FairShares& shares) {
    if (!flows_.empty() && rng_.below(5) < 2) {
      const auto gone = std::next(flows_.begin(), static_cast<long>(rng_.below(flows_.size())));
      shares.remove(gone->first);
      flows_.erase(gone);
      return;
    }
    std::int32_t number = 0;
    while (flows_.contains(number)) ++number;
    ReferenceFlow flow{.weight = rng_.below(2) == 0 ? 1.0 : 0.1 + 10.0 * rng_.uniform()};
    FairShares::Path path{shares.none(), shares.none(), shares.none()};
    const std::uint64_t length = 1 + rng_.below(3);
    while (flow.links.size() < length) {
      const auto link = static_cast<std::int32_t>(rng_.below(capacities_.size()));
      if (std::ranges::find(flow.links, link) != flow.links.end()) continue;
      path[flow.links.size()] = link;
      flow.links.push_back(link);
    }
    shares.add(number, flow.weight, path);
    flows_[number] = flow;
  }

 private:
  Rng rng_;
  std::vector<double> capacities_;
  std::map<std::int32_t, ReferenceFlow> flows_;
};

/// Asserts that every link carries no more than it can, and that every flow has a link
/// that is full and gives no flow more per weight.
void expect_max_min_fair(const FairShares& shares, const RandomTraffic& traffic) {
  std::vector<double> load(traffic.capacities().size());
  std::vector<double> highest(traffic.capacities().size());
  for (const auto& [number, flow] : traffic.flows()) {
    const double rate = shares.rate(number);
    ASSERT_GT(rate, 0.0);
    for (const int link : flow.links) {
      auto& most = highest[static_cast<std::size_t>(link)];
      most = std::max(most, rate / flow.weight);
      load[static_cast<std::size_t>(link)] += rate;
    }
  }
  for (std::size_t link = 0; link < load.size(); ++link) {
    ASSERT_LE(load[link], traffic.capacities()[link] * (1 + 1e-9)) << "link " << link;
  }
  for (const auto& [number, flow] : traffic.flows()) {
    const bool has_bottleneck = std::ranges::any_of(flow.links, [&, n = number](int link) {
      const auto l = static_cast<std::size_t>(link);
      return load[l] >= traffic.capacities()[l] * (1 - 1e-9) &&
             shares.rate(n) / traffic.flows().at(n).weight >= highest[l] * (1 - 1e-9);
    });
    ASSERT_TRUE(has_bottleneck) << "flow " << number;
  }
}

void expect_reference_rates(const FairShares& shares, const RandomTraffic& traffic) {
  std::vector<ReferenceFlow> flows;
  for (const auto& [number, flow] : traffic.flows()) flows.push_back(flow);
  const std::vector<double> expected = reference_shares(traffic.capacities(), flows);
  std::size_t next = 0;
  for (const auto& [number, flow] : traffic.flows()) {
    ASSERT_NEAR(shares.rate(number) / expected[next], 1.0, 1e-9) << "flow " << number;
    ++next;
  }
}

TEST(FairShares, AreMaxMinFairAndThoseOfTheReferenceAfterEveryChange) {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    RandomTraffic traffic(static_cast<int>(3 + seed % 22), Rng(seed));
    FairShares shares(traffic.capacities());
    for (int change = 0; change < 120; ++change) {
      traffic.change(shares);
      shares.update();
      ASSERT_NO_FATAL_FAILURE(expect_max_min_fair(shares, traffic)) << "seed " << seed;
      ASSERT_NO_FATAL_FAILURE(expect_reference_rates(shares, traffic)) << "seed " << seed;
    }
  }
}

TEST(FairShares, TakeManyChangesAtOnce) {
  for (std::uint64_t seed = 100; seed < 130; ++seed) {
    RandomTraffic traffic(30, Rng(seed));
    FairShares shares(traffic.capacities());
    for (int batch = 0; batch < 10; ++batch) {
      for (int change = 0; change < 40; ++change) traffic.change(shares);
      shares.update();
      ASSERT_NO_FATAL_FAILURE(expect_max_min_fair(shares, traffic)) << "seed " << seed;
      ASSERT_NO_FATAL_FAILURE(expect_reference_rates(shares, traffic)) << "seed " << seed;
    }
  }
}

TEST(FairShares, AChangeReachesOnlyWhatDependsOnIt) {
  // Pairs of links with two flows over both: no pair knows of another.
  FairShares shares({5, 6, 7, 8, 9, 10});
  const std::int32_t none = shares.none();
  for (std::int32_t flow = 0; flow < 6; ++flow) {
    shares.add(flow, 1.0, {flow / 2 * 2, flow / 2 * 2 + 1, none});
  }
  shares.update();
  EXPECT_EQ(shares.changed().size(), 6U);
  shares.remove(2);
  shares.update();
  EXPECT_EQ(std::vector<std::int32_t>(shares.changed().begin(), shares.changed().end()),
            (std::vector<std::int32_t>{2, 3}));
  EXPECT_EQ(shares.rate(3), 7.0);
  EXPECT_EQ(shares.rate(0), 2.5);
}

TEST(FairShares, GiveWhatOthersCannotUseToThoseThatCan) {
  // Link 0 of 3 has flows 0, 1, 2; flow 0 is held to 0.4 by link 1. The other two share
  // the remaining 2.6 as 1 : 4, at a level of 0.52.
  FairShares shares({3.0, 0.4});
  shares.add(0, 1.0, {0, 1, shares.none()});
  shares.add(1, 1.0, {0, shares.none(), shares.none()});
  shares.add(2, 4.0, {0, shares.none(), shares.none()});
  shares.update();
  EXPECT_DOUBLE_EQ(shares.rate(0), 0.4);
  EXPECT_DOUBLE_EQ(shares.rate(1), 0.52);
  EXPECT_DOUBLE_EQ(shares.rate(2), 2.08);
  EXPECT_EQ(shares.bottleneck(0), 1);
  EXPECT_EQ(shares.bottleneck(2), 0);
}

TEST(FairShares, GoOnAsBeforeAfterBeingSavedAndRestored) {
  RandomTraffic traffic(20, Rng(7));
  FairShares shares(traffic.capacities());
  for (int change = 0; change < 100; ++change) traffic.change(shares);
  shares.update();
  for (int change = 0; change < 10; ++change) traffic.change(shares);  // Not settled yet.
  SavingArchive saving;
  saving(shares);
  const Snapshot snapshot = saving.take();
  FairShares restored(traffic.capacities());
  LoadingArchive loading(snapshot);
  loading(restored);
  loading.finish();
  RandomTraffic same_traffic = traffic;
  for (int change = 0; change < 200; ++change) {
    traffic.change(shares);
    same_traffic.change(restored);
    shares.update();
    restored.update();
    for (const auto& [number, flow] : traffic.flows()) {
      ASSERT_EQ(shares.rate(number), restored.rate(number)) << "bit by bit";
    }
  }
  FairShares other(std::vector<double>{1.0});
  LoadingArchive foreign(snapshot);
  EXPECT_THROW(foreign(other), std::runtime_error);
}

}  // namespace
}  // namespace hearsay
