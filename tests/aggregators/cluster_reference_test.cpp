// The rules that find clusters against slow, obvious versions.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "aggregators/clipped_clustering.hpp"
#include "aggregators/lfighter.hpp"
#include "aggregators/sign_guard.hpp"
#include "tests/aggregators/combine.hpp"
#include "tests/reference/reference_clusters.hpp"
#include "tests/support/neighborhood_case.hpp"

namespace hearsay {
namespace {

/// Up to 40 rows of up to 300 entries around two centers, some of them twice, some long.
std::vector<Vector> two_groups(Rng& rng, std::size_t d) {
  const std::size_t n = 3 + rng.below(38);
  const double apart = 0.1 + rng.uniform();
  std::vector<Vector> rows(n, Vector(d));
  for (std::size_t i = 0; i < n; ++i) {
    const double center = i % 3 == 1 ? -apart : apart;
    const double length = rng.below(6) == 0 ? 5.0 : 1.0;
    for (float& value : rows[i]) value = static_cast<float>(length * (rng.normal() + center));
    if (i > 1 && rng.below(5) == 0) rows[i] = rows[rng.below(i)];
  }
  return rows;
}

void expect_near(const Vector& result, const reference::Vec& expected) {
  for (std::size_t k = 0; k < result.size(); ++k) ASSERT_NEAR(result[k], expected[k], 2e-5) << k;
}

template <class Check>
void for_random_groups(const Check& check) {
  for (std::uint64_t seed = 0; seed < 150; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Rng rng(seed);
    check(two_groups(rng, 1 + rng.below(300)));
    if (testing::Test::HasFatalFailure()) return;
  }
}

TEST(SignGuard, AgreesWithTheSlowVersion) {
  for_random_groups([](const std::vector<Vector>& rows) {
    const auto rule = make_aggregator(SignGuardOptions{});
    expect_near(combine(*rule, rows), reference::sign_guard(to_reference(rows)));
  });
}

TEST(ClippedClustering, AgreesWithTheSlowVersion) {
  for_random_groups([](const std::vector<Vector>& rows) {
    const auto rule = make_aggregator(ClippedClusteringOptions{});
    expect_near(combine(*rule, rows), reference::clipped_clustering(to_reference(rows)));
  });
}

TEST(Lfighter, AgreesWithTheSlowVersion) {
  for (std::uint64_t seed = 0; seed < 150; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Rng rng(seed);
    const std::size_t classes = 2 + rng.below(8);
    const std::size_t features = 1 + rng.below(30);
    const std::vector<Vector> rows = two_groups(rng, classes * (features + 1));
    ParameterLayout layout;
    layout.add("out", {static_cast<std::int64_t>(classes), static_cast<std::int64_t>(features)},
               TensorKind::kWeight);
    layout.add("out.bias", {static_cast<std::int64_t>(classes)}, TensorKind::kBias);
    NeighborhoodCase input = evenly(rows[0], {rows.begin() + 1, rows.end()});
    input.layout = &layout;
    expect_near(run_rule(*make_aggregator(LfighterOptions{}), input).result,
                reference::lfighter(to_reference(rows), classes, features));
    if (testing::Test::HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace hearsay
