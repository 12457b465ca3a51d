// Checks the contract written in aggregators/aggregator.hpp for every rule, alone and
// wrapped. What a rule by its definition does not do is listed below, with the reason.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "aggregators/aggregators.hpp"
#include "node/base/archive.hpp"

namespace hearsay {
namespace {

using Vector = std::vector<float>;

/// A property that a rule does not have.
struct Exception {
  std::string_view kind;
  std::string_view reason;
};

constexpr Exception kNoFixedPoint[] = {
    {"bristle", "it subtracts the mean of every class's weights"},
    {"fools_gold", "updates that are all alike are taken for those of sybils"},
};

constexpr Exception kNotTranslationEquivariant[] = {
    {"balance", "its bound is a share of the own model's length"},
    {"bristle", "it subtracts the mean of every class's weights"},
};

constexpr Exception kNotScaleEquivariant[] = {
    {"centered_clipping", "tau is a length"},
    {"decdiff", "s is a length"},
    {"rsa", "its step has a fixed length"},
};

constexpr Exception kNotTheMeanWithoutF[] = {
    {"aksel", "it averages what is nearest to the median, half of the inputs by default"},
    {"krum", "it takes one input"},
};

template <std::size_t N>
bool is_listed(const Exception (&list)[N], std::string_view kind) {
  return std::ranges::find(list, kind, &Exception::kind) != std::end(list);
}

/// Peers whose models a rule tries: the loss is the squared distance from 1.
class DistanceOracle final : public ModelOracle {
 public:
  double loss(std::span<const float> model) override {
    double sum = 0.0;
    for (const float value : model) sum += (value - 1.0) * (value - 1.0);
    return sum;
  }
  std::vector<ClassScore> class_scores(std::span<const float> model) override {
    std::vector<ClassScore> scores;
    for (int c = 0; c < 20; ++c) {
      const auto correct = static_cast<std::int64_t>(10.0 * std::abs(std::sin(model[c])));
      scores.push_back({.samples = 10, .correct = correct, .predicted = correct + c});
    }
    return scores;
  }
};

struct Case {
  std::string name;
  std::string kind;
  AggregatorOptions options;
};

/// What a peer hears: models[0] is its own, that of peer 0; senders are 1, 2, ... with weights
/// 1/n of the first time, so that what is left out shows.
struct Inputs {
  std::vector<Vector> models;
  Vector previous;            ///< Empty: the own model.
  std::vector<bool> is_in{};  ///< By sender; empty: all are.
};

class AggregatorContract : public testing::TestWithParam<Case> {
 protected:
  static constexpr std::size_t kModels = 9;

  static ParameterLayout weight_and_bias() {
    ParameterLayout layout;
    layout.add("fc.weight", {20, 7}, TensorKind::kWeight);
    layout.add("fc.bias", {20}, TensorKind::kBias);
    return layout;
  }

  std::string_view kind() const { return GetParam().kind; }
  bool works_on_models() const { return space_of(GetParam().options) == Space::kModel; }
  bool is_corrected() const { return GetParam().options.variance_correction.has_value(); }

  std::unique_ptr<Aggregator> rule() const { return make_chosen(GetParam().options); }

  /// Without the guard, which hides what a rule makes of large numbers.
  std::unique_ptr<Aggregator> bare_rule() const {
    return std::visit([](const auto& chosen) { return make_aggregator(chosen); },
                      GetParam().options.rule);
  }

  Vector aggregate(const Inputs& inputs) const {
    const auto chosen = rule();
    const auto state = chosen->make_state();
    return aggregate(*chosen, inputs, state.get());
  }

  Vector aggregate(const Aggregator& chosen, const Inputs& inputs, AggregatorState* state,
                   int round = 0, AggregationReport* report = nullptr) const {
    const std::vector<Vector>& models = inputs.models;
    const double weight = 1.0 / static_cast<double>(models.size());
    std::vector<ReceivedModel> received;
    for (std::size_t i = 1; i < models.size(); ++i) {
      if (!inputs.is_in.empty() && !inputs.is_in[i]) continue;
      received.push_back({.sender = static_cast<PeerId>(i),
                          .weight = weight,
                          .samples = 10,
                          .round = round,
                          .values = models[i]});
    }
    DistanceOracle oracle;
    const Rng stream(1);
    // A guard behind the result shows that nothing else is written.
    Vector result(models[0].size() + 1, std::numeric_limits<float>::quiet_NaN());
    chosen.aggregate({.own_weight = 1.0 - weight * static_cast<double>(received.size()),
                      .own_samples = 10,
                      .own = models[0],
                      .previous = inputs.previous.empty() ? models[0] : inputs.previous,
                      .received = received},
                     {.layout = layout_,
                      .peer = 0,
                      .round = round,
                      .stream = stream,
                      .state = state,
                      .oracle = chosen.needs_oracle() ? &oracle : nullptr,
                      .report = report},
                     std::span(result).first(models[0].size()));
    EXPECT_TRUE(std::isnan(result.back()));
    result.pop_back();
    return result;
  }

