#include "node/data/partitions.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "tests/data/error_message.hpp"

namespace hearsay {
namespace {

using testing::HasSubstr;

// Balanced labels in no order that a partition could profit from.
std::vector<std::uint8_t> make_labels(std::size_t samples, std::uint64_t classes = 10) {
  std::vector<std::uint8_t> labels(samples);
  for (std::size_t i = 0; i < samples; ++i) labels[i] = static_cast<std::uint8_t>(i % classes);
  Rng(77).shuffle(std::span(labels));
  return labels;
}

void expect_each_sample_owned_once(const Partition& partition, std::size_t samples) {
  std::vector<int> owners(samples, 0);
  for (const auto& owned : partition) {
    EXPECT_TRUE(std::ranges::is_sorted(owned));
    for (const std::uint32_t sample : owned) ++owners.at(sample);
  }
  EXPECT_EQ(std::ranges::count(owners, 1), static_cast<std::ptrdiff_t>(samples));
}

std::vector<std::size_t> sizes_of(const Partition& partition) {
  std::vector<std::size_t> sizes;
  for (const auto& owned : partition) sizes.push_back(owned.size());
  return sizes;
}

// Mean over the peers of how many classes, largest first, hold 90 % of what they own.
double mean_main_classes(const Partition& partition, const std::vector<std::uint8_t>& labels) {
  double sum = 0.0;
  for (const auto& owned : partition) {
    std::vector<std::size_t> counts(256, 0);
    for (const std::uint32_t sample : owned) ++counts[labels[sample]];
    std::ranges::sort(counts, std::ranges::greater());
    std::size_t held = 0;
    for (std::size_t c = 0; held * 10 < owned.size() * 9; ++c) {
      held += counts[c];
      sum += 1.0;
    }
  }
  return sum / static_cast<double>(partition.size());
}

TEST(IidPartition, OwnsEachSampleOnceInSharesThatDifferByAtMostOne) {
  for (const std::size_t samples : {1U, 10U, 97U, 1000U}) {
    for (const int peers : {1, 3, 10, 97}) {
      if (static_cast<std::size_t>(peers) > samples) continue;
      for (const std::uint64_t seed : {1U, 2U}) {
        const Partition partition =
            make_partition(IidPartitionOptions{}, make_labels(samples), peers, Rng(seed));
        ASSERT_EQ(partition.size(), static_cast<std::size_t>(peers));
        expect_each_sample_owned_once(partition, samples);
        const auto sizes = sizes_of(partition);
        EXPECT_LE(std::ranges::max(sizes) - std::ranges::min(sizes), 1U);
      }
    }
  }
}

TEST(IidPartition, DependsOnTheSeedAndNotOnTheLabels) {
  const auto draw = [](std::uint64_t seed, const std::vector<std::uint8_t>& labels) {
    return make_partition(IidPartitionOptions{}, labels, 7, Rng(seed));
  };
  EXPECT_EQ(draw(1, make_labels(200)), draw(1, make_labels(200, 3)));
  EXPECT_NE(draw(1, make_labels(200)), draw(2, make_labels(200)));
}

TEST(IidPartition, ShufflesBeforeDealing) {
  const Partition partition = make_partition(IidPartitionOptions{}, make_labels(100), 2, Rng(1));
  std::vector<std::uint32_t> even(50);
  for (std::uint32_t i = 0; i < 50; ++i) even[i] = 2 * i;
  EXPECT_NE(partition[0], even);
}

TEST(IidPartition, GivesEveryPeerNearlyEveryClass) {
  // 100 samples of 10 classes per peer: 90 % of them lie in 8 or 9 classes.
  const auto labels = make_labels(5000);
  const Partition partition = make_partition(IidPartitionOptions{}, labels, 50, Rng(1));
  EXPECT_GT(mean_main_classes(partition, labels), 7.5);
}

TEST(IidPartition, RefusesMorePeersThanSamples) {
  EXPECT_EQ(
      user_error_of([] { make_partition(IidPartitionOptions{}, make_labels(20), 21, Rng(1)); }),
      "data.partition: 21 peers cannot share 20 samples: at most 20 peers can hold data");
}

TEST(DirichletPartition, OwnsEachSampleOnceAndRespectsTheMinimum) {
  for (const double alpha : {0.1, 0.5, 10.0, 1000.0}) {
    for (const int peers : {1, 4, 16}) {
      for (const int least : {1, 10}) {
        for (const std::uint64_t seed : {1U, 2U, 3U}) {
          const DirichletPartitionOptions options{.alpha = alpha, .min_samples = least};
          const Partition partition = make_partition(options, make_labels(2003), peers, Rng(seed));
          ASSERT_EQ(partition.size(), static_cast<std::size_t>(peers));
          expect_each_sample_owned_once(partition, 2003);
          EXPECT_GE(std::ranges::min(sizes_of(partition)), static_cast<std::size_t>(least));
        }
      }
    }
  }
}

TEST(DirichletPartition, RepeatsDrawsUntilTheMinimumHolds) {
  // 16 peers, 125 samples each on average: at alpha = 0.1 single draws leave some peer
  // below 40, as the same seeds show without the demand.
  const auto least_of = [](int min_samples, std::uint64_t seed) {
    const DirichletPartitionOptions options{.alpha = 0.3, .min_samples = min_samples};
    return std::ranges::min(sizes_of(make_partition(options, make_labels(2000), 16, Rng(seed))));
  };
  int helped = 0;
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    helped += least_of(1, seed) < 40 ? 1 : 0;
    EXPECT_GE(least_of(40, seed), 40U);
  }
  EXPECT_GE(helped, 3);
}

TEST(DirichletPartition, DependsOnTheSeedAlone) {
  const auto draw = [](std::uint64_t seed) {
    return make_partition(DirichletPartitionOptions{}, make_labels(2000), 8, Rng(seed));
  };
  EXPECT_EQ(draw(1), draw(1));
  EXPECT_NE(draw(1), draw(2));
}

TEST(DirichletPartition, SmallAlphaMeansFewClassesPerPeerLargeAlphaNearlyIid) {
  const auto labels = make_labels(20'000);
  const auto main_classes = [&](double alpha) {
    const DirichletPartitionOptions options{.alpha = alpha, .min_samples = 1};
    return mean_main_classes(make_partition(options, labels, 20, Rng(6)), labels);
  };
  const double iid =
      mean_main_classes(make_partition(IidPartitionOptions{}, labels, 20, Rng(6)), labels);
  EXPECT_NEAR(main_classes(1000.0), iid, 0.5);
  EXPECT_LT(main_classes(0.1), 4.0);
  EXPECT_LT(main_classes(0.1), main_classes(1.0));
  EXPECT_LT(main_classes(1.0), main_classes(1000.0));
}

TEST(DirichletPartition, LargeAlphaGivesSharesOfNearlyOneSize) {
  // Share of a class: mean 1/20, sd sqrt(0.05 * 0.95 / 20001) = 0.0015, of 2000: 3.1;
  // over ten classes 9.7 samples around 1000.
  const DirichletPartitionOptions options{.alpha = 1000.0, .min_samples = 1};
  for (const std::size_t size :
       sizes_of(make_partition(options, make_labels(20'000), 20, Rng(6)))) {
    EXPECT_NEAR(static_cast<double>(size), 1000.0, 60.0);
  }
}

TEST(DirichletPartition, SharesHaveTheVarianceOfTheDirichletDistribution) {
  // One class of 10,000 samples over 5 peers: each share has mean 0.2 and variance
  // 0.2 * 0.8 / (5 alpha + 1). For alpha = 2: 0.014545.
  const DirichletPartitionOptions options{.alpha = 2.0, .min_samples = 1};
  const std::vector<std::uint8_t> labels(10'000, 0);
  double squares = 0.0;
  constexpr int kDraws = 400;
  for (std::uint64_t seed = 0; seed < kDraws; ++seed) {
    for (const std::size_t size : sizes_of(make_partition(options, labels, 5, Rng(seed)))) {
      const double gap = static_cast<double>(size) / 10'000.0 - 0.2;
      squares += gap * gap;
    }
  }
  EXPECT_NEAR(squares / (5.0 * kDraws), 0.014545, 0.0015);
}

TEST(DirichletPartition, VanishingAlphaGivesEachClassToOnePeer) {
  // Gamma variates of shape 1e-9 are 0 in doubles, for all peers at once.
  const auto labels = make_labels(1000);
  const DirichletPartitionOptions options{.alpha = 1e-9, .min_samples = 1};
  const Partition partition = make_partition(options, labels, 3, Rng(2));
  expect_each_sample_owned_once(partition, 1000);
  std::vector<std::set<int>> owners(10);
  for (std::size_t p = 0; p < partition.size(); ++p) {
    for (const std::uint32_t sample : partition[p]) {
      owners[labels[sample]].insert(static_cast<int>(p));
    }
  }
  for (const auto& owner : owners) EXPECT_EQ(owner.size(), 1U);
}

TEST(DirichletPartition, RefusesAMinimumThatTheSamplesCannotMeet) {
  EXPECT_EQ(user_error_of([] {
              make_partition(DirichletPartitionOptions{.alpha = 0.5, .min_samples = 11},
                             make_labels(100), 10, Rng(1));
            }),
            "data.partition.min_samples: 11 for each of 10 peers exceeds the 100 samples: at most "
            "10");
}

TEST(DirichletPartition, SaysWhenNoDrawMeetsTheMinimum) {
  // One class to one peer each: ten classes cannot serve eleven peers.
  EXPECT_THAT(user_error_of([] {
                make_partition(DirichletPartitionOptions{.alpha = 1e-9, .min_samples = 1},
                               make_labels(1000), 11, Rng(1));
              }),
              HasSubstr("data.partition: none of 1000 draws"));
}

// Classes that a peer owns any sample of.
std::size_t classes_of(const std::vector<std::uint32_t>& owned,
                       const std::vector<std::uint8_t>& labels) {
  std::set<std::uint8_t> classes;
  for (const std::uint32_t sample : owned) classes.insert(labels[sample]);
  return classes.size();
}

TEST(DualDirichletPartition, OwnsEachSampleOnceAndRespectsTheMinimum) {
  for (const double alpha : {0.5, 5.0, 100.0}) {
    for (const int peers : {1, 5, 20}) {
      const DualDirichletPartitionOptions options{.alpha_labels = alpha, .min_samples = 3};
      const Partition partition = make_partition(options, make_labels(2003), peers, Rng(7));
      ASSERT_EQ(partition.size(), static_cast<std::size_t>(peers));
      expect_each_sample_owned_once(partition, 2003);
      EXPECT_GE(std::ranges::min(sizes_of(partition)), 3U);
    }
  }
}

// With all but equal label mixes sizes follow u alone: Dirichlet(1, ..., 1) over m = 5 peers
// has the variance (1 / 5)(4 / 5) / 6 = 0.02667 per share.
TEST(DualDirichletPartition, SizesHaveTheVarianceOfTheirDirichletDistribution) {
  double sum_of_squares = 0.0;
  constexpr int kDraws = 400;
  for (int seed = 0; seed < kDraws; ++seed) {
    const DualDirichletPartitionOptions options{.alpha_labels = 1e6, .min_samples = 1};
    for (const std::size_t size :
         sizes_of(make_partition(options, make_labels(1000), 5, Rng(seed)))) {
      const double deviation = static_cast<double>(size) / 1000.0 - 0.2;
      sum_of_squares += deviation * deviation / (5.0 * kDraws);
    }
  }
  EXPECT_NEAR(sum_of_squares, 0.02667, 0.003);
}

TEST(DualDirichletPartition, EqualSizesLeaveOnlyTheLabelsSkewed) {
  const auto labels = make_labels(20000);
  const DualDirichletPartitionOptions alike{.alpha_sizes = 1e6, .alpha_labels = 1e6};
  for (const std::size_t size : sizes_of(make_partition(alike, labels, 10, Rng(1)))) {
    EXPECT_NEAR(static_cast<double>(size), 2000.0, 60.0);
  }
  const DualDirichletPartitionOptions skewed{.alpha_sizes = 1e6, .alpha_labels = 0.5};
  EXPECT_LT(mean_main_classes(make_partition(skewed, labels, 10, Rng(1)), labels), 5.0);
  EXPECT_GT(mean_main_classes(make_partition(alike, labels, 10, Rng(1)), labels), 8.5);
}

TEST(ClassPartition, GivesEveryPeerAsManyClassesAsAskedForAndEveryClassAnOwner) {
  const auto labels = make_labels(5000);
  for (const std::uint64_t seed : {1U, 2U, 3U, 4U}) {
    const ClassPartitionOptions options{.least_classes = 2, .most_classes = 4};
    const Partition partition = make_partition(options, labels, 12, Rng(seed));
    expect_each_sample_owned_once(partition, 5000);
    std::set<std::size_t> counts;
    for (const auto& owned : partition) counts.insert(classes_of(owned, labels));
    EXPECT_EQ(counts, (std::set<std::size_t>{2, 3, 4}));
  }
}

TEST(ClassPartition, SharesAClassEquallyAmongItsOwnersWithoutDeviation) {
  const auto labels = make_labels(5000);
  const ClassPartitionOptions options{.least_classes = 10, .most_classes = 10, .deviation = 0.0};
  for (const std::size_t size : sizes_of(make_partition(options, labels, 5, Rng(1)))) {
    EXPECT_EQ(size, 1000U);
  }
}

TEST(ClassPartition, CanSlideOverTheClasses) {
  const auto labels = make_labels(5000);
  const ClassPartitionOptions options{.choice = ClassPartitionOptions::Choice::kSliding,
                                      .least_classes = 4,
                                      .most_classes = 4,
                                      .deviation = 0.0};
  const Partition partition = make_partition(options, labels, 20, Rng(1));
  expect_each_sample_owned_once(partition, 5000);
  for (std::size_t p = 0; p < 20; ++p) {
    std::set<std::size_t> own;
    for (const std::uint32_t sample : partition[p]) own.insert(labels[sample]);
    std::set<std::size_t> expected;
    for (std::size_t c = p; c < p + 4; ++c) expected.insert(c % 10);
    EXPECT_EQ(own, expected) << p;
    // 500 samples of a class, eight owners.
    EXPECT_NEAR(static_cast<double>(partition[p].size()), 250.0, 4.0);
  }
}

TEST(ClassPartition, RefusesNumbersOfClassesThatDoNotFit) {
  const auto error = [](int least, int most, int peers) {
    return user_error_of([=] {
      make_partition(ClassPartitionOptions{.least_classes = least, .most_classes = most},
                     make_labels(1000), peers, Rng(1));
    });
  };
  EXPECT_EQ(error(4, 3, 10), "data.partition.least_classes: 4 exceeds most_classes: at most 3");
  EXPECT_EQ(error(3, 11, 10),
            "data.partition.most_classes: 11 of the 10 classes in the data: at most 10");
  EXPECT_THAT(error(1, 2, 4), HasSubstr("none of 1000 draws of classes"));
}

TEST(Holders, OwnWhatAsManyPeersWouldOwnAndTheOthersNothing) {
  const auto labels = make_labels(1003);
  const std::vector<PeerId> holders = {1, 4, 5, 9};
  for (const PartitionOptions& options :
       {PartitionOptions{IidPartitionOptions{}}, PartitionOptions{DirichletPartitionOptions{}}}) {
    const Partition partition = make_chosen(options, labels, 11, holders, Rng(3));
    const Partition shares = std::visit(
        [&](const auto& chosen) { return make_partition(chosen, labels, 4, Rng(3)); }, options);
    ASSERT_EQ(partition.size(), 11U);
    expect_each_sample_owned_once(partition, 1003);
    for (std::size_t k = 0; k < 4; ++k) {
      EXPECT_EQ(partition[static_cast<std::size_t>(holders[k])], shares[k]);
    }
    for (const std::size_t other : {0U, 2U, 3U, 6U, 7U, 8U, 10U}) {
      EXPECT_TRUE(partition[other].empty());
    }
  }
}

TEST(Holders, ShareEquallyIfIid) {
  // 1003 samples among 4: three times 251 and once 250.
  const Partition partition = make_chosen(IidPartitionOptions{}, make_labels(1003), 6,
                                          std::vector<PeerId>{0, 2, 3, 5}, Rng(3));
  EXPECT_EQ(sizes_of(partition), (std::vector<std::size_t>{251, 0, 251, 251, 0, 250}));
}

TEST(Holders, WhoAreAllPeersChangeNothing) {
  const auto labels = make_labels(500);
  const std::vector<PeerId> all = {0, 1, 2, 3, 4};
  EXPECT_EQ(make_chosen(IidPartitionOptions{}, labels, 5, all, Rng(3)),
            make_partition(IidPartitionOptions{}, labels, 5, Rng(3)));
}

TEST(Holders, AreTheOnlyOnesWhoNeedSamples) {
  // Two of 50 peers share 20 samples, at least 8 each; 50 peers could not.
  const auto labels = make_labels(20);
  const std::vector<PeerId> holders = {7, 30};
  const DirichletPartitionOptions dirichlet{.alpha = 1.0, .min_samples = 8};
  for (const PartitionOptions& options :
       {PartitionOptions{IidPartitionOptions{}}, PartitionOptions{dirichlet}}) {
    const Partition partition = make_chosen(options, labels, 50, holders, Rng(3));
    EXPECT_GE(partition[7].size(), 8U);
    EXPECT_GE(partition[30].size(), 8U);
  }
}

TEST(Holders, MustBeAscendingPeers) {
  const auto partition = [](std::vector<PeerId> holders) {
    make_chosen(IidPartitionOptions{}, make_labels(20), 5, holders, Rng(3));
  };
  EXPECT_DEATH(partition({}), "check failed");
  EXPECT_DEATH(partition({2, 2}), "check failed");
  EXPECT_DEATH(partition({-1}), "check failed");
  EXPECT_DEATH(partition({5}), "check failed");
}

TEST(HoldOut, TakesNothingFromWhoHasNothing) {
  std::vector<std::uint32_t> owned(100);
  std::iota(owned.begin(), owned.end(), 0U);
  const HeldOut cut = hold_out({{}, owned, {}}, {0.3}, Rng(1));
  EXPECT_EQ(sizes_of(cut.train), (std::vector<std::size_t>{0, 70, 0}));
  EXPECT_EQ(sizes_of(cut.validation), (std::vector<std::size_t>{0, 30, 0}));
}

TEST(HoldOut, CutsEachPeersSamplesInTwo) {
  const auto labels = make_labels(1003);
  const Partition whole = make_partition(DirichletPartitionOptions{}, labels, 9, Rng(1));
  for (const double share : {0.0, 0.1, 0.5, 0.999}) {
    const HeldOut cut = hold_out(whole, {share}, Rng(2));
    ASSERT_EQ(cut.train.size(), whole.size());
    ASSERT_EQ(cut.validation.size(), whole.size());
    for (std::size_t p = 0; p < whole.size(); ++p) {
      EXPECT_EQ(cut.validation[p].size(),
                static_cast<std::size_t>(share * static_cast<double>(whole[p].size())));
      // merge keeps duplicates, so that equality also says: disjoint.
      std::vector<std::uint32_t> merged;
      std::ranges::merge(cut.train[p], cut.validation[p], std::back_inserter(merged));
      EXPECT_EQ(merged, whole[p]);
    }
  }
}

TEST(HoldOut, TakesTheShareAsWrittenInDecimal) {
  // 0.29 * 100 is 28.999999999999996 in double precision.
  std::vector<std::uint32_t> owned(100);
  std::iota(owned.begin(), owned.end(), 0U);
  EXPECT_EQ(hold_out({owned}, {0.29}, Rng(1)).validation[0].size(), 29U);
}

TEST(HoldOut, DrawsAtRandomAndForEachPeerAnew) {
  std::vector<std::uint32_t> owned(100);
  std::iota(owned.begin(), owned.end(), 0U);
  const HeldOut cut = hold_out({owned, owned}, {0.5}, Rng(1));
  EXPECT_NE(cut.validation[0], cut.validation[1]);
  EXPECT_EQ(cut.validation, hold_out({owned, owned}, {0.5}, Rng(1)).validation);
  EXPECT_NE(cut.validation, hold_out({owned, owned}, {0.5}, Rng(2)).validation);
  EXPECT_NE(cut.validation[0], std::vector<std::uint32_t>(owned.begin(), owned.begin() + 50));
}

}  // namespace
}  // namespace hearsay
