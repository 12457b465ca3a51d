#include "scenarios/aggregation_spec.hpp"

#include <nlohmann/json.hpp>
#include <vector>

#include "node/base/error.hpp"
#include "scenarios/document.hpp"
#include "scenarios/reader.hpp"

namespace hearsay {
namespace {

using Json = nlohmann::ordered_json;

void check(const Aggregator& rule, const VectorRows& rows, const AggregationSetting& setting) {
  if (setting.own >= rows.rows) {
    throw UserError("--own: no row " + std::to_string(setting.own) + "; rows are 0 to " +
                    std::to_string(rows.rows - 1));
  }
  if (rule.needs_oracle()) {
    throw UserError("SPEC: the rule tries models on data, so it cannot be applied to vectors");
  }
  if (const auto wrong = rule.infeasible(static_cast<int>(rows.rows))) {
    throw UserError("SPEC: " + *wrong);
  }
}

std::vector<ReceivedModel> received_of(const VectorRows& rows, std::size_t own) {
  std::vector<ReceivedModel> received;
  for (std::size_t i = 0; i < rows.rows; ++i) {
    if (i == own) continue;
    received.push_back({.sender = static_cast<PeerId>(i),
                        .weight = 1.0 / static_cast<double>(rows.rows),
                        .samples = 1,
                        .values = rows.row(i)});
  }
  return received;
}

/// What the own row has is what the others leave.
Json weights_json(const std::vector<double>& influence, std::size_t own) {
  std::vector<double> weights(influence);
  double rest = 1.0;
  for (const double weight : influence) rest -= weight;
  weights.insert(weights.begin() + static_cast<std::ptrdiff_t>(own), rest);
  return weights;
}

}  // namespace

AggregatorOptions parse_aggregator(std::string_view spec) {
  const bool is_name = spec.find_first_of("{:") == std::string_view::npos;
  const std::string text = is_name ? "{kind: " + std::string(spec) + "}" : std::string(spec);
  const Document document(text, "SPEC");
  AggregatorOptions options;
  read_mapping(document, {document.root(), document.root().position, ""}, outline_of(options),
               options);
  return options;
}

std::string aggregate_rows(const AggregatorOptions& options, const VectorRows& rows,
                           const AggregationSetting& setting) {
  const std::unique_ptr<Aggregator> rule = make_chosen(options);
  check(*rule, rows, setting);
  const std::vector<ReceivedModel> received = received_of(rows, setting.own);
  const std::vector<float> previous(rows.dimension, 0.0F);
  ParameterLayout layout;
  layout.add("vector", {static_cast<std::int64_t>(rows.dimension)}, TensorKind::kWeight);
  const Rng stream(setting.seed);
  const std::unique_ptr<AggregatorState> state = rule->make_state();
  AggregationReport report;
  AggregationIncidents incidents;
  std::vector<float> result(rows.dimension);
  rule->aggregate({.own_weight = 1.0 / static_cast<double>(rows.rows),
                   .own_samples = 1,
                   .own = rows.row(setting.own),
                   .previous = previous,
                   .received = received},
                  {.layout = layout,
                   .peer = static_cast<PeerId>(setting.own),
                   .stream = stream,
                   .state = state.get(),
                   .report = &report,
                   .incidents = &incidents},
                  result);
  Json json = {{"result", result}};
  const bool tells = report.influence.size() == received.size();
  if (tells) json["weights"] = weights_json(report.influence, setting.own);
  if (!incidents.not_finite.empty()) json["not_finite"] = incidents.not_finite;
  return json.dump() + "\n";
}

}  // namespace hearsay
