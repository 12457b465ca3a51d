// The kept corpus, read again by every build: what the project's own writers made is taken,
// what a fuzzer found ends in a refusal or is taken, but never in a crash.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <string>

#include "tests/fuzz/readers.hpp"
#include "tests/fuzz/seeds.hpp"
#include "tests/support/file_contents.hpp"

namespace hearsay::fuzz {
namespace {

namespace fs = std::filesystem;

const fs::path kCorpus = fs::path(HEARSAY_SOURCE_DIR) / "tests" / "fuzz" / "corpus";

constexpr Target kTargets[] = {
    {"wire", takes_wire},         {"report", takes_report},         {"idx", takes_idx},
    {"csv", takes_csv},           {"checkpoint", takes_checkpoint}, {"vectors", takes_vectors},
    {"scenario", takes_scenario},
};

class Corpus : public testing::TestWithParam<Target> {
 protected:
  static std::vector<fs::path> files() {
    std::vector<fs::path> found;
    for (const auto& entry : fs::directory_iterator(kCorpus / GetParam().name)) {
      found.push_back(entry.path());
    }
    std::ranges::sort(found);
    return found;
  }

  static bool is_seed(const fs::path& path) {
    return path.filename().string().starts_with("seed-");
  }
};

TEST_P(Corpus, IsReadWithoutHarmAndSeedsAreTaken) {
  int seeds = 0;
  for (const fs::path& path : files()) {
    const std::string text = contents(path);
    const bool is_taken = GetParam().takes(std::as_bytes(std::span(text)));
    if (is_seed(path)) EXPECT_TRUE(is_taken) << path;
    seeds += is_seed(path) ? 1 : 0;
  }
  EXPECT_GE(seeds, 2);
}

// HEARSAY_WRITE_SEEDS=1 writes them anew, after a change of a format.
TEST_P(Corpus, SeedsAreWhatTheWritersWrite) {
  for (const Seed& seed : seeds_of(GetParam().name)) {
    const fs::path path = kCorpus / GetParam().name / ("seed-" + seed.name);
    if (std::getenv("HEARSAY_WRITE_SEEDS") != nullptr) {
      std::ofstream(path, std::ios::binary) << seed.text;
    }
    ASSERT_TRUE(fs::exists(path)) << path;
    EXPECT_EQ(contents(path), seed.text) << path;
  }
}

INSTANTIATE_TEST_SUITE_P(Targets, Corpus, testing::ValuesIn(kTargets),
                         [](const auto& target) { return std::string(target.param.name); });

}  // namespace
}  // namespace hearsay::fuzz
