#include "aggregators/decavg.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

namespace hearsay {
namespace {

const Rng kStream(1);

using Vector = std::vector<float>;

struct Heard {
  std::int64_t samples = 0;
  Vector model;
};

// Every mixing weight is 0.25, so that a rule that used them would show.
Vector decavg(const Heard& own, const std::vector<Heard>& heard) {
  ParameterLayout layout;
  layout.add("x", {static_cast<std::int64_t>(own.model.size())}, TensorKind::kWeight);
  std::vector<ReceivedModel> received;
  for (const Heard& other : heard) {
    received.push_back({.sender = static_cast<PeerId>(received.size() + 1),
                        .weight = 0.25,
                        .samples = other.samples,
                        .values = other.model});
  }
  Vector result(own.model.size());
  make_aggregator(DecavgOptions{})
      ->aggregate(
          {.own_weight = 0.25, .own_samples = own.samples, .own = own.model, .received = received},
          {.layout = layout, .stream = kStream}, result);
  return result;
}

TEST(Decavg, WeighsEachModelByItsSamples) {
  // (3, 2) with 100 and (5, 6) with 300 samples: 0.25 (3, 2) + 0.75 (5, 6) = (4.5, 5).
  EXPECT_EQ(decavg({100, {3, 2}}, {{300, {5, 6}}}), (Vector{4.5F, 5.0F}));
  // 0.5 (1, 2) + 0.125 (3, 2) + 0.375 (5, 6) = (2.75, 3.5).
  EXPECT_EQ(decavg({400, {1, 2}}, {{100, {3, 2}}, {300, {5, 6}}}), (Vector{2.75F, 3.5F}));
}

TEST(Decavg, OfEqualCountsIsThePlainMean) {
  // (1 + 2 + 5 + 8) / 4 = 4.
  EXPECT_EQ(decavg({7, {1}}, {{7, {2}}, {7, {5}}, {7, {8}}}), Vector{4.0F});
}

TEST(Decavg, PeersWithoutSamplesWeighNothing) {
  EXPECT_EQ(decavg({0, {9}}, {{100, {3}}, {300, {5}}}), Vector{4.5F});
  EXPECT_EQ(decavg({100, {3}}, {{0, {9}}, {300, {5}}}), Vector{4.5F});
}

TEST(Decavg, KeepsTheOwnModelWhereNobodyHasSamples) {
  EXPECT_EQ(decavg({0, {3}}, {{0, {9}}, {0, {5}}}), Vector{3.0F});
  EXPECT_EQ(decavg({0, {3}}, {}), Vector{3.0F});
  EXPECT_EQ(decavg({5, {3}}, {}), Vector{3.0F});
}

TEST(Decavg, DoesNotOverflowOnLargeCounts) {
  // Beyond 2^31 samples each: 0.25 * 4 + 0.75 * 8 = 7.
  EXPECT_EQ(decavg({std::int64_t{1} << 40, {4}}, {{std::int64_t{3} << 40, {8}}}), Vector{7.0F});
}

}  // namespace
}  // namespace hearsay
