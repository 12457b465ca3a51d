#include "scenarios/quantities.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <locale>
#include <string>

#include "node/base/rng.hpp"

namespace hearsay {
namespace {

/// The parsed value; fails the test if there is none.
template <class T>
T parsed(std::string_view text) {
  T value{};
  const auto wrong = parse_value(text, value);
  EXPECT_FALSE(wrong.has_value()) << text << ": " << *wrong;
  return value;
}

template <class T>
std::string error_in(std::string_view text) {
  T value{};
  return parse_value(text, value).value_or("");
}

template <class T>
void expect_round_trip(T value) {
  EXPECT_EQ(parsed<T>(print_value(value)), value) << print_value(value);
}

TEST(Quantities, TimeReadsEveryUnitExactly) {
  EXPECT_EQ(parsed<SimTime>("3ns").nanoseconds, 3);
  EXPECT_EQ(parsed<SimTime>("10us").nanoseconds, 10'000);
  EXPECT_EQ(parsed<SimTime>("20ms").nanoseconds, 20'000'000);
  EXPECT_EQ(parsed<SimTime>("1.5s").nanoseconds, 1'500'000'000);
  EXPECT_EQ(parsed<SimTime>("2min").nanoseconds, 120'000'000'000);
  EXPECT_EQ(parsed<SimTime>("1h").nanoseconds, 3'600'000'000'000);
  EXPECT_EQ(parsed<SimTime>("0.1min").nanoseconds, 6'000'000'000);
  EXPECT_EQ(parsed<SimTime>("0").nanoseconds, 0);
  // A double holds no more than 2^53 of these 2^63 - 1 nanoseconds exactly.
  EXPECT_EQ(parsed<SimTime>("9223372036854775807ns"), SimTime::max());
}

TEST(Quantities, TimeRefusesWhatIsNoTime) {
  EXPECT_EQ(error_in<SimTime>("20"), "\"20\" has no unit (valid: ns, us, ms, s, min, h)");
  EXPECT_EQ(error_in<SimTime>("5MB/s"),
            "unknown unit \"MB/s\" in \"5MB/s\" (valid: ns, us, ms, s, min, h)");
  EXPECT_EQ(error_in<SimTime>("1.5ns"),
            "\"1.5ns\" is no whole number of nanoseconds within 292 years");
  EXPECT_EQ(error_in<SimTime>("9223372036854775808ns"),
            "\"9223372036854775808ns\" is no whole number of nanoseconds within 292 years");
  EXPECT_EQ(error_in<SimTime>("3000000h"),
            "\"3000000h\" is no whole number of nanoseconds within 292 years");
  for (const char* text : {"", "ms", ".5s", "1.s", "+1s", "1e3s", " 1s", "1s ", "1 s", "1,5s"}) {
    EXPECT_NE(error_in<SimTime>(text), "") << text;
  }
}

TEST(Quantities, TimePrintsItsShortestForm) {
  EXPECT_EQ(print_value(SimTime{0}), "0s");
  EXPECT_EQ(print_value(SimTime{20'000'000}), "20ms");
  EXPECT_EQ(print_value(SimTime{1'500'000'000}), "1.5s");
  EXPECT_EQ(print_value(SimTime{60'000'000'000}), "60s");
  EXPECT_EQ(print_value(SimTime{600'000'000'000}), "600s");
  EXPECT_EQ(print_value(SimTime{6'000'000'000'000}), "6000s");
  EXPECT_EQ(print_value(SimTime{3'600'000'000'000}), "1h");
  EXPECT_EQ(print_value(SimTime{1'234'567'890}), "1.23456789s");
}

TEST(Quantities, FractionReadsPercentAndPlain) {
  EXPECT_EQ(parsed<Fraction>("5%").value, 0.05);
  EXPECT_EQ(parsed<Fraction>("0.05").value, 0.05);
  EXPECT_EQ(parsed<Fraction>("100%").value, 1.0);
  // Read as 0.333 would be; 33.3 / 100 rounds twice and gives 0.33299999999999996.
  EXPECT_EQ(parsed<Fraction>("33.3%").value, 0.333);
  EXPECT_EQ(error_in<Fraction>("five"), "expected a share like 5% or 0.05, got \"five\"");
  for (const char* text : {"", "%", "5 %", "5%%", "nan", "inf", "-", "1e2%"}) {
    EXPECT_NE(error_in<Fraction>(text), "") << text;
  }
}

TEST(Quantities, FractionPrintsItsShortestForm) {
  EXPECT_EQ(print_value(Fraction{0.05}), "5%");
  EXPECT_EQ(print_value(Fraction{0.125}), "12.5%");
  EXPECT_EQ(print_value(Fraction{0.5}), "50%");
  EXPECT_EQ(print_value(Fraction{0.0}), "0");
  EXPECT_EQ(print_value(Fraction{1.0}), "1");
  EXPECT_EQ(print_value(Fraction{1e-9}), "1e-9");
}

TEST(Quantities, BandwidthReadsBytesAndBits) {
  EXPECT_EQ(parsed<Bandwidth>("7B/s").bytes_per_second, 7);
  EXPECT_EQ(parsed<Bandwidth>("500kB/s").bytes_per_second, 5e5);
  EXPECT_EQ(parsed<Bandwidth>("10MB/s").bytes_per_second, 1e7);
  EXPECT_EQ(parsed<Bandwidth>("1.5GB/s").bytes_per_second, 1.5e9);
  EXPECT_EQ(parsed<Bandwidth>("8Mbit/s").bytes_per_second, 1e6);
  EXPECT_EQ(parsed<Bandwidth>("1Gbit/s").bytes_per_second, 125e6);
  EXPECT_TRUE(parsed<Bandwidth>("unlimited").is_unlimited());
  EXPECT_EQ(error_in<Bandwidth>("10mb/s"),
            "unknown unit \"mb/s\" in \"10mb/s\" (valid: B/s, kB/s, MB/s, GB/s, bit/s, kbit/s, "
            "Mbit/s, Gbit/s)");
  EXPECT_NE(error_in<Bandwidth>("inf"), "");
  EXPECT_NE(error_in<Bandwidth>("10"), "");
}

TEST(Quantities, BandwidthPrintsItsShortestForm) {
  EXPECT_EQ(print_value(Bandwidth{1e7}), "10MB/s");
  EXPECT_EQ(print_value(Bandwidth{5e5}), "500kB/s");
  EXPECT_EQ(print_value(Bandwidth{1e3}), "1kB/s");
  EXPECT_EQ(print_value(Bandwidth{2.5e9}), "2.5GB/s");
  EXPECT_EQ(print_value(Bandwidth{12}), "12B/s");
  EXPECT_EQ(print_value(Bandwidth{}), "unlimited");
}

TEST(Quantities, CountReadsNumbersAndAll) {
  EXPECT_EQ(parsed<Count>("500").value, 500);
  EXPECT_TRUE(parsed<Count>("all").is_all());
  EXPECT_EQ(error_in<Count>("some"), "expected a number or all, got \"some\"");
  EXPECT_EQ(print_value(Count{}), "all");
}

TEST(Quantities, IntegersAreStrict) {
  EXPECT_EQ(parsed<int>("-12"), -12);
  EXPECT_EQ(parsed<std::uint64_t>("18446744073709551615"),
            std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(error_in<int>("2147483648"),
            "must be between -2147483648 and 2147483647, got 2147483648");
  EXPECT_EQ(error_in<std::uint64_t>("-1"), "must be between 0 and 18446744073709551615, got -1");
  for (const char* text : {"", "-", "+1", "1.0", "1e3", "0x10", "1_000", "12 ", " 12", "12a"}) {
    EXPECT_EQ(error_in<int>(text), "expected an integer, got " + shown(text));
  }
}

TEST(Quantities, NumbersAreFiniteAndStrict) {
  EXPECT_EQ(parsed<double>("1e-4"), 1e-4);
  EXPECT_EQ(parsed<double>("-2.5"), -2.5);
  for (const char* text : {"", "nan", "inf", "-inf", ".inf", "1e999", "1,5", "1.5x", "0x1p3"}) {
    EXPECT_EQ(error_in<double>(text), "expected a finite number, got " + shown(text));
  }
  EXPECT_EQ(print_value(1e-4), "1e-4");
  EXPECT_EQ(print_value(1e20), "1e20");
  EXPECT_EQ(print_value(0.05), "0.05");
  EXPECT_EQ(print_value(10.0), "10");
}

TEST(Quantities, PeersPrintAsInAScenario) {
  using Kind = PeerSelector::Kind;
  EXPECT_EQ(print_value(PeerSelector{}), "all");
  EXPECT_EQ(print_value(PeerSelector{.kind = Kind::kList, .ids = {{0, 0}, {3, 3}, {8, 15}}}),
            "[0, 3, 8-15]");
  EXPECT_EQ(print_value(PeerSelector{.kind = Kind::kRandom, .amount = Fraction{0.2}}),
            "{random: 20%}");
  EXPECT_EQ(print_value(PeerSelector{.kind = Kind::kHighestDegree, .amount = std::int64_t{3}}),
            "{highest_degree: 3}");
  // Not `1`, which is one peer.
  EXPECT_EQ(print_value(PeerSelector{.kind = Kind::kLowestDegree, .amount = Fraction{1.0}}),
            "{lowest_degree: 100%}");
  EXPECT_EQ(print_value(PeerSelector{.kind = Kind::kHighestBetweenness, .amount = Fraction{0.1}}),
            "{highest_betweenness: 10%}");
  EXPECT_EQ(print_value(PeerSelector{.kind = Kind::kRole, .role = PeerSelector::Role::kRelays}),
            "{role: relays}");
}

TEST(Quantities, EveryValueSurvivesPrintingAndParsing) {
  Rng rng(7);
  for (int i = 0; i < 2000; ++i) {
    const std::uint64_t bits = rng.next() >> rng.below(64);
    expect_round_trip(bits);
    expect_round_trip(static_cast<std::int64_t>(bits));
    expect_round_trip(static_cast<int>(bits));
    expect_round_trip(SimTime{static_cast<std::int64_t>(bits)});
    expect_round_trip(SimTime{static_cast<std::int64_t>(bits % 1000) * 60'000'000'000});
    const double real = std::ldexp(rng.uniform(), static_cast<int>(rng.below(80)) - 60);
    expect_round_trip(real);
    expect_round_trip(-real);
    expect_round_trip(Fraction{rng.uniform()});
    expect_round_trip(Fraction{static_cast<double>(rng.below(1001)) / 1000.0});
    expect_round_trip(Bandwidth{real});
  }
  expect_round_trip(SimTime{std::numeric_limits<std::int64_t>::min()});
  expect_round_trip(std::numeric_limits<double>::max());
  expect_round_trip(std::numeric_limits<double>::min());
  expect_round_trip(Bandwidth{0.0});
}

TEST(Quantities, MinusZeroIsZero) { EXPECT_EQ(print_value(parsed<double>("-0.0")), "0"); }

/// As in Germany: 1.234,5.
class CommaNumbers : public std::numpunct<char> {
 protected:
  char do_decimal_point() const override { return ','; }
  char do_thousands_sep() const override { return '.'; }
  std::string do_grouping() const override { return "\3"; }
};

TEST(Quantities, LocaleChangesNothing) {
  const std::locale before =
      std::locale::global(std::locale(std::locale::classic(), new CommaNumbers));
  EXPECT_EQ(parsed<double>("1234.5"), 1234.5);
  EXPECT_EQ(parsed<SimTime>("1.5s").nanoseconds, 1'500'000'000);
  EXPECT_EQ(print_value(1234.5), "1234.5");
  EXPECT_EQ(print_value(12345), "12345");
  EXPECT_EQ(print_value(Bandwidth{1.5e6}), "1.5MB/s");
  std::locale::global(before);
}

TEST(Quantities, RangesReadAsWords) {
  EXPECT_EQ(range_in_words(at_least(1)), "at least 1");
  EXPECT_EQ(range_in_words(above(0)), "above 0");
  EXPECT_EQ(range_in_words(between(2, 256)), "between 2 and 256");
  EXPECT_EQ(range_in_words(from_below(0, 1)), "at least 0 and below 1");
  EXPECT_EQ(range_in_words(Range{}), "");
}

TEST(Quantities, TextIsQuotedWhereYamlWouldMisreadIt) {
  EXPECT_EQ(print_text("/usr/share/data-1.0"), "/usr/share/data-1.0");
  EXPECT_EQ(print_text(""), "\"\"");
  EXPECT_EQ(print_text("null"), "\"null\"");
  EXPECT_EQ(print_text("12"), "\"12\"");
  EXPECT_EQ(print_text("a: b"), "\"a: b\"");
  EXPECT_EQ(print_text("a\"\n\x01"), "\"a\\\"\\n\\x01\"");
}

}  // namespace
}  // namespace hearsay
