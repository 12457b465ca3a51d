#include "tests/tidy/include_rules.hpp"

#include <gtest/gtest.h>

#include <string>

#include "tests/tidy/listing_rules.hpp"

namespace hearsay::tidy {
namespace {

std::string quoted(std::string_view path) { return "#include \"" + std::string(path) + "\"\n"; }
std::string angled(std::string_view path) { return "#include <" + std::string(path) + ">\n"; }

std::size_t arrows(std::string path, std::string_view included) {
  return check_arrows(make_source_file(std::move(path), quoted(included))).size();
}

std::size_t foreign(std::string path, std::string_view included) {
  return check_foreign_headers(make_source_file(std::move(path), angled(included))).size();
}

TEST(Includes, AreReadWithTheirLines) {
  const auto found =
      includes_of(make_source_file("a.cpp", "// x\n" + quoted("a/b.hpp") + "auto s = R\"(\n" +
                                                angled("c") + ")\";\n" + angled("vector")));
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].path, "a/b.hpp");
  EXPECT_EQ(found[0].line, 2);
  EXPECT_TRUE(found[0].quoted);
  EXPECT_EQ(found[1].path, "vector");
  EXPECT_FALSE(found[1].quoted);
}

TEST(Arrows, PointToTheBase) {
  EXPECT_EQ(arrows("node/base/a.hpp", "node/base/b.hpp"), 0U);
  EXPECT_EQ(arrows("topologies/a.hpp", "node/base/b.hpp"), 0U);
  EXPECT_EQ(arrows("node/learning/a.hpp", "node/data/b.hpp"), 0U);
  EXPECT_EQ(arrows("node/protocols/a.hpp", "aggregators/b.hpp"), 0U);
  EXPECT_EQ(arrows("node/runtime/a.hpp", "node/net/b.hpp"), 0U);
  EXPECT_EQ(arrows("scenarios/a.hpp", "results/b.hpp"), 0U);
  EXPECT_EQ(arrows("node/main.cpp", "scenarios/b.hpp"), 0U);
  EXPECT_EQ(arrows("tests/base/a_test.cpp", "scenarios/b.hpp"), 0U);
}

TEST(Arrows, NeverPointBack) {
  EXPECT_EQ(arrows("node/base/a.hpp", "topologies/b.hpp"), 1U);
  EXPECT_EQ(arrows("topologies/a.hpp", "aggregators/b.hpp"), 1U);
  EXPECT_EQ(arrows("aggregators/attacks/a.hpp", "node/codecs/b.hpp"), 1U);
  EXPECT_EQ(arrows("node/data/a.hpp", "node/learning/b.hpp"), 1U);
  EXPECT_EQ(arrows("node/protocols/a.hpp", "node/net/b.hpp"), 1U);
  EXPECT_EQ(arrows("node/protocols/a.hpp", "node/learning/b.hpp"), 1U);
  EXPECT_EQ(arrows("node/runtime/a.hpp", "scenarios/b.hpp"), 1U);
  EXPECT_EQ(arrows("results/a.hpp", "scenarios/b.hpp"), 1U);
  EXPECT_EQ(arrows("scenarios/a.hpp", "tests/b.hpp"), 1U);
}

TEST(Arrows, StartAtTheRoot) {
  EXPECT_EQ(arrows("node/net/a.cpp", "envelope.pb.h"), 0U);
  EXPECT_EQ(arrows("node/base/a.hpp", "b.hpp"), 1U);
  EXPECT_EQ(arrows("node/base/a.hpp", "../base/b.hpp"), 1U);
}

TEST(ForeignHeaders, StayInTheirFolders) {
  EXPECT_EQ(foreign("node/learning/torch_mlp.cpp", "torch/torch.h"), 0U);
  EXPECT_EQ(foreign("tests/learning/a_test.cpp", "ATen/Parallel.h"), 0U);
  EXPECT_EQ(foreign("node/net/a.cpp", "zmq.hpp"), 0U);
  EXPECT_EQ(foreign("node/net/a.cpp", "node/net/envelope.pb.h"), 0U);
  EXPECT_EQ(foreign("scenarios/a.cpp", "yaml-cpp/yaml.h"), 0U);
  EXPECT_EQ(foreign("node/runtime/a.cpp", "thread"), 0U);
}

