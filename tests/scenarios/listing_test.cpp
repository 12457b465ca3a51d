#include "scenarios/listing.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "node/base/error.hpp"
#include "scenarios/scenario_outline.hpp"

namespace hearsay {
namespace {

TEST(Listing, ShowsAKindWithItsParameters) {
  EXPECT_EQ(listing_text("schedules"),
            "schedules (training.optimizer.schedule:, default constant)\n"
            "  constant  lr at every step.\n"
            "  step      lr * factor^floor(t / every_steps).\n"
            "    every_steps  1000  integer >= 1      local steps between two drops\n"
            "    factor       0.1   number > 0        what lr is multiplied with at a drop\n"
            "  cosine    Half a cosine from lr to floor * lr.\n"
            "    steps        1000  integer >= 1      local steps until the floor\n"
            "    floor        0     number in [0, 1]  final lr as a share of the first\n"
            "  inverse   lr / (1 + gamma * t)^power.\n"
            "    gamma        1e-4  number >= 0       decay per local step\n"
            "    power        0.75  number >= 0       exponent\n");
}

TEST(Listing, ShowsWhatEveryKindTakes) {
  const std::string text = listing_text("models");
  EXPECT_EQ(text.substr(0, text.find('\n')), "models (model:, no default)");
  const std::size_t common = text.find("  with every kind\n");
  ASSERT_NE(common, std::string::npos);
  EXPECT_GT(text.find("    init "), common);
  EXPECT_LT(text.find("    hidden "), common);
}

TEST(Listing, WithoutASectionShowsAllOfThem) {
  std::string all;
  for (const std::string_view section : listing_sections()) {
    if (!all.empty()) all += '\n';
    all += listing_text(section);
  }
  EXPECT_EQ(listing_text(), all);
  EXPECT_EQ(listing_sections().size(), 16U);
}

TEST(Listing, FitsOnAScreen) {
  std::istringstream lines(listing_text());
  for (std::string line; std::getline(lines, line);) {
    EXPECT_LE(line.size(), 100U) << line;
    EXPECT_FALSE(line.ends_with(' ')) << line;
  }
}

TEST(Listing, RefusesAnUnknownSection) {
  try {
    listing_text("topologys");
    FAIL() << "no error";
  } catch (const UserError& error) {
    EXPECT_TRUE(
        std::string_view(error.what())
            .starts_with("list: no section \"topologys\"; did you mean topologies? valid: "))
        << error.what();
  }
  EXPECT_THROW(listing_json("x"), UserError);
}

TEST(Listing, JsonHasEveryKindAndParameter) {
  const auto list = nlohmann::json::parse(listing_json());
  const Outline scenario = outline_of(Scenario{});
  ASSERT_EQ(list.size(), listing_sections().size());
  for (const auto& section : list) {
    const Outline* outline = find_mapping(scenario, section["key"].get<std::string>());
    ASSERT_NE(outline, nullptr) << section["key"];
    ASSERT_EQ(section["kinds"].size(), outline->kinds.size());
    EXPECT_EQ(section["parameters"].size(), outline->fields.size());
    for (std::size_t i = 0; i < outline->kinds.size(); ++i) {
      const auto& kind = section["kinds"][i];
      EXPECT_EQ(kind["kind"], outline->kinds[i].name);
      EXPECT_EQ(kind["summary"], outline->kinds[i].summary);
      EXPECT_EQ(kind["parameters"].size(), outline->kinds[i].fields.size());
    }
  }
}

TEST(Listing, JsonStatesBoundsAndDefaults) {
  const auto list = nlohmann::json::parse(listing_json("schedules"));
  ASSERT_EQ(list.size(), 1U);
  EXPECT_EQ(list[0]["kinds"][0]["default"], true);
  EXPECT_FALSE(list[0]["kinds"][1].contains("default"));
  const auto& factor = list[0]["kinds"][1]["parameters"][1];
  EXPECT_EQ(factor["name"], "factor");
  EXPECT_EQ(factor["type"], "number");
  EXPECT_EQ(factor["default"], "0.1");
  EXPECT_EQ(factor["exclusive_minimum"], 0);
}

}  // namespace
}  // namespace hearsay