  Vector random_model(std::uint64_t seed, float scale = 1.0F, float shift = 0.0F) const {
    Rng rng(seed);
    Vector model(layout_.size());
    for (float& value : model) value = scale * static_cast<float>(rng.normal()) + shift;
    return model;
  }

  /// Most models near each other, one far away.
  std::vector<Vector> random_models(float scale = 1.0F, float shift = 0.0F) const {
    std::vector<Vector> models;
    for (std::uint64_t seed = 1; seed <= kModels; ++seed) {
      models.push_back(random_model(seed, seed == 4 ? 8.0F * scale : scale, shift));
    }
    return models;
  }

  static void expect_near(const Vector& a, const Vector& b, float tolerance) {
    ASSERT_EQ(a.size(), b.size());
    for (std::size_t i = 0; i < a.size(); ++i) ASSERT_NEAR(a[i], b[i], tolerance) << "entry " << i;
  }

  ParameterLayout layout_ = weight_and_bias();
};

TEST_P(AggregatorContract, AgreementIsAFixedPoint) {
  if (is_listed(kNoFixedPoint, kind())) GTEST_SKIP() << "has none, by definition";
  const Vector model = random_model(1);
  expect_near(aggregate({.models = std::vector(kModels, model), .previous = random_model(2)}),
              model, 1e-5F);
}

TEST_P(AggregatorContract, OrderOfReceivedDoesNotMatter) {
  std::vector<Vector> models = random_models();
  const Vector before = aggregate({.models = models, .previous = random_model(20)});
  std::swap(models[1], models[4]);
  std::swap(models[2], models[3]);
  expect_near(aggregate({.models = models, .previous = random_model(20)}), before, 1e-5F);
}

TEST_P(AggregatorContract, OwnModelIsKeptWhenNothingWasReceived) {
  const Vector own = random_model(3);
  expect_near(aggregate({.models = {own}, .previous = random_model(4)}), own, 0.0F);
}

TEST_P(AggregatorContract, FiniteInputsGiveFiniteOutputs) {
  const Vector large(layout_.size(), 1e18F);
  const Vector negative(layout_.size(), -1e18F);
  const Vector zero(layout_.size(), 0.0F);
  const auto chosen = bare_rule();
  for (const auto& [own, others, odd] :
       {std::tuple(large, negative, zero), std::tuple(zero, large, negative),
        std::tuple(zero, zero, zero), std::tuple(large, large, large)}) {
    Inputs inputs{.models = std::vector(kModels, others), .previous = zero};
    inputs.models[0] = own;
    inputs.models[3] = odd;
    const auto state = chosen->make_state();
    for (const float value : aggregate(*chosen, inputs, state.get())) {
      ASSERT_TRUE(std::isfinite(value));
    }
  }
}

TEST_P(AggregatorContract, SameInputsGiveTheSameBits) {
  const Inputs inputs{.models = random_models(), .previous = random_model(20)};
  EXPECT_EQ(aggregate(inputs), aggregate(inputs));
}

TEST_P(AggregatorContract, ModelsThatAreNotFiniteAreAsIfAbsent) {
  Inputs inputs{.models = random_models(), .previous = random_model(20)};
  inputs.models[2][5] = std::numeric_limits<float>::infinity();
  inputs.models[6][0] = std::numeric_limits<float>::quiet_NaN();
  const Vector guarded = aggregate(inputs);
  inputs.is_in.assign(kModels, true);
  inputs.is_in[2] = inputs.is_in[6] = false;
  EXPECT_EQ(guarded, aggregate(inputs));
}

TEST_P(AggregatorContract, MovesWithItsInputs) {
  if (is_listed(kNotTranslationEquivariant, kind())) GTEST_SKIP() << "does not, by definition";
  if (rule()->needs_oracle()) GTEST_SKIP() << "goes by losses, which do not move";
  Vector moved = aggregate({.models = random_models(1.0F, 8.0F), .previous = Vector(160, 8.0F)});
  for (float& value : moved) value -= 8.0F;
  expect_near(moved, aggregate({.models = random_models(), .previous = Vector(160, 0.0F)}), 2e-4F);
}

TEST_P(AggregatorContract, ScalesWithItsInputs) {
  if (is_listed(kNotScaleEquivariant, kind())) GTEST_SKIP() << "does not, by definition";
  if (rule()->needs_oracle()) GTEST_SKIP() << "goes by losses, which do not scale";
  Vector scaled = aggregate({.models = random_models(4.0F), .previous = Vector(160, 0.0F)});
  for (float& value : scaled) value /= 4.0F;
  expect_near(scaled, aggregate({.models = random_models(), .previous = Vector(160, 0.0F)}), 2e-4F);
}

TEST_P(AggregatorContract, SpacesAgreeForThoseThatWorkOnModels) {
  if (!works_on_models()) GTEST_SKIP() << "works on updates";
  if (is_listed(kNotTranslationEquivariant, kind())) GTEST_SKIP() << "do not, by definition";
  AggregatorOptions options = GetParam().options;
  options.space = SpaceChoice::kUpdate;
  const auto on_updates = make_chosen(options);
  const auto state = on_updates->make_state();
  const Inputs inputs{.models = random_models(), .previous = random_model(20)};
  expect_near(aggregate(*on_updates, inputs, state.get()), aggregate(inputs), 2e-4F);
}

TEST_P(AggregatorContract, InfluenceIsAPartOfOne) {
  const auto chosen = rule();
  const auto state = chosen->make_state();
  AggregationReport report;
  aggregate(*chosen, {.models = random_models(), .previous = random_model(20)}, state.get(), 0,
            &report);
  if (report.influence.empty()) GTEST_SKIP() << "does not tell";
  ASSERT_EQ(report.influence.size(), kModels - 1);
  double sum = 0.0;
  for (const double part : report.influence) {
    EXPECT_GE(part, 0.0);
    sum += part;
  }
  EXPECT_LE(sum, 1.0 + 1e-9);
}

TEST_P(AggregatorContract, StatesThatWereSavedGoOnTheSame) {
  const auto chosen = rule();
  const auto state = chosen->make_state();
  if (state == nullptr) GTEST_SKIP() << "remembers nothing";
  const auto at = [this](int round) {
    const float scale = 1.0F + 0.1F * static_cast<float>(round);
    return Inputs{.models = random_models(scale), .previous = random_model(20)};
  };
  for (int round = 0; round < 3; ++round) aggregate(*chosen, at(round), state.get(), round);
  SavingArchive saving;
  state->persist(saving);
  const Snapshot snapshot = saving.take();
  const auto restored = chosen->make_state();
  LoadingArchive loading(snapshot);
  restored->persist(loading);
  loading.finish();
  for (int round = 3; round < 6; ++round) {
    EXPECT_EQ(aggregate(*chosen, at(round), restored.get(), round),
              aggregate(*chosen, at(round), state.get(), round));
  }
}

/// The rule with its parameter f set; nothing if it has none.
std::optional<AggregationRule> with_f(const AggregationRule& rule, int f) {
  return std::visit(
      [f](auto options) -> std::optional<AggregationRule> {
        if constexpr (requires { options.f = f; }) {
          options.f = f;
          return options;
        } else {
          return std::nullopt;
        }
      },
      rule);
}

TEST_P(AggregatorContract, TooManyBadInputsAreRefusedWithTheNumbers) {
  const auto options = with_f(GetParam().options.rule, 50);
  if (!options) GTEST_SKIP() << "has no f";
  const auto chosen = make_chosen(AggregatorOptions{.rule = *options});
  const auto wrong = chosen->infeasible(12);
  ASSERT_TRUE(wrong);
  EXPECT_NE(wrong->find("50"), std::string::npos) << *wrong;
  EXPECT_NE(wrong->find("1"), std::string::npos) << *wrong;
  EXPECT_EQ(make_chosen(AggregatorOptions{.rule = *with_f(*options, 1)})->infeasible(12),
            std::nullopt);
}

TEST_P(AggregatorContract, WithoutBadInputsItIsTheMean) {
  const auto options = with_f(GetParam().options.rule, 0);
  if (!options || is_corrected()) GTEST_SKIP() << "has no f";
  if (is_listed(kNotTheMeanWithoutF, kind())) GTEST_SKIP() << "is not, by definition";
  const auto chosen = make_chosen(AggregatorOptions{.rule = *options});
  const auto state = chosen->make_state();
  const Inputs inputs{.models = random_models(), .previous = random_model(20)};
  const auto mean = make_chosen(AggregatorOptions{.rule = MeanOptions{}});
  expect_near(aggregate(*chosen, inputs, state.get()), aggregate(*mean, inputs, nullptr), 1e-5F);
}

// Every alternative of the variant with its defaults: a new rule is covered without
// touching this file.
template <std::size_t... Index>
std::vector<Case> every_rule(std::index_sequence<Index...>) {
  std::vector<Case> cases;
  const auto add = [&cases](const AggregationRule& rule) {
    const std::string kind = std::visit(
        [](const auto& chosen) { return std::string(std::decay_t<decltype(chosen)>::kKind); },
        rule);
    cases.push_back({kind, kind, {.rule = rule}});
    cases.push_back({kind + "_variance_corrected",
                     kind,
                     {.rule = rule, .variance_correction = VarianceCorrectionOptions{}}});
  };
  (add(AggregationRule(std::in_place_index<Index>)), ...);
  return cases;
}

INSTANTIATE_TEST_SUITE_P(
    EveryRule, AggregatorContract,
    testing::ValuesIn(every_rule(std::make_index_sequence<std::variant_size_v<AggregationRule>>())),
    [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace hearsay
