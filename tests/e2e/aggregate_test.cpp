// `hearsay aggregate`: formats, errors, and what a public implementation makes of the same.

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/e2e/program.hpp"
#include "tests/support/temporary_directory.hpp"

namespace hearsay {
namespace {

using nlohmann::json;

class AggregateCommand : public testing::Test {
 protected:
  std::string write(const std::string& name, const std::string& text) const {
    const std::filesystem::path path = temporary_.path() / name;
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }

  /// A .npy file of format 1 as NumPy writes it.
  template <class Number>
  std::string write_npy(const std::string& type, const std::string& shape,
                        const std::vector<Number>& numbers) const {
    std::string header =
        "{'descr': '" + type + "', 'fortran_order': False, 'shape': " + shape + ", }";
    header.resize((10 + header.size() + 64) / 64 * 64 - 10, ' ');
    header.back() = '\n';
    std::string text("\x93NUMPY\x01\x00", 8);
    text += static_cast<char>(header.size() & 0xFFU);
    text += static_cast<char>(header.size() >> 8U);
    text += header;
    text.append(reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(Number));
    return write("vectors.npy", text);
  }

  static json aggregate(const std::vector<std::string>& arguments) {
    std::vector<std::string> all{"aggregate"};
    all.insert(all.end(), arguments.begin(), arguments.end());
    const ProgramResult result = run_hearsay(all);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return json::parse(result.out);
  }

  static std::string error_of(const std::vector<std::string>& arguments) {
    std::vector<std::string> all{"aggregate"};
    all.insert(all.end(), arguments.begin(), arguments.end());
    const ProgramResult result = run_hearsay(all);
    EXPECT_EQ(result.exit_code, 2) << result.out;
    return result.err;
  }

  TemporaryDirectory temporary_;
};

TEST_F(AggregateCommand, PrintsResultAndWeights) {
  const std::string file = write("v.json", R"({"vectors": [[0, 8], [1, 4], [5, 0], [6, 0]]})");
  const json plain = aggregate({"mean", file});
  EXPECT_EQ(plain["result"], json({3.0, 3.0}));
  EXPECT_EQ(plain["weights"], json({0.25, 0.25, 0.25, 0.25}));
}

TEST_F(AggregateCommand, ReadsArraysOfNumPy) {
  const std::vector<float> floats{0, 8, 1, 4, 5, 0};
  EXPECT_EQ(aggregate({"mean", write_npy("<f4", "(3, 2)", floats)})["result"], json({2.0, 4.0}));
  const std::vector<double> doubles{0, 8, 1, 4, 5, 0};
  EXPECT_EQ(aggregate({"mean", write_npy("<f8", "(2, 3)", doubles)})["result"],
            json({2.0, 6.5, 0.5}));
}

TEST_F(AggregateCommand, LeavesOutWhatIsNotFinite) {
  const std::string file = write("v.json", R"({"vectors": [[1], ["nan"], [5], ["-inf"]]})");
  const json result = aggregate({"mean", file});
  EXPECT_EQ(result["result"], json::array({3.0}));
  EXPECT_EQ(result["not_finite"], json({1, 3}));
  EXPECT_EQ(result["weights"], json({0.5, 0.0, 0.5, 0.0}));
}

TEST_F(AggregateCommand, NamesWhatIsWrong) {
  const std::string file = write("v.json", R"({"vectors": [[1], [2]]})");
  EXPECT_NE(error_of({"meen", file}).find("mean"), std::string::npos);
  EXPECT_NE(error_of({"mean", file, "--own", "2"}).find("rows are 0 to 1"), std::string::npos);
  EXPECT_NE(error_of({"mean", write("a.json", "[1")}).find("is no JSON"), std::string::npos);
  EXPECT_NE(error_of({"mean", write("b.json", R"({"vectors": [[1], [2, 3]]})")})
                .find("vector 1 has 2 entries, vector 0 has 1"),
            std::string::npos);
  EXPECT_NE(error_of({"mean", write("c.npy", "no array")}).find("is no .npy file"),
            std::string::npos);
  EXPECT_NE(error_of({"mean", write_npy("<f4", "(9, 9)", std::vector<float>(4))})
                .find("says 9 x 9 numbers, but it holds 4"),
            std::string::npos);
}

/// What is written on the command line for a function of the golden file; of those that return
/// a vector.
struct Spec {
  const char* function;
  const char* spec;
  const char* own = "0";
};

constexpr Spec kSpecs[] = {
    {"Average", "mean"},
    {"Median", "median"},
    {"TrMean", "{kind: trimmed_mean, f: 3}"},
    {"GeometricMedian", "{kind: geometric_median, nu: 0.1, iterations: 3, start: zero}"},
    {"GeometricMedian_T50", "{kind: geometric_median, nu: 0.1, iterations: 50, start: zero}"},
    {"Krum", "{kind: krum, f: 3, convention: byzfl}"},
    {"MultiKrum", "{kind: multi_krum, f: 3, convention: byzfl}"},
    {"CenteredClipping_default", "{kind: centered_clipping, tau: 100, start: zero}"},
    {"CenteredClipping_L3_tau5", "{kind: centered_clipping, tau: 5, iterations: 3, start: zero}"},
    {"MDA", "{kind: mda, f: 3}"},
    {"MoNNA_0", "{kind: monna, f: 3}"},
    {"MoNNA_7", "{kind: monna, f: 3}", "7"},
    {"Meamed", "{kind: meamed, f: 3, ties: byzfl}"},
    {"CAF_sin", "{kind: caf, f: 3, direction: byzfl}"},
    {"SMEA_sin", "{kind: smea, f: 3, direction: byzfl}"},
    {"NNM+TrMean", "{kind: trimmed_mean, f: 3, pre: [{kind: nnm, f: 3}]}"},
    {"NNM+GeometricMedian",
     "{kind: geometric_median, nu: 0.1, iterations: 3, start: zero, pre: [{kind: nnm, f: 3}]}"},
    {"NNM+Krum", "{kind: krum, f: 3, convention: byzfl, pre: [{kind: nnm, f: 3}]}"}};

class Conformance : public AggregateCommand, public testing::WithParamInterface<std::string> {
 protected:
  static json golden() {
    std::ifstream file(std::string(HEARSAY_SOURCE_DIR) + "/tests/golden/byzfl_rules.json");
    return json::parse(file);
  }
};

TEST_P(Conformance, MatchesByzFl) {
  const json expected = golden()["cases"][GetParam()];
  const std::string file = write("vectors.json", json{{"vectors", expected["input"]}}.dump());
  for (const Spec& spec : kSpecs) {
    const json output = expected["functions"][spec.function]["output"];
    const json result = aggregate({spec.spec, file, "--own", spec.own})["result"];
    ASSERT_EQ(result.size(), output.size()) << spec.function;
    for (std::size_t i = 0; i < output.size(); ++i) {
      ASSERT_NEAR(result[i], output[i], 1e-5) << spec.function << ", entry " << i;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(ByzFl, Conformance, testing::Values("gauss", "ties", "odd_n15"),
                         [](const auto& tested) { return tested.param; });

}  // namespace
}  // namespace hearsay
