#include "tests/tidy/layout_rules.hpp"

#include <gtest/gtest.h>

#include <string>

#include "tests/tidy/literals.hpp"

namespace hearsay::tidy {
namespace {

std::string repeat(std::string_view text, int times) {
  std::string result;
  for (int i = 0; i < times; ++i) result += text;
  return result;
}

/// A function of `lines` lines: its head, then statements, then the closing brace.
std::string function_of(std::string_view head, int lines) {
  return std::string(head) + " {\n" + repeat("  step();\n", lines - 2) + "}\n";
}

std::vector<Violation> lengths_in(std::string text) {
  return check_function_lengths(make_source_file("node/a.cpp", std::move(text)));
}

TEST(Literals, AreBlankedInPlace) {
  EXPECT_EQ(blank_literals("a = \"b{\\\"\"; // {\nc"), "a = \"    \";     \nc");
  EXPECT_EQ(blank_literals("x('{', 1'000'000, 0xff'ff) /* ' \n */ y"),
            "x(' ', 1'000'000, 0xff'ff)      \n    y");
  EXPECT_EQ(blank_literals("R\"x(a)\"\n)x\" + b"), "R\"     \n  \" + b");
}

TEST(Lines, MayFillTheLimits) {
  const std::string widest(100, 'x');
  EXPECT_TRUE(check_lines(make_source_file("a.cpp", widest + "\n")).empty());
  EXPECT_TRUE(check_lines(make_source_file("a.cpp", repeat("\n", 500))).empty());
  EXPECT_TRUE(check_lines(make_source_file("Makefile", "a:\n\tb\n")).empty());
}

TEST(Lines, CountCharactersNotBytes) {
  EXPECT_TRUE(check_lines(make_source_file("a.cpp", repeat("é", 100) + "\n")).empty());
}

TEST(Lines, AreReportedWhereTheyBreakARule) {
  const auto wide = check_lines(make_source_file("a.cpp", "\n" + std::string(101, 'x') + "\n"));
  ASSERT_EQ(wide.size(), 1U);
  EXPECT_EQ(wide[0], (Violation{"a.cpp", 2, "101 columns; the limit is 100"}));
  EXPECT_EQ(check_lines(make_source_file("a.cpp", repeat("\n", 501))).size(), 1U);
  EXPECT_EQ(check_lines(make_source_file("a.cpp", "a\tb\n")).size(), 1U);
  EXPECT_EQ(check_lines(make_source_file("a.cpp", "a \n")).size(), 1U);
  EXPECT_EQ(check_lines(make_source_file("a.cpp", "a")).size(), 1U);
}

TEST(FunctionLength, MayFillTheLimit) {
  EXPECT_TRUE(lengths_in(function_of("int f()", 70)).empty());
}

TEST(FunctionLength, IsReportedAtTheFirstLine) {
  const auto found = lengths_in("namespace a {\n\n" + function_of("int f()", 71) + "}\n");
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0], (Violation{"node/a.cpp", 3, "function of 71 lines; the limit is 70"}));
}

TEST(FunctionLength, DoesNotCountWhatStandsBefore) {
  const std::string before = "  int a_;\n\n private:\n\n  // Why.\n";
  EXPECT_TRUE(lengths_in("class A {\n" + before + function_of("int f()", 70) + "};\n").empty());
}

TEST(FunctionLength, IsSeenInEveryFormOfFunction) {
  for (const std::string_view head : {
           "template <class T = int>\nT f(T a = {})",
           "Type::Type(int a) : a_{a}, b_(a)",
           "Type& Type::operator=(const Type& other) noexcept",
           "TEST(Thing, SaysIt)",
           "auto f() -> std::vector<int>",
           "constexpr auto kDo = [](int a)",
           "[[nodiscard]] bool operator==(const A& a, const A& b)",
       }) {
    EXPECT_EQ(lengths_in(function_of(head, 80)).size(), 1U) << head;
    EXPECT_EQ(lengths_in("struct S : T {\n public:\n" + function_of(head, 80) + "};\n").size(), 1U)
        << head;
  }
}

TEST(FunctionLength, IgnoresWhatIsNoFunction) {
  for (const std::string_view head :
       {"namespace a", "class A final : public B", "enum class A : int",
        "const int kA[] =", "constexpr Table kTable = make", "union U"}) {
    EXPECT_TRUE(lengths_in(function_of(head, 80)).empty()) << head;
  }
}

TEST(FunctionLength, IsNotMisledByBracesInText) {
  const std::string body = "  call(\"}\", '}'); // }\n";
  EXPECT_EQ(lengths_in("void f() {\n" + repeat(body, 70) + "}\n").size(), 1U);
  EXPECT_TRUE(lengths_in("void f() {\n  call(\"{\");\n}\n" + repeat("int a;\n", 90)).empty());
}

std::string interface_of(int functions) {
  return "class A {\n public:\n  virtual ~A() = default;\n" +
         repeat("  virtual int f() = 0;\n", functions) + "};\n";
}

TEST(InterfaceSize, IsLimitedToSix) {
  const auto check = [](std::string text) {
    return check_interface_sizes(make_source_file("a.hpp", std::move(text)));
  };
  EXPECT_TRUE(check(interface_of(6)).empty());
  EXPECT_TRUE(check(interface_of(4) + interface_of(4)).empty());
  EXPECT_TRUE(check("class Outer {\n" + interface_of(4) + interface_of(4) + "};\n").empty());
  ASSERT_EQ(check(interface_of(7)).size(), 1U);
  EXPECT_EQ(check(interface_of(7))[0].line, 1);
}

TEST(PragmaOnce, ComesFirstInAHeader) {
  const auto check = [](std::string path, std::string text) {
    return check_pragma_once(make_source_file(std::move(path), std::move(text))).size();
  };
  EXPECT_EQ(check("a.hpp", "// Words.\n\n#pragma once\nint a;\n"), 0U);
  EXPECT_EQ(check("a.cpp", "int a;\n"), 0U);
  EXPECT_EQ(check("a.hpp", "int a;\n#pragma once\n"), 1U);
  EXPECT_EQ(check("a.hpp", "// #pragma once\nint a;\n"), 1U);
}

TEST(ScenarioComment, ComesFirst) {
  const auto check = [](std::string path, std::string text) {
    return check_scenario_comment(make_source_file(std::move(path), std::move(text))).size();
  };
  EXPECT_EQ(check("scenarios/a.yaml", "# Does it?\nname: a\n"), 0U);
  EXPECT_EQ(check("tests/a.yaml", "name: a\n"), 0U);
  EXPECT_EQ(check("scenarios/a.yaml", "name: a\n"), 1U);
}

}  // namespace
}  // namespace hearsay::tidy
