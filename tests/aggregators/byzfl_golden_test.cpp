// Outputs of ByzFL (tests/golden/byzfl_rules.json names the version), matched to 1e-5. Where
// ByzFL's conventions differ from the defaults here, the test names the option that reproduces
// them.

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "aggregators/aggregators.hpp"
#include "tests/aggregators/combine.hpp"

namespace hearsay {
namespace {

using nlohmann::json;

const json& golden() {
  static const json contents = json::parse(
      std::ifstream(std::string(HEARSAY_SOURCE_DIR) + "/tests/golden/byzfl_rules.json"));
  return contents;
}

void expect_near(const Vector& result, const Vector& expected) {
  ASSERT_EQ(result.size(), expected.size());
  for (std::size_t k = 0; k < result.size(); ++k) {
    ASSERT_NEAR(result[k], expected[k], 1e-5) << "entry " << k;
  }
}

class ByzflGolden : public testing::TestWithParam<std::string> {
 protected:
  const json& expected(const std::string& function) const {
    return golden()["cases"][GetParam()]["functions"][function];
  }

  int f() const { return golden()["cases"][GetParam()]["f"]; }

  std::vector<Vector> input() const { return golden()["cases"][GetParam()]["input"]; }

  void expect(const std::string& function, const AggregationRule& rule,
              const std::vector<PreAggregationOptions>& pre = {}) const {
    SCOPED_TRACE(function);
    const auto chosen = make_pre_aggregated(
        std::visit([](const auto& options) { return make_aggregator(options); }, rule), pre);
    expect_near(combine(*chosen, input()), expected(function)["output"]);
  }

  // The file has the first, middle and last of the vectors.
  void expect_vectors(const std::string& function, const std::vector<Mixture>& mixtures) const {
    SCOPED_TRACE(function);
    const reference::Vecs x = to_reference(input());
    const json& output = expected(function)["output"];
    const std::size_t shown[] = {0, mixtures.size() / 2, mixtures.size() - 1};
    for (std::size_t s = 0; s < 3; ++s) {
      reference::Vec mixed(x[0].size(), 0.0);
      for (std::size_t i = 0; i < x.size(); ++i) {
        mixed = reference::plus(mixed, x[i], mixtures[shown[s]].weights[i]);
      }
      expect_near(Vector(mixed.begin(), mixed.end()), output[s]);
    }
  }

  template <class Options>
  std::vector<Mixture> mixtures(const Options& options) const {
    const std::vector<Vector> rows = input();
    std::vector<ReceivedModel> received;
    for (std::size_t i = 1; i < rows.size(); ++i) {
      received.push_back({.sender = static_cast<PeerId>(i), .values = rows[i]});
    }
    const ParameterLayout layout;
    const Rng stream(1);
    const AggregationContext context{.layout = layout, .stream = stream};
    const InputVectors x({.own = rows[0], .received = received}, context);
    return make_pre_aggregator(options)->mix(x, context);
  }

  // Buckets in the file's order, which is that of the permutation.
  std::vector<Mixture> buckets_of(const std::string& function, std::size_t size) const {
    const std::vector<std::size_t> order = expected(function)["perm"];
    std::vector<Mixture> in_order;
    for (std::size_t first = 0; first < order.size(); first += size) {
      for (const Mixture& bucket : buckets(order.size(), order, size)) {
        if (bucket.weights[order[first]] > 0.0) in_order.push_back(bucket);
      }
    }
    return in_order;
  }
};

TEST_P(ByzflGolden, CoordinateWiseRules) {
  expect("Average", TrimmedMeanOptions{.f = 0});
  expect("Median", MedianOptions{});
  expect("TrMean", TrimmedMeanOptions{.f = f()});
  expect("Meamed", MeamedOptions{.f = f(), .ties = MeamedOptions::Ties::kByzfl});
}

TEST_P(ByzflGolden, DistanceRules) {
  expect("Krum", KrumOptions{.f = f(), .convention = KrumConvention::kByzfl});
  expect("MultiKrum", MultiKrumOptions{.f = f(), .convention = KrumConvention::kByzfl});
  expect("MDA", MdaOptions{.f = f()});
}

TEST_P(ByzflGolden, IterativeRules) {
  expect("GeometricMedian",
         GeometricMedianOptions{.nu = 0.1, .iterations = 3, .start = StartPoint::kZero});
  expect("GeometricMedian_T50",
         GeometricMedianOptions{.nu = 0.1, .iterations = 50, .start = StartPoint::kZero});
  expect("CenteredClipping_default",
         CenteredClippingOptions{.tau = 100.0, .iterations = 1, .start = StartPoint::kZero});
  expect("CenteredClipping_L3_tau5",
         CenteredClippingOptions{.tau = 5.0, .iterations = 3, .start = StartPoint::kZero});
}

TEST_P(ByzflGolden, SpectralRules) {
  expect("CAF_sin", CafOptions{.f = f(), .direction = LeadingDirection::kByzfl});
  expect("SMEA_sin", SmeaOptions{.f = f(), .direction = LeadingDirection::kByzfl});
}

TEST_P(ByzflGolden, PreAggregators) {
  expect_vectors("NNM", mixtures(NnmOptions{.f = f()}));
  expect_vectors("Clipping", mixtures(ClippingOptions{.threshold = 2.0}));
  expect_vectors("ARC", mixtures(ArcOptions{.f = f()}));
  expect_vectors("Bucketing_s2", buckets_of("Bucketing_s2", 2));
  expect_vectors("Bucketing_s3", buckets_of("Bucketing_s3", 3));
}

TEST_P(ByzflGolden, RulesBehindPreAggregators) {
  const std::vector<PreAggregationOptions> nnm{{NnmOptions{.f = f()}}};
  expect("NNM+TrMean", TrimmedMeanOptions{.f = f()}, nnm);
  expect("NNM+GeometricMedian",
         GeometricMedianOptions{.nu = 0.1, .iterations = 3, .start = StartPoint::kZero}, nnm);
  expect("NNM+Krum", KrumOptions{.f = f(), .convention = KrumConvention::kByzfl}, nnm);
}

INSTANTIATE_TEST_SUITE_P(Cases, ByzflGolden, testing::Values("gauss", "ties", "odd_n15"),
                         [](const auto& tested) { return tested.param; });

}  // namespace
}  // namespace hearsay