TEST(ForeignHeaders, AreRefusedElsewhere) {
  EXPECT_EQ(foreign("node/learning/batch_sampler.cpp", "torch/torch.h"), 1U);
  EXPECT_EQ(foreign("scenarios/a.cpp", "c10/util/a.h"), 1U);
  EXPECT_EQ(foreign("node/runtime/a.cpp", "zmq.hpp"), 1U);
  EXPECT_EQ(foreign("node/runtime/a.cpp", "node/net/envelope.pb.h"), 1U);
  EXPECT_EQ(foreign("scenarios/a.hpp", "yaml-cpp/yaml.h"), 1U);
  EXPECT_EQ(foreign("node/protocols/a.cpp", "chrono"), 1U);
  EXPECT_EQ(foreign("node/base/a.cpp", "random"), 1U);
}

TEST(TorchReach, IsFollowedThroughHeaders) {
  const std::vector<SourceFile> tree = {
      make_source_file("node/learning/torch_a.hpp", angled("torch/torch.h")),
      make_source_file("node/learning/torch_a.cpp", quoted("node/learning/torch_a.hpp")),
      make_source_file("node/learning/b.hpp", quoted("node/learning/torch_a.hpp")),
      make_source_file("scenarios/c.cpp", angled("map") + quoted("node/learning/b.hpp")),
      make_source_file("scenarios/d.cpp", quoted("node/base/rng.hpp"))};
  const auto found = check_torch_reach(tree);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].path, "node/learning/b.hpp");
  EXPECT_EQ(found[1].path, "scenarios/c.cpp");
  EXPECT_EQ(found[1].line, 2);
}

TEST(OwnHeader, ComesFirstInItsSource) {
  const SourceFile header = make_source_file("node/a.hpp", "#pragma once\n");
  const auto check = [&](std::string path, std::string text) {
    return check_own_header_first(make_source_file(std::move(path), std::move(text)), {&header, 1})
        .size();
  };
  EXPECT_EQ(check("node/a.cpp", quoted("node/a.hpp") + angled("vector")), 0U);
  EXPECT_EQ(check("node/b.cpp", angled("vector")), 0U);
  EXPECT_EQ(check("node/a.cpp", angled("vector") + quoted("node/a.hpp")), 1U);
  EXPECT_EQ(check("node/a.cpp", ""), 1U);
}

TEST(Listing, FindsSourcesThatNoListNames) {
  const std::vector<SourceFile> tree = {
      make_source_file("CMakeLists.txt", "add_subdirectory(node)\n"),
      make_source_file("node/CMakeLists.txt",
                       "add_library(a ${CMAKE_CURRENT_SOURCE_DIR}/a.cpp deep/b.cpp)  # c.cpp\n"),
      make_source_file("node/a.cpp", ""),
      make_source_file("node/deep/b.cpp", ""),
      make_source_file("node/c.cpp", ""),
      make_source_file("lost/CMakeLists.txt", "d.cpp\n"),
      make_source_file("lost/d.cpp", "")};
  const auto found = check_listed(tree);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].path, "node/c.cpp");
  EXPECT_EQ(found[1].path, "lost/CMakeLists.txt");
}

TEST(Listing, FindsHeadersThatNobodyIncludes) {
  const std::vector<SourceFile> tree = {make_source_file("node/a.hpp", ""),
                                        make_source_file("node/b.hpp", quoted("node/b.hpp")),
                                        make_source_file("node/c.cpp", quoted("node/a.hpp"))};
  const auto found = check_headers_used(tree);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].path, "node/b.hpp");
}

}  // namespace
}  // namespace hearsay::tidy
