// Runs the examples of README.md and CONTRIBUTING.md as a reader would.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "tests/readme/document.hpp"
#include "tests/support/temporary_directory.hpp"

namespace hearsay::readme {
namespace {

namespace fs = std::filesystem;

const fs::path kRoot = HEARSAY_SOURCE_DIR;

/// The contents of a file of the repository; empty if there is none.
std::string read(const fs::path& path) {
  std::ifstream in(kRoot / path);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

/// A folder that looks like the repository's root to a command and takes its output.
class ReadmeTest : public testing::Test {
 protected:
  ReadmeTest() {
    fs::create_directory_symlink(kRoot / "scenarios", folder_ / "scenarios");
    fs::create_directories(folder_ / "build");
    fs::create_directory_symlink(fs::path(HEARSAY_BINARY).parent_path(), folder_ / "build/node");
  }

  Result run_here(const Example& example) const {
    return run(example, {.folder = folder_, .program = HEARSAY_BINARY, .repository = kRoot});
  }

  /// Runs all examples of a document in this folder, each on what the last one left.
  void expect_true_document(std::string_view name) const {
    const std::string text = read(name);
    ASSERT_FALSE(text.empty()) << name << " is missing";
    const std::vector<Example> examples = examples_of(text);
    EXPECT_FALSE(examples.empty()) << name << " has no block ```sh run";
    for (const Example& example : examples) {
      SCOPED_TRACE(std::string(name) + ":" + std::to_string(example.line));
      const Result result = run_here(example);
      EXPECT_EQ(result.exit_code, 0) << example.commands << result.output;
      for (const std::string& line : missing_lines(example, result.output)) {
        ADD_FAILURE() << "not printed: " << line << "\nprinted:\n" << result.output;
      }
    }
  }

 private:
  const TemporaryDirectory temporary_;
  const fs::path& folder_ = temporary_.path();
};

TEST(Examples, AreTheMarkedBlocks) {
  const auto examples = examples_of(
      "Words\n```sh\nskipped\n```\n```sh run\none\ntwo\n```\n\n```text output\nA 1\n...\n```\n"
      "```sh run\nthree\n```\nWords between.\n```text output\nB\n```\n");
  ASSERT_EQ(examples.size(), 2U);
  EXPECT_EQ(examples[0].line, 5);
  EXPECT_EQ(examples[0].commands, "one\ntwo\n");
  EXPECT_EQ(examples[0].expected, std::vector<std::string>{"A 1"});
  EXPECT_EQ(examples[1].commands, "three\n");
  EXPECT_TRUE(examples[1].expected.empty());
}

TEST(LooseLines, ForgetNumbersDigestsAndWidths) {
  EXPECT_EQ(loosened("  round 10   0.825 +- 1e-05 |-----|"), "round # # +- # |-|");
  EXPECT_EQ(loosened("digest 0123456789abcdef."), "digest #.");
  EXPECT_EQ(loosened("accuracy 5%"), loosened("accuracy   93.25%"));
}

TEST(LooseLines, KeepWords) {
  EXPECT_NE(loosened("accuracy 5%"), loosened("accuracy 5"));
  EXPECT_NE(loosened("mean 5"), loosened("median 5"));
  EXPECT_EQ(loosened("facade"), "facade");
}

TEST(MissingLines, AreThoseNotPrinted) {
  const Example example{.line = 1, .commands = "", .expected = {"a 1", "b 2"}};
  EXPECT_TRUE(missing_lines(example, "b 30\nother\na 10\n").empty());
  EXPECT_EQ(missing_lines(example, "a 10\n"), std::vector<std::string>{"b 2"});
}

TEST_F(ReadmeTest, ExamplesStopAtTheFirstFailure) {
  const Result result =
      run_here({.line = 1, .commands = "echo a\nfalse\necho b\n", .expected = {}});
  EXPECT_NE(result.exit_code, 0);
  EXPECT_EQ(result.output, "a\n");
}

TEST_F(ReadmeTest, MakeOnlyLooksForTargets) {
  EXPECT_EQ(run_here({.line = 1, .commands = "make demo test\n", .expected = {}}).exit_code, 0);
  EXPECT_NE(run_here({.line = 1, .commands = "make no_such_target\n", .expected = {}}).exit_code,
            0);
}

TEST(Quotes, AreBlocksThatNameAFile) {
  const auto quotes = quotes_of(
      "```cpp\nint a;\n```\n```cpp from a/b.hpp\nint b;\n\nint c;\n```\nWords.\n"
      "```sh from c.sh\nls\n```\n");
  ASSERT_EQ(quotes.size(), 2U);
  EXPECT_EQ(quotes[1].path, "c.sh");
  EXPECT_EQ(quotes[0].line, 4);
  EXPECT_EQ(quotes[0].path, "a/b.hpp");
  EXPECT_EQ(quotes[0].text, "int b;\n\nint c;\n");
}

TEST(Quotes, StandInTheFilesTheyName) {
  for (const char* name : {"README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"}) {
    for (const Quote& quote : quotes_of(read(name))) {
      EXPECT_NE(read(quote.path).find(quote.text), std::string::npos)
          << name << ":" << quote.line << ": not so in " << quote.path;
    }
  }
}

TEST_F(ReadmeTest, ReadmeIsTrue) { expect_true_document("README.md"); }
TEST_F(ReadmeTest, ContributingIsTrue) { expect_true_document("CONTRIBUTING.md"); }

}  // namespace
}  // namespace hearsay::readme
