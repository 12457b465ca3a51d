// A row of every table in results/reference/ that studies are made of is run again.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "tests/e2e/program.hpp"
#include "tests/support/temporary_directory.hpp"

namespace hearsay {
namespace {

const std::filesystem::path kSource = HEARSAY_SOURCE_DIR;

using Row = std::map<std::string, std::string>;

std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells;
  std::istringstream text(line);
  for (std::string cell; std::getline(text, cell, ',');) cells.push_back(cell);
  return cells;
}

Row first_row(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::string header;
  std::string line;
  std::getline(file, header);
  std::getline(file, line);
  const std::vector<std::string> names = cells_of(header);
  const std::vector<std::string> cells = cells_of(line);
  Row row;
  for (std::size_t i = 0; i < names.size() && i < cells.size(); ++i) row[names[i]] = cells[i];
  return row;
}

nlohmann::json read_json(const std::filesystem::path& path) {
  std::ifstream file(path);
  return nlohmann::json::parse(file);
}

TEST(ReferenceRows, TheUndisturbedRunOfTheDisasterStudyIsReproduced) {
  const Row row = first_row(kSource / "results/reference/disaster.csv");
  ASSERT_EQ(row.at("case"), "D");
  const TemporaryDirectory directory;
  const std::string out = (directory.path() / "run").string();
  const ProgramResult result =
      run_hearsay({"run", (kSource / "scenarios/disaster.yaml").string(), "-c",
                   "seed=" + row.at("seed"), "-c", "faults=[]", "--out", out});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const nlohmann::json summary = read_json(directory.path() / "run/summary.json");
  const double accuracy = summary["final"]["accuracy_mean"];
  EXPECT_NEAR(100.0 * accuracy, std::stod(row.at("accuracy_all")), 0.2)
      << "other instruction sets round differently";
  const nlohmann::json manifest = read_json(directory.path() / "run/manifest.json");
  if (manifest["kernels"]["fused"] != "x86-64-v4") return;  // What the table was made with.
  EXPECT_EQ(summary["model_digest"], row.at("model_digest"));
  EXPECT_EQ(summary["event_digest"], row.at("event_digest"));
}

}  // namespace
}  // namespace hearsay
