#include "tests/tidy/banned_rules.hpp"

#include <gtest/gtest.h>

#include <string>

namespace hearsay::tidy {
namespace {

std::size_t count(std::string path, std::string text) {
  return check_banned(make_source_file(std::move(path), std::move(text))).size();
}

TEST(Pattern, StarStandsForAnything) {
  EXPECT_TRUE(matches("std::*_distribution", "std::normal_distribution"));
  EXPECT_TRUE(matches("*steady_clock*", "std::chrono::steady_clock::now"));
  EXPECT_TRUE(matches("rand", "rand"));
  EXPECT_FALSE(matches("std::*_distribution", "label_distribution"));
  EXPECT_FALSE(matches("rand", "operand"));
}

TEST(Banned, AreFoundEverywhere) {
  for (const std::string_view use :
       {"std::random_device d;", "std::mt19937_64 r(1);", "std::normal_distribution<double> d;",
        "int a = rand();", "std::srand(1);", "std::shuffle(a, b, c);",
        "std::ranges::shuffle(a, b);", "assert(a);", "} catch (...) {", "using namespace std;"}) {
    EXPECT_EQ(count("results/a.cpp", std::string(use) + "\n"), 1U) << use;
  }
}

TEST(Banned, NameTheirReplacementAndLine) {
  const auto found = check_banned(make_source_file("node/a.cpp", "\nint a = rand();\n"));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0], (Violation{"node/a.cpp", 2, "rand; use hearsay::Rng (node/base/rng.hpp)"}));
}

TEST(Banned, AreNotSeenInTextOrInsideOtherNames) {
  for (const std::string_view use :
       {"// not std::shuffle", "say(\"rand()\");", "operand();", "static_assert(a);",
        "label_distribution(a);", "rng.shuffle(a);", "catch (const Error&) {", "int rand = 1;"}) {
    EXPECT_EQ(count("results/a.cpp", std::string(use) + "\n"), 0U) << use;
  }
}

TEST(Clocks, AreBannedWhereTimeIsVirtual) {
  const std::string now = "auto t = std::chrono::steady_clock::now();\n";
  EXPECT_EQ(count("node/protocols/a.cpp", now), 1U);
  EXPECT_EQ(count("aggregators/attacks/a.cpp", now), 1U);
  EXPECT_EQ(count("node/runtime/sim_runtime.cpp", now), 1U);
  EXPECT_EQ(count("node/runtime/live_runtime.cpp", now), 0U);
  EXPECT_EQ(count("results/a.cpp", now), 0U);
  EXPECT_EQ(count("node/protocols/a.cpp", "Stopwatch watch;\n"), 1U);
  EXPECT_EQ(count("node/runtime/simulation.cpp", "Stopwatch watch;\n"), 0U);
}

TEST(Sleeping, IsBannedInTests) {
  EXPECT_EQ(count("tests/net/a_test.cpp", "std::this_thread::sleep_for(a);\n"), 1U);
  EXPECT_EQ(count("tests/net/a_test.cpp", "::usleep(1);\n"), 1U);
  EXPECT_EQ(count("node/net/a.cpp", "std::this_thread::sleep_for(a);\n"), 0U);
}

TEST(Notes, AreFoundInCommentsOfAnyFile) {
  const std::string note =
      "TO"
      "DO";
  EXPECT_EQ(count("node/a.cpp", "// " + note + ": more\n"), 1U);
  EXPECT_EQ(count("cmake/a.cmake", "# " + note + "\n"), 1U);
  EXPECT_EQ(count("node/a.cpp",
                  "mkdtemp(\"/tmp/a-XX"
                  "XXXX\");\n"),
            0U);
}

}  // namespace
}  // namespace hearsay::tidy
