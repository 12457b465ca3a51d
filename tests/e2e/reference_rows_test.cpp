// A row of every table in results/reference/ that studies are made of is run again.

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "tests/e2e/program.hpp"
#include "tests/support/file_contents.hpp"
#include "tests/support/temporary_directory.hpp"

namespace hearsay {
namespace {

const std::filesystem::path kSource = HEARSAY_SOURCE_DIR;
const std::filesystem::path kReference = kSource / "results/reference";

using Row = std::map<std::string, std::string>;

// Splits at `separator`, but not between two of `quote`, which are dropped.
std::vector<std::string> split(const std::string& text, char separator, char quote) {
  std::vector<std::string> parts(1);
  bool quoted = false;
  for (const char c : text) {
    if (c == quote) {
      quoted = !quoted;
    } else if (c == separator && !quoted) {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

std::vector<Row> rows_of(const std::filesystem::path& csv) {
  std::ifstream file(csv);
  std::string line;
  std::getline(file, line);
  const std::vector<std::string> names = split(line, ',', '"');
  std::vector<Row> rows;
  while (std::getline(file, line)) {
    const std::vector<std::string> cells = split(line, ',', '"');
    EXPECT_EQ(cells.size(), names.size()) << csv << ": " << line;
    Row& row = rows.emplace_back();
    for (std::size_t i = 0; i < names.size() && i < cells.size(); ++i) row[names[i]] = cells[i];
  }
  return rows;
}

nlohmann::json read_json(const std::filesystem::path& path) {
  std::ifstream file(path);
  return nlohmann::json::parse(file);
}

/// The run of `arguments`; nothing if it failed, which it reports.
struct Rerun {
  nlohmann::json summary;
  bool same_kernels = false;  // As those that the tables were made with.
};

std::optional<Rerun> run_again(std::vector<std::string> arguments) {
  const TemporaryDirectory directory;
  const std::filesystem::path out = directory.path() / "run";
  arguments.insert(arguments.begin(), "run");
  arguments.insert(arguments.end(), {"--no-report", "--out", out.string()});
  const ProgramResult result = run_hearsay(arguments);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  if (result.exit_code != 0) return std::nullopt;
  return Rerun{.summary = read_json(out / "summary.json"),
               .same_kernels = read_json(out / "manifest.json")["kernels"]["fused"] == "x86-64-v4"};
}

void expect_digests(const Rerun& rerun, const Row& row) {
  if (!rerun.same_kernels) return;
  EXPECT_EQ(rerun.summary["model_digest"], row.at("model_digest"));
  EXPECT_EQ(rerun.summary["event_digest"], row.at("event_digest"));
}

TEST(ReferenceRows, TheUndisturbedRunOfTheDisasterStudyIsReproduced) {
  const Row row = rows_of(kReference / "disaster.csv").front();
  ASSERT_EQ(row.at("case"), "D");
  const auto rerun = run_again({(kSource / "scenarios/disaster.yaml").string(), "-c",
                                "seed=" + row.at("seed"), "-c", "faults=[]"});
  ASSERT_TRUE(rerun.has_value());
  const double accuracy = rerun->summary["final"]["accuracy_mean"];
  EXPECT_NEAR(100.0 * accuracy, std::stod(row.at("accuracy_all")), 0.2)
      << "other instruction sets round differently";
  expect_digests(*rerun, row);
}

/// A study that sweeps make, and the one of these whose first row is run again.
struct SweptStudy {
  std::string name;
  std::string sweep;
};

const std::vector<SweptStudy> kSweptStudies = {
    {"a2cid2", "plain"},
    {"dadao", "logistic_regression-barbell-dadao"},
    {"fedcompass", "fedavg-homo-dual_dirichlet"},
    {"modest", "modest-100"},
    {"optimizers", "extra-torus-0.1"},
    {"robustness", "ios-alie-4"},
    {"skewed_labels", "relaysumm"},
    {"vanishing_variance", "fedavg"},
};

TEST(ReferenceRows, EveryStudyThatSweepsMakeHasARowToBeRunAgain) {
  for (const auto& entry : std::filesystem::directory_iterator(kReference)) {
    if (entry.path().extension() != ".csv") continue;
    if (!rows_of(entry.path()).front().contains("sweep")) continue;
    const std::string name = entry.path().stem().string();
    EXPECT_TRUE(std::ranges::any_of(kSweptStudies, [&](const auto& s) { return s.name == name; }))
        << "name a sweep of " << name << " in kSweptStudies";
  }
}

class SweptStudyRows : public testing::TestWithParam<SweptStudy> {
 protected:
  static Row first_row() {
    for (const Row& row : rows_of(kReference / (GetParam().name + ".csv"))) {
      if (row.at("sweep") == GetParam().sweep) return row;
    }
    return {};
  }

  /// The words of the sweep's command, as the study's page has it.
  static std::vector<std::string> command() {
    std::istringstream page(contents(kReference / (GetParam().name + ".md")));
    for (std::string line; std::getline(page, line);) {
      if (line.find(" -c name=" + GetParam().sweep + " ") != std::string::npos) {
        return split(line, ' ', '\'');
      }
    }
    return {};
  }
};

TEST_P(SweptStudyRows, AreReproducedByTheCommandBesideTheTable) {
  const Row row = first_row();
  ASSERT_FALSE(row.empty());
  std::vector<std::string> words = command();
  ASSERT_GT(words.size(), 4U);
  ASSERT_EQ(words.back().rfind("sweep=", 0), 0U) << words.back();
  words.back() = "sweep=";
  for (const std::string& value : split(row.at("point"), ',', '"')) {
    words.insert(words.end(), {"-c", value});
  }
  words[2] = (kSource / words[2]).string();
  words.erase(words.begin(), words.begin() + 2);  // hearsay sweep
  const auto rerun = run_again(words);
  ASSERT_TRUE(rerun.has_value());
  const nlohmann::json& last = rerun->summary["final"];
  if (row.at("accuracy_mean").empty()) {
    EXPECT_NEAR(last["loss_mean"], std::stod(row.at("loss_mean")),
                0.5 * std::stod(row.at("loss_mean")));
  } else {
    EXPECT_NEAR(last["accuracy_mean"], std::stod(row.at("accuracy_mean")), 0.03);
  }
  expect_digests(*rerun, row);
}

INSTANTIATE_TEST_SUITE_P(Studies, SweptStudyRows, testing::ValuesIn(kSweptStudies),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace hearsay
