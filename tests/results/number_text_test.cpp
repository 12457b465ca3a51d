#include "results/number_text.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <limits>

#include "node/base/rng.hpp"

namespace hearsay {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

TEST(NumberText, ShortestReadsBackExactly) {
  Rng rng(1);
  for (int i = 0; i < 10'000; ++i) {
    const double value = (rng.uniform() - 0.5) * std::pow(10.0, 40.0 * rng.uniform() - 20.0);
    ASSERT_EQ(std::strtod(shortest(value).c_str(), nullptr), value) << shortest(value);
  }
  for (const double value : {5e-324, 1.7976931348623157e308, -0.0, 1.0 / 3.0}) {
    EXPECT_EQ(std::strtod(shortest(value).c_str(), nullptr), value);
  }
}

TEST(NumberText, ShortestIsAsShortAsTheNumberAllows) {
  EXPECT_EQ(shortest(0.1), "0.1");
  EXPECT_EQ(shortest(5.0), "5");
  EXPECT_EQ(shortest(0.1 + 0.2), "0.30000000000000004");
  EXPECT_EQ(shortest(1e-5), "1e-05");
  EXPECT_EQ(shortest(-kInfinity), "-inf");
  EXPECT_EQ(shortest(kNan), "");
}

TEST(NumberText, FixedKeepsTheDecimals) {
  EXPECT_EQ(fixed(0.25, 4), "0.2500");
  EXPECT_EQ(fixed(2.71828, 3), "2.718");
  EXPECT_EQ(fixed(-2.0, 0), "-2");
  EXPECT_EQ(fixed(kNan, 4), "-");
  EXPECT_EQ(fixed(kInfinity, 4), "inf");
}

TEST(NumberText, MeasuresTurnScientificOutsideTheUsualMagnitudes) {
  EXPECT_EQ(measure_text(2.302585), "2.3026");
  EXPECT_EQ(measure_text(0.0), "0.0000");
  EXPECT_EQ(measure_text(0.001), "0.0010");
  EXPECT_EQ(measure_text(0.00099999), "1.00e-03");
  EXPECT_EQ(measure_text(-1.234e-5), "-1.23e-05");
  EXPECT_EQ(measure_text(1.234e6), "1.23e+06");
  EXPECT_EQ(measure_text(kNan), "-");
  EXPECT_EQ(measure_text(kInfinity), "inf");
}

TEST(NumberText, GroupsThousands) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(1000), "1,000");
  EXPECT_EQ(grouped(-1234567), "-1,234,567");
  EXPECT_EQ(grouped(-123), "-123");
  EXPECT_EQ(grouped(123456), "123,456");
}

TEST(NumberText, BytesTakeDecimalPrefixes) {
  EXPECT_EQ(bytes_text(0), "0 B");
  EXPECT_EQ(bytes_text(999), "999 B");
  EXPECT_EQ(bytes_text(1000), "1.00 kB");
  EXPECT_EQ(bytes_text(45'678), "45.7 kB");
  EXPECT_EQ(bytes_text(999'400), "999 kB");
  EXPECT_EQ(bytes_text(999'600), "1.00 MB");
  EXPECT_EQ(bytes_text(1'234'567'890), "1.23 GB");
  EXPECT_EQ(bytes_text(std::numeric_limits<std::int64_t>::max()), "9.22 EB");
}

TEST(NumberText, DurationsTakeTheUnitThatSuitsThem) {
  EXPECT_EQ(duration_text(0.0), "0 s");
  EXPECT_EQ(duration_text(2.5e-6), "2.50 us");
  EXPECT_EQ(duration_text(0.0123), "12.3 ms");
  EXPECT_EQ(duration_text(1.0), "1.00 s");
  EXPECT_EQ(duration_text(59.9), "59.9 s");
  EXPECT_EQ(duration_text(59.96), "1 min 0 s");
  EXPECT_EQ(duration_text(725.0), "12 min 5 s");
  EXPECT_EQ(duration_text(3599.6), "1 h 0 min");
  EXPECT_EQ(duration_text(12'300.0), "3 h 25 min");
  EXPECT_EQ(duration_text(-1.5), "-1.50 s");
}

TEST(NumberText, ExactSecondsPrintAsTheTimeIsWritten) {
  Rng rng(2);
  EXPECT_EQ(shortest(exact_seconds(SimTime{300'000'000})), "0.3");
  for (int i = 0; i < 1000; ++i) {
    // Whole milliseconds below 1,000 s, their decimal built from digits.
    const auto ms = static_cast<std::int64_t>(1 + rng.below(999'999));
    std::string decimal = std::to_string(1'000 + ms % 1'000);
    decimal[0] = '.';
    decimal = std::to_string(ms / 1'000) + decimal;
    while (decimal.back() == '0') decimal.pop_back();
    if (decimal.back() == '.') decimal.pop_back();
    // The shortest form may be scientific for tiny values: those are left out.
    if (ms >= 10) {
      ASSERT_EQ(shortest(exact_seconds(SimTime{ms * 1'000'000})), decimal);
    }
  }
}

}  // namespace
}  // namespace hearsay
