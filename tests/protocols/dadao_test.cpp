#include "node/protocols/dadao.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hearsay {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

const std::optional<Curvature> kUnknown;
const std::optional<Curvature> kKnown = Curvature{.least = 0.1, .greatest = 1.0};

TEST(Dadao, TakesTheCurvatureFromTheModelOrFromItsOptions) {
  EXPECT_EQ(unfit(DadaoOptions{}, kKnown), std::nullopt);
  EXPECT_EQ(unfit(DadaoOptions{.convexity = 0.2, .condition = 4.0}, kUnknown), std::nullopt);
}

TEST(Dadao, SaysWhatIsMissingWhereNobodyTellsTheCurvature) {
  EXPECT_THAT(unfit(DadaoOptions{}, kUnknown).value_or(""),
              StartsWith(".convexity: missing; the training does not tell"));
  EXPECT_EQ(unfit(DadaoOptions{.condition = 4.0}, kKnown),
            ".convexity: missing; give it beside condition");
  EXPECT_THAT(unfit(DadaoOptions{.convexity = 0.2, .condition = 0.5}, kKnown).value_or(""),
              HasSubstr("at least 1"));
}

}  // namespace
}  // namespace hearsay
