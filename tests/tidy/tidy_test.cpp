// The form that CONTRIBUTING.md asks for, checked on every source of the tree.

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "tests/tidy/banned_rules.hpp"
#include "tests/tidy/include_rules.hpp"
#include "tests/tidy/layout_rules.hpp"
#include "tests/tidy/listing_rules.hpp"
#include "tests/tidy/source_file.hpp"

namespace hearsay::tidy {
namespace {

const std::vector<SourceFile>& tree() {
  static const std::vector<SourceFile> files = load_tree(HEARSAY_SOURCE_DIR);
  return files;
}

std::string text_of(const std::vector<Violation>& violations) {
  std::string text;
  for (const Violation& violation : violations) {
    text += violation.path + ":" + std::to_string(violation.line) + ": " + violation.message + "\n";
  }
  return text;
}

void expect_none(const std::vector<Violation>& violations) {
  EXPECT_TRUE(violations.empty()) << text_of(violations);
}

void expect_none_in_tree(const std::function<std::vector<Violation>(const SourceFile&)>& check) {
  std::vector<Violation> all;
  for (const SourceFile& file : tree()) {
    const std::vector<Violation> found = check(file);
    all.insert(all.end(), found.begin(), found.end());
  }
  expect_none(all);
}

TEST(Tree, IsFoundAndRead) {
  const auto has = [](std::string_view path) {
    for (const SourceFile& file : tree()) {
      if (file.path == path) return !file.text.empty();
    }
    return false;
  };
  EXPECT_TRUE(has("node/base/rng.hpp"));
  EXPECT_TRUE(has("tests/tidy/tidy_test.cpp"));
  EXPECT_TRUE(has("cmake/install-packages.sh"));
  EXPECT_TRUE(has(".ci/run"));
  EXPECT_FALSE(has("build/build.ninja"));
}

TEST(Tree, HasNoLongFilesOrLines) { expect_none_in_tree(check_lines); }
TEST(Tree, HasNoLongFunctions) { expect_none_in_tree(check_function_lengths); }
TEST(Tree, HasSmallInterfaces) { expect_none_in_tree(check_interface_sizes); }
TEST(Tree, GuardsHeaders) { expect_none_in_tree(check_pragma_once); }
TEST(Tree, HeadsScenariosWithTheirQuestion) { expect_none_in_tree(check_scenario_comment); }
TEST(Tree, UsesNothingBanned) { expect_none_in_tree(check_banned); }
TEST(Tree, FollowsTheArrows) { expect_none_in_tree(check_arrows); }
TEST(Tree, KeepsForeignHeadersInTheirFolders) { expect_none_in_tree(check_foreign_headers); }
TEST(Tree, KeepsTorchBehindItsHeaders) { expect_none(check_torch_reach(tree())); }
TEST(Tree, CompilesEverySource) { expect_none(check_listed(tree())); }
TEST(Tree, UsesEveryHeader) { expect_none(check_headers_used(tree())); }

TEST(Tree, IncludesOwnHeadersFirst) {
  expect_none_in_tree([](const SourceFile& file) { return check_own_header_first(file, tree()); });
}

}  // namespace
}  // namespace hearsay::tidy
