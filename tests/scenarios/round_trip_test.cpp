#include <gtest/gtest.h>

#include <set>

#include "scenarios/reader.hpp"
#include "scenarios/scenario_outline.hpp"
#include "scenarios/writer.hpp"
#include "tests/scenarios/random_scenario.hpp"
#include "tests/scenarios/sample.hpp"

namespace hearsay {
namespace {

constexpr int kScenarios = 400;

Scenario read_back(const std::string& text) {
  const Document document(text, "x.yaml");
  Scenario scenario;
  read_mapping(document, {document.root(), document.root().position, ""}, outline_of(scenario),
               scenario);
  return scenario;
}

TEST(RoundTrip, EveryScenarioSurvivesWritingAndReading) {
  std::set<std::size_t> topologies;
  for (int i = 0; i < kScenarios; ++i) {
    const Scenario scenario = random_scenario(Rng(i));
    const std::string text = write_yaml(outline_of(scenario));
    ASSERT_EQ(read_back(text), scenario) << "seed " << i << "\n" << text;
    topologies.insert(scenario.topology.index());
  }
  EXPECT_EQ(topologies.size(), std::variant_size_v<TopologyOptions>);
}

TEST(RoundTrip, TheTextIsAFunctionOfTheValues) {
  for (int i = 0; i < kScenarios; ++i) {
    const Scenario scenario = random_scenario(Rng(i));
    const Scenario next = random_scenario(Rng(i + 1));
    EXPECT_EQ(resolved_yaml(scenario), resolved_yaml(read_back(resolved_yaml(scenario))));
    EXPECT_EQ(resolved_yaml(scenario) == resolved_yaml(next), scenario == next);
  }
}

TEST(RoundTrip, LoadedScenariosLoadAgainFromTheirResolvedText) {
  const std::vector<std::vector<std::string>> variants = {
      {},
      {"seed=7", "seeds.graph=3"},
      {"peers=12", "topology={kind: torus, rows: 3}"},
      {"peers=9", "topology={kind: random_regular, degree: 4}", "evaluation.peers={random: 20%}"},
      {"model={kind: lenet5}", "data={kind: idx, path: \"/a b/c\"}", "training.local_epochs=2"},
      {"model={kind: mlp, hidden: [3, 4]}", "data={kind: gaussian_mixture, classes: 3}",
       "aggregator={kind: mixing, variance_correction: {target: others}}"},
      {"compute={kind: lognormal, sigma: 0.25}", "network={kind: links, up: 8Mbit/s, loss: 1%}"},
  };
  for (const std::vector<std::string>& overrides : variants) {
    const Scenario scenario = least_with("", overrides);
    EXPECT_EQ(parse_scenario(resolved_yaml(scenario), "y.yaml"), scenario)
        << resolved_yaml(scenario);
  }
}

/// Changes one field, the `chosen`-th visited, and counts them.
class OneChange : public FieldVisitor<OneChange> {
 public:
  explicit OneChange(int chosen) : chosen_(chosen) {}

  int count() const { return count_; }

  template <class T>
  void field(std::string_view, T& value, const Range&, std::string_view) {
    if constexpr (internal::kIsItems<T>) {
      for (auto& item : value) internal::visit_mapping(*this, item);
      if (count_++ == chosen_) value.emplace_back();
    } else if constexpr (internal::kIsOptional<T>) {
      if (count_++ == chosen_) value ? value.reset() : void(value.emplace());
    } else if constexpr (std::is_class_v<T> && !is_value<T>()) {
      internal::visit_mapping(*this, value);
    } else if constexpr (!std::is_enum_v<T>) {
      if (count_++ == chosen_) change(value);
    } else {
      constexpr auto choices = enum_names(T{});
      if (choices.size() > 1 && count_++ == chosen_) {
        value = choices[value == choices[0].value ? 1 : 0].value;
      }
    }
  }

  template <class... Alternatives>
  void kind(std::variant<Alternatives...>& variant) {
    std::visit([&](auto& chosen) { describe(*this, chosen); }, variant);
    if (sizeof...(Alternatives) > 1 && count_++ == chosen_) {
      const bool was_first = variant.index() == 0;
      int index = 0;
      ((index++ == (was_first ? 1 : 0) ? void(variant = Alternatives{}) : void()), ...);
    }
  }

 private:
  template <class T>
  static constexpr bool is_value() {
    return internal::kScalarType<T>.has_value() || std::is_same_v<T, std::string> ||
           std::is_same_v<T, PeerSelector> || std::is_same_v<T, PeerGroups> ||
           std::is_same_v<T, std::vector<int>> || std::is_same_v<T, std::vector<double>>;
  }

  static void change(bool& value) { value = !value; }
  static void change(int& value) { ++value; }
  static void change(std::int64_t& value) { ++value; }
  static void change(std::uint64_t& value) { ++value; }
  static void change(double& value) { value = std::nextafter(value, 1e9); }
  static void change(std::string& value) { value += ' '; }
  static void change(SimTime& value) { ++value.nanoseconds; }
  static void change(Fraction& value) { value.value = std::nextafter(value.value, 2.0); }
  static void change(Count& value) { --value.value; }
  static void change(Bandwidth& value) {
    value.bytes_per_second = std::nextafter(value.bytes_per_second, 0.0);
  }
  static void change(PeerSelector& value) {
    value.kind = PeerSelector::Kind::kList;
    value.ids.push_back({0, 1});
  }
  static void change(PeerGroups& value) { value.groups.emplace_back(); }
  template <class T>
  static void change(std::vector<T>& value) {
    value.push_back(1);
  }

  int chosen_;
  int count_ = 0;
};

TEST(RoundTrip, EveryFieldChangesTheDigest) {
  for (int seed = 0; seed < 20; ++seed) {
    const Scenario scenario = random_scenario(Rng(seed));
    int fields = 1;
    for (int i = 0; i < fields; ++i) {
      Scenario changed = scenario;
      OneChange visit(i);
      describe(visit, changed);
      fields = visit.count();
      EXPECT_NE(changed, scenario) << "seed " << seed << ", field " << i;
      EXPECT_NE(scenario_digest(changed), scenario_digest(scenario))
          << "seed " << seed << ", field " << i;
    }
    EXPECT_GT(fields, 40);
  }
}

}  // namespace
}  // namespace hearsay
