// Every centralised robust rule against its slow, obvious version, over numbers and lengths of
// inputs, with ties, duplicates and outliers.

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "aggregators/aggregators.hpp"
#include "node/base/rng.hpp"
#include "tests/aggregators/combine.hpp"
#include "tests/reference/reference_rules.hpp"

namespace hearsay {
namespace {

using reference::Vec;
using reference::Vecs;

/// A rule for f bad inputs, and what it should compute; row 0 is the own one.
struct Case {
  std::string name;
  std::function<AggregationRule(int f)> rule;
  std::function<Vec(const Vecs& x, std::size_t f)> expected;
  bool continuous = false;  ///< Needs inputs without ties: its reference rounds differently.
};

// Multiples of 1/4 below 4: sums and squares are exact in float32, so that ties are the same.
std::vector<Vector> tied_inputs(std::size_t n, std::size_t d, Rng& rng) {
  std::vector<Vector> rows(n, Vector(d));
  for (Vector& row : rows) {
    for (float& value : row) value = 0.25F * static_cast<float>(rng.below(33)) - 4.0F;
  }
  if (n >= 4) rows[n - 1] = rows[1];
  if (n >= 6) rows[n - 2] = rows[1];
  return rows;
}

std::vector<Vector> normal_inputs(std::size_t n, std::size_t d, Rng& rng) {
  std::vector<Vector> rows(n, Vector(d));
  for (std::size_t i = 0; i < n; ++i) {
    for (float& value : rows[i]) value = static_cast<float>(rng.normal() + 0.3);
  }
  // One outlier of two kinds: far away, or the reverse.
  for (float& value : rows[n / 2]) value *= n % 2 == 0 ? 8.0F : -1.0F;
  return rows;
}

class RobustReference : public testing::TestWithParam<Case> {
 protected:
  void expect_agreement(const std::vector<Vector>& rows, int f) const {
    const auto rule = std::visit([](const auto& options) { return make_aggregator(options); },
                                 GetParam().rule(f));
    if (rule->infeasible(static_cast<int>(rows.size()))) return;
    ++compared_;
    const Vector result = combine(*rule, rows);
    const Vec expected = GetParam().expected(to_reference(rows), static_cast<std::size_t>(f));
    double largest = 1.0;
    for (const double value : expected) largest = std::max(largest, std::abs(value));
    for (std::size_t k = 0; k < result.size(); ++k) {
      ASSERT_NEAR(result[k], expected[k], 2e-6 * largest)
          << "n = " << rows.size() << ", d = " << rows[0].size() << ", f = " << f << ", entry "
          << k;
    }
  }

