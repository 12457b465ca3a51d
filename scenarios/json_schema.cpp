#include "scenarios/json_schema.hpp"

#include <cmath>
#include <nlohmann/json.hpp>

#include "scenarios/scenario_outline.hpp"

namespace hearsay {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kTimePattern = R"(^[0-9]+(\.[0-9]+)?(ns|us|ms|s|min|h)$)";
constexpr std::string_view kPercentPattern = R"(^[0-9]+(\.[0-9]+)?%$)";
constexpr std::string_view kBandwidthPattern = R"(^(unlimited|[0-9]+(\.[0-9]+)?[kMG]?(B|bit)/s)$)";
constexpr std::string_view kPeersPattern = "^[0-9]+(-[0-9]+)?$";

/// Keys without which there is no scenario (models with their own objective need no data).
const std::vector<std::string_view>& required_keys() {
  static const std::vector<std::string_view> keys = {"name", "peers", "model"};
  return keys;
}

Json schema_of(const Outline& outline);

/// Whole numbers without a decimal point, as people write them.
Json bound(double value) {
  if (value == std::floor(value) && std::abs(value) < 1e15) return static_cast<std::int64_t>(value);
  return value;
}

void add_bounds(const Range& range, Json& schema) {
  if (std::isfinite(range.low)) {
    schema[range.low_open ? "exclusiveMinimum" : "minimum"] = bound(range.low);
  }
  if (std::isfinite(range.high)) {
    schema[range.high_open ? "exclusiveMaximum" : "maximum"] = bound(range.high);
  }
}

Json with_bounds(Json schema, const Range& range) {
  add_bounds(range, schema);
  return schema;
}

Json pattern(std::string_view text) { return Json{{"type", "string"}, {"pattern", text}}; }

Json any_of(std::vector<Json> schemas) { return Json{{"anyOf", std::move(schemas)}}; }

Json list_of(Json item) { return Json{{"type", "array"}, {"items", std::move(item)}}; }

Json share_schema(const Range& range) {
  return any_of({with_bounds({{"type", "number"}}, range), pattern(kPercentPattern)});
}

Json ids_schema() {
  return list_of(any_of({with_bounds({{"type", "integer"}}, at_least(0)), pattern(kPeersPattern)}));
}

Json peers_schema() {
  const Json amount =
      any_of({with_bounds({{"type", "integer"}}, at_least(0)), share_schema(between(0, 1))});
  Json roles = Json::array();
  for (const auto& role : enum_names(PeerSelector::Role{})) roles.push_back(role.name);
  Json properties;
  for (const auto& [kind, name] : enum_names(PeerSelector::Kind{})) {
    properties[name] = kind == PeerSelector::Kind::kRole ? Json{{"enum", roles}} : amount;
  }
  const Json chosen = {{"type", "object"},
                       {"properties", properties},
                       {"additionalProperties", false},
                       {"minProperties", 1},
                       {"maxProperties", 1}};
  return any_of({Json{{"const", "all"}}, ids_schema(), chosen});
}

Json schema_of_value(const OutlineField& field) {
  switch (field.type) {
    case ValueType::kTruth:
      return {{"type", "boolean"}};
    case ValueType::kInteger:
      return with_bounds({{"type", "integer"}}, field.range);
    case ValueType::kNumber:
      return with_bounds({{"type", "number"}}, field.range);
    case ValueType::kText:
      return {{"type", "string"}};
    case ValueType::kTime:
      return any_of({pattern(kTimePattern), Json{{"const", 0}}});
    case ValueType::kFraction:
      return share_schema(field.range);
    case ValueType::kCount:
      return any_of({with_bounds({{"type", "integer"}}, field.range), Json{{"const", "all"}}});
    case ValueType::kBandwidth:
      return pattern(kBandwidthPattern);
    case ValueType::kPeers:
      return peers_schema();
    case ValueType::kGroups:
      return list_of(ids_schema());
    case ValueType::kIntegers:
      return list_of(with_bounds({{"type", "integer"}}, field.range));
    case ValueType::kNumbers:
      return list_of(with_bounds({{"type", "number"}}, field.range));
    case ValueType::kChoice:
      return {{"type", "string"}, {"enum", field.choices}};
    case ValueType::kMapping:
      return schema_of(field.mapping);
    case ValueType::kItems:
      return list_of(schema_of(field.mapping));
  }
  return {};
}

/// The default as JSON: what YAML's core schema reads the printed value as; null for none.
Json default_value(const OutlineField& field) {
  if (!field.present) return nullptr;
  if (field.type == ValueType::kItems) return Json::array();
  Json value = Json::parse(field.value, nullptr, /*allow_exceptions=*/false);
  return value.is_discarded() ? Json(field.value) : value;
}

void add_properties(const std::vector<OutlineField>& fields, Json& properties) {
  for (const OutlineField& field : fields) {
    Json schema = schema_of_value(field);
    if (field.optional) schema = any_of({schema, Json{{"type", "null"}}});
    schema["description"] = field.documentation;
    const bool has_default = field.type != ValueType::kMapping && !field.required;
    if (has_default) schema["default"] = default_value(field);
    properties[field.name] = std::move(schema);
  }
}

Json object_schema(Json properties) {
  return {
      {"type", "object"}, {"properties", std::move(properties)}, {"additionalProperties", false}};
}

Json schema_of(const Outline& outline) {
  if (outline.kinds.empty()) {
    Json properties = Json::object();
    add_properties(outline.fields, properties);
    return object_schema(std::move(properties));
  }
  Json alternatives = Json::array();
  for (const OutlineKind& kind : outline.kinds) {
    Json properties = Json::object();
    Json required = Json::array();
    if (!outline.kinds_are_keys) {
      properties["kind"] = {{"const", kind.name}};
      required.push_back("kind");
    }
    for (const OutlineField& field : kind.fields) {
      if (field.required) required.push_back(field.name);
    }
    add_properties(kind.fields, properties);
    add_properties(outline.fields, properties);
    Json schema = {{"title", kind.name}, {"description", kind.summary}};
    schema.update(object_schema(std::move(properties)));
    schema["required"] = std::move(required);
    alternatives.push_back(std::move(schema));
  }
  return {{"oneOf", std::move(alternatives)}};
}

}  // namespace

std::string scenario_json_schema() {
  Json schema = {{"$schema", "https://json-schema.org/draft/2020-12/schema"},
                 {"title", "Hearsay scenario"}};
  schema.update(schema_of(outline_of(Scenario{})));
  for (const std::string_view key : required_keys()) schema["properties"][key].erase("default");
  // A seed that is not given follows `seed`, which no constant can say.
  for (auto& seed : schema["properties"]["seeds"]["properties"]) seed.erase("default");
  schema["properties"]["sweep"] = {
      {"type", "object"},
      {"description", "keys with lists of values, one run for each combination (hearsay sweep)"}};
  schema["required"] = required_keys();
  return schema.dump(2) + "\n";
}

}  // namespace hearsay
