#include "aggregators/mean.hpp"

#include <gtest/gtest.h>

#include "tests/aggregators/small_aggregation.hpp"

namespace hearsay {
namespace {

TEST(Mean, WeighsAllAlikeWhateverTheMixingMatrixSays) {
  AggregationReport report;
  const SmallAggregation inputs{
      .own = {0}, .received = {{1}, {4}, {6}, {100}}, .weights = {0.1, 0.1, 0.1, 0.1}};
  // (0 + 1 + 4 + 6 + 100) / 5; with the weights given it would be 11.1.
  EXPECT_FLOAT_EQ(inputs.by(*make_aggregator(MeanOptions{}), &report)[0], 22.2F);
  EXPECT_EQ(report.influence, (std::vector<double>{0.2, 0.2, 0.2, 0.2}));
}

}  // namespace
}  // namespace hearsay