  mutable int compared_ = 0;
};

TEST_P(RobustReference, Agrees) {
  Rng rng(7);
  for (const std::size_t n : {3U, 4U, 5U, 7U, 8U, 11U, 12U, 16U, 23U, 32U, 40U}) {
    for (const std::size_t d : {1U, 5U, 64U, 300U}) {
      for (const int f : {0, 1, 2, 5, 9}) {
        if (!GetParam().continuous) expect_agreement(tied_inputs(n, d, rng), f);
        if (GetParam().continuous && d == 1) continue;
        expect_agreement(normal_inputs(n, d, rng), f);
      }
    }
  }
  EXPECT_GT(compared_, 40);
}

std::size_t others(const Vecs& x, std::size_t f, std::size_t less) { return x.size() - f - less; }

Case krum_case(const std::string& name, KrumConvention convention, std::size_t less, double power) {
  return {name, [=](int f) { return KrumOptions{.f = f, .convention = convention}; },
          [=](const Vecs& x, std::size_t f) {
            return reference::multi_krum(x, others(x, f, less), power, 1);
          },
          power == 1.0};
}

std::vector<Case> coordinate_cases() {
  return {
      {"median", [](int) { return MedianOptions{}; },
       [](const Vecs& x, std::size_t) { return reference::coordinate_median(x); }},
      {"trimmed_mean", [](int f) { return TrimmedMeanOptions{.f = f}; }, reference::trimmed_mean},
      {"meamed", [](int f) { return MeamedOptions{.f = f}; }, reference::meamed},
      {"phocas", [](int f) { return PhocasOptions{.f = f}; }, reference::phocas, true},
      {"bulyan", [](int f) { return BulyanOptions{.f = f}; }, reference::bulyan},
  };
}

std::vector<Case> bridge_cases() {
  using Screening = BridgeOptions::Screening;
  return {
      {"bridge_median", [](int) { return BridgeOptions{.screening = Screening::kMedian}; },
       [](const Vecs& x, std::size_t) { return reference::coordinate_median(x); }},
      {"bridge_krum", [](int f) { return BridgeOptions{.screening = Screening::kKrum, .f = f}; },
       [](const Vecs& x, std::size_t f) {
         return reference::multi_krum(x, others(x, f, 2), 2.0, 1);
       }},
      {"bridge_bulyan",
       [](int f) { return BridgeOptions{.screening = Screening::kBulyan, .f = f}; },
       reference::bulyan},
  };
}

std::vector<Case> distance_cases() {
  return {
      krum_case("krum_paper", KrumConvention::kPaper, 2, 2.0),
      krum_case("krum_byzfl", KrumConvention::kByzfl, 1, 2.0),
      krum_case("krum_lpd", KrumConvention::kLpd, 1, 1.0),
      {"multi_krum", [](int f) { return MultiKrumOptions{.f = f}; },
       [](const Vecs& x, std::size_t f) {
         return reference::multi_krum(x, others(x, f, 2), 2.0, x.size() - f);
       }},
      {"multi_krum_of_two", [](int f) { return MultiKrumOptions{.f = f, .m = 2}; },
       [](const Vecs& x, std::size_t f) {
         return reference::multi_krum(x, others(x, f, 2), 2.0, 2);
       }},
      {"mda", [](int f) { return MdaOptions{.f = f, .max_subsets = 500}; }, reference::mda},
      {"cge", [](int f) { return CgeOptions{.f = f}; }, reference::cge},
      {"faba", [](int f) { return FabaOptions{.f = f}; }, reference::faba, true},
      {"aksel_all_but_f",
       [](int f) { return AkselOptions{.f = f, .keep = AkselOptions::Keep::kAllButF}; },
       [](const Vecs& x, std::size_t f) { return reference::aksel(x, x.size() - f); }, true},
      {"aksel_half", [](int f) { return AkselOptions{.f = f}; },
       [](const Vecs& x, std::size_t) { return reference::aksel(x, (x.size() + 1) / 2); }, true},
      {"fltrust", [](int) { return FltrustOptions{}; },
       [](const Vecs& x, std::size_t) { return reference::fltrust(x); }, true},
  };
}

std::vector<Case> iterative_cases() {
  return {
      {"geometric_median_from_zero",
       [](int) {
         return GeometricMedianOptions{.nu = 0.1, .iterations = 3, .start = StartPoint::kZero};
       },
       [](const Vecs& x, std::size_t) {
         return reference::geometric_median(x, Vec(x[0].size(), 0.0), 0.1, 3);
       }},
      {"geometric_median_from_own",
       [](int) {
         return GeometricMedianOptions{.nu = 0.5, .iterations = 4, .start = StartPoint::kOwn};
       },
       [](const Vecs& x, std::size_t) { return reference::geometric_median(x, x[0], 0.5, 4); }},
      {"geometric_median_from_median", [](int) { return GeometricMedianOptions{.nu = 0.1}; },
       [](const Vecs& x, std::size_t) {
         return reference::geometric_median(x, reference::coordinate_median(x), 0.1, 8);
       }},
      {"centered_clipping_from_own",
       [](int) { return CenteredClippingOptions{.tau = 3.0, .iterations = 3}; },
       [](const Vecs& x, std::size_t) { return reference::centered_clipping(x, x[0], 3.0, 3); }},
      {"centered_clipping_from_mean",
       [](int) {
         return CenteredClippingOptions{.tau = 5.0, .iterations = 2, .start = StartPoint::kMean};
       },
       [](const Vecs& x, std::size_t) {
         return reference::centered_clipping(x, reference::mean(x), 5.0, 2);
       }},
      {"centered_clipping_from_median",
       [](int) {
         return CenteredClippingOptions{.tau = 2.0, .iterations = 2, .start = StartPoint::kMedian};
       },
       [](const Vecs& x, std::size_t) {
         return reference::centered_clipping(x, reference::coordinate_median(x), 2.0, 2);
       }},
      {"centered_clipping_from_zero",
       [](int) {
         return CenteredClippingOptions{.tau = 2.0, .iterations = 1, .start = StartPoint::kZero};
       },
       [](const Vecs& x, std::size_t) {
         return reference::centered_clipping(x, Vec(x[0].size(), 0.0), 2.0, 1);
       }},
  };
}

INSTANTIATE_TEST_SUITE_P(Coordinate, RobustReference, testing::ValuesIn(coordinate_cases()),
                         [](const auto& tested) { return tested.param.name; });
INSTANTIATE_TEST_SUITE_P(Bridge, RobustReference, testing::ValuesIn(bridge_cases()),
                         [](const auto& tested) { return tested.param.name; });
INSTANTIATE_TEST_SUITE_P(Distance, RobustReference, testing::ValuesIn(distance_cases()),
                         [](const auto& tested) { return tested.param.name; });
INSTANTIATE_TEST_SUITE_P(Iterative, RobustReference, testing::ValuesIn(iterative_cases()),
                         [](const auto& tested) { return tested.param.name; });

// Eigenvectors of the references take thousands of power steps: fewer and smaller inputs.
Vector robust(const AggregationRule& rule, const std::vector<Vector>& rows) {
  return combine(*std::visit([](const auto& options) { return make_aggregator(options); }, rule),
                 rows);
}

void expect_near(const Vector& result, const Vec& expected) {
  for (std::size_t k = 0; k < result.size(); ++k) ASSERT_NEAR(result[k], expected[k], 1e-5);
}

TEST(SpectralReference, Agrees) {
  Rng rng(11);
  for (const std::size_t n : {5U, 8U, 12U}) {
    for (const std::size_t d : {2U, 9U, 40U}) {
      const std::vector<Vector> rows = normal_inputs(n, d, rng);
      const Vecs x = to_reference(rows);
      for (const int f : {1, 2}) {
        const auto bad = static_cast<std::size_t>(f);
        expect_near(robust(CafOptions{.f = f}, rows), reference::caf(x, bad));
        expect_near(robust(DncOptions{.f = f}, rows), reference::dnc(x, bad));
        if (n <= 8) expect_near(robust(SmeaOptions{.f = f}, rows), reference::smea(x, bad));
      }
    }
  }
}

TEST(SpectralReference, AgreesOnManyLongInputs) {
  Rng rng(12);
  const std::vector<Vector> rows = normal_inputs(40, 300, rng);
  const Vecs x = to_reference(rows);
  expect_near(robust(CafOptions{.f = 8}, rows), reference::caf(x, 8));
  expect_near(robust(DncOptions{.f = 8}, rows), reference::dnc(x, 8));
  expect_near(robust(SmeaOptions{.f = 1}, rows), reference::smea(x, 1));
}

}  // namespace
}  // namespace hearsay
