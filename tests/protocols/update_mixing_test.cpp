#include "node/protocols/update_mixing.hpp"

#include <gtest/gtest.h>

#include <array>

namespace hearsay {
namespace {

ModelBuffer model_of(float value) { return ModelBuffer::copy_of(std::span(&value, 1)); }

// What aggregator mixing makes of it.
double mixed(const AggregationRequest& request) {
  double sum = request.own_weight * request.own.values()[0];
  for (const HeardModel& heard : request.received) sum += heard.weight * heard.model.values()[0];
  return sum;
}

TEST(UpdateMixing, IsTheWeightedStepAsAnAverageOfModels) {
  // w = 10, v = 3; changes 4 (fresh), -2 (staleness 3, weight 1/2); factor 0.4:
  // 10 + 0.4 * 4 - 0.2 * 2 = 11.2, own weight 1 - 0.4 - 0.2.
  const std::array<Update, 2> updates{Update{.sender = 7, .version = 3, .change = model_of(4)},
                                      Update{.sender = 2, .version = 0, .change = model_of(-2)}};
  const UpdateMix mix{.model = model_of(10), .version = 3, .factor = 0.4};
  const AggregationRequest request = request_for(updates, mix, PolynomialStalenessOptions{});
  EXPECT_EQ(request.round, 3);
  EXPECT_DOUBLE_EQ(request.own_weight, 0.4);
  EXPECT_TRUE(request.previous.empty());
  ASSERT_EQ(request.received.size(), 2U);
  EXPECT_EQ(request.received[0].sender, 2) << "ascending";
  EXPECT_EQ(request.received[0].round, 0);
  EXPECT_EQ(request.received[0].model.values()[0], 8);
  EXPECT_DOUBLE_EQ(request.received[0].weight, 0.2);
  EXPECT_EQ(request.received[1].model.values()[0], 14);
  EXPECT_NEAR(mixed(request), 11.2, 1e-12);
}

TEST(UpdateMixing, OffersEachSenderOnceWithAllItsUpdates) {
  // Of sender 2: changes 4 and -8 with weights 0.4 and 0.2: together the model
  // 10 + (0.4 * 4 - 0.2 * 8) / 0.6 = 10 with weight 0.6; of sender 1: 13 with 0.4.
  const std::array<Update, 3> updates{Update{.sender = 2, .version = 3, .change = model_of(4)},
                                      Update{.sender = 1, .version = 3, .change = model_of(3)},
                                      Update{.sender = 2, .version = 0, .change = model_of(-8)}};
  const UpdateMix mix{.model = model_of(10), .version = 3, .factor = 0.4, .keep_previous = true};
  const AggregationRequest request = request_for(updates, mix, PolynomialStalenessOptions{});
  ASSERT_EQ(request.received.size(), 2U);
  EXPECT_EQ(request.received[0].sender, 1);
  EXPECT_FLOAT_EQ(request.received[1].model.values()[0], 10);
  EXPECT_DOUBLE_EQ(request.received[1].weight, 0.6);
  EXPECT_EQ(request.received[1].round, 3) << "of the newest";
  EXPECT_NEAR(request.own_weight, 0.0, 1e-12);
  EXPECT_NEAR(mixed(request), 10 + 0.4 * 3, 1e-6);
  EXPECT_EQ(request.previous.values()[0], 10);
}

TEST(UpdateMixing, AnUpdateOfNoWeightChangesNothing) {
  const std::array<Update, 1> updates{Update{.sender = 1, .version = 0, .change = model_of(3)}};
  const UpdateMix mix{.model = model_of(10), .version = 1'000'000};
  const AggregationRequest request =
      request_for(updates, mix, PolynomialStalenessOptions{.a = 1e6});
  EXPECT_EQ(mixed(request), 10);
}

}  // namespace
}  // namespace hearsay
