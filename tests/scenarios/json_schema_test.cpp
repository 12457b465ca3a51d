#include "scenarios/json_schema.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>

#include "scenarios/document.hpp"
#include "scenarios/scenario_outline.hpp"
#include "tests/scenarios/random_scenario.hpp"
#include "tests/scenarios/sample.hpp"

namespace hearsay {
namespace {

using nlohmann::json;

const json& schema() {
  static const json parsed = json::parse(scenario_json_schema());
  return parsed;
}

/// A YAML value as JSON, typed by YAML's core schema as an editor does it.
json to_json(const DocumentNode& node) {
  switch (node.kind) {
    case DocumentNode::Kind::kNothing:
      return nullptr;
    case DocumentNode::Kind::kSequence: {
      json list = json::array();
      for (const DocumentNode& item : node.items) list.push_back(to_json(item));
      return list;
    }
    case DocumentNode::Kind::kMapping: {
      json object = json::object();
      for (const auto& entry : node.entries) object[entry.key] = to_json(entry.value);
      return object;
    }
    case DocumentNode::Kind::kScalar:
      break;
  }
  if (!node.quoted) {
    const json value = json::parse(node.text, nullptr, false);
    if (!value.is_discarded()) return value;
  }
  return node.text;
}

bool valid(const json& rule, const json& value);

bool has_type(const std::string& type, const json& value) {
  if (type == "object") return value.is_object();
  if (type == "array") return value.is_array();
  if (type == "string") return value.is_string();
  if (type == "boolean") return value.is_boolean();
  if (type == "null") return value.is_null();
  if (type == "integer") return value.is_number_integer();
  EXPECT_EQ(type, "number");
  return value.is_number();
}

std::size_t matches(const json& rules, const json& value) {
  std::size_t count = 0;
  for (const json& rule : rules) count += valid(rule, value) ? 1 : 0;
  return count;
}

bool valid_object(const json& rule, const json& value) {
  if (rule.contains("required")) {
    for (const json& key : rule["required"]) {
      if (!value.contains(key.get<std::string>())) return false;
    }
  }
  if (!rule.contains("properties")) return true;
  for (const auto& [key, item] : value.items()) {
    if (!rule["properties"].contains(key)) return false;
    if (!valid(rule["properties"][key], item)) return false;
  }
  return true;
}

bool valid_number(const json& rule, double value) {
  return (!rule.contains("minimum") || value >= rule["minimum"]) &&
         (!rule.contains("maximum") || value <= rule["maximum"]) &&
         (!rule.contains("exclusiveMinimum") || value > rule["exclusiveMinimum"]) &&
         (!rule.contains("exclusiveMaximum") || value < rule["exclusiveMaximum"]);
}

const std::set<std::string> kKeywords = {"$schema",
                                         "title",
                                         "description",
                                         "default",
                                         "type",
                                         "const",
                                         "enum",
                                         "oneOf",
                                         "anyOf",
                                         "pattern",
                                         "minProperties",
                                         "maxProperties",
                                         "items",
                                         "required",
                                         "properties",
                                         "minimum",
                                         "maximum",
                                         "exclusiveMinimum",
                                         "exclusiveMaximum",
                                         "additionalProperties"};

/// The part of JSON Schema that our schema uses, additionalProperties always false; a
/// keyword that is not understood fails the test.
bool valid(const json& rule, const json& value) {
  for (const auto& [keyword, argument] : rule.items()) {
    EXPECT_TRUE(kKeywords.contains(keyword)) << keyword;
    if (keyword == "type" && !has_type(argument, value)) return false;
    if (keyword == "const" && value != argument) return false;
    if (keyword == "enum" && std::find(argument.begin(), argument.end(), value) == argument.end()) {
      return false;
    }
    if (keyword == "oneOf" && matches(argument, value) != 1) return false;
    if (keyword == "anyOf" && matches(argument, value) == 0) return false;
    if (keyword == "pattern" && value.is_string() &&
        !std::regex_search(value.get<std::string>(), std::regex(argument.get<std::string>()))) {
      return false;
    }
    if (keyword == "minProperties" && value.size() < argument) return false;
    if (keyword == "maxProperties" && value.size() > argument) return false;
    if (keyword == "items" && value.is_array()) {
      for (const json& item : value) {
        if (!valid(argument, item)) return false;
      }
    }
  }
  if (value.is_object() && !valid_object(rule, value)) return false;
  return !value.is_number() || valid_number(rule, value.get<double>());
}

json json_of(std::string_view yaml) { return to_json(Document(yaml, "x.yaml").root()); }

void expect_fields(const std::vector<OutlineField>& fields, const json& properties);

/// The schema has exactly the outline's keys, at every level and for every kind.
void expect_mapping(const Outline& outline, const json& rule) {
  if (outline.kinds.empty()) {
    ASSERT_EQ(rule["additionalProperties"], false);
    ASSERT_EQ(rule["properties"].size(), outline.fields.size());
    expect_fields(outline.fields, rule["properties"]);
    return;
  }
  ASSERT_EQ(rule["oneOf"].size(), outline.kinds.size());
  for (std::size_t i = 0; i < outline.kinds.size(); ++i) {
    const json& alternative = rule["oneOf"][i];
    const OutlineKind& kind = outline.kinds[i];
    EXPECT_EQ(alternative["description"], kind.summary);
    json required = json::array();
    if (outline.kinds_are_keys) {
      EXPECT_TRUE(alternative["properties"].contains(kind.name));
    } else {
      EXPECT_EQ(alternative["properties"]["kind"]["const"], kind.name);
      required.push_back("kind");
    }
    const std::size_t own = required.size();
    for (const OutlineField& field : kind.fields) {
      if (field.required) required.push_back(field.name);
    }
    EXPECT_EQ(alternative["required"], required);
    EXPECT_EQ(alternative["additionalProperties"], false);
    EXPECT_EQ(alternative["properties"].size(), own + kind.fields.size() + outline.fields.size());
    expect_fields(kind.fields, alternative["properties"]);
    expect_fields(outline.fields, alternative["properties"]);
  }
}

void expect_fields(const std::vector<OutlineField>& fields, const json& properties) {
  for (const OutlineField& field : fields) {
    const std::string name(field.name);
    ASSERT_TRUE(properties.contains(name)) << name;
    const json& rule = properties[name];
    if (field.type == ValueType::kMapping) {
      expect_mapping(field.mapping, field.optional ? rule["anyOf"][0] : rule);
    } else if (field.type == ValueType::kItems) {
      expect_mapping(field.mapping, rule["items"]);
    } else {
      EXPECT_EQ(rule["description"], field.documentation);
    }
  }
}

TEST(JsonSchema, NamesItsDraftAndWhatIsRequired) {
  EXPECT_EQ(schema()["$schema"], "https://json-schema.org/draft/2020-12/schema");
  EXPECT_EQ(schema()["required"], json({"name", "peers", "model"}));
}

TEST(JsonSchema, HasEveryKeyOfEveryKindAndSweep) {
  json rule = schema();
  EXPECT_TRUE(valid(rule["properties"]["sweep"], json_of("{peers: [1, 2]}")));
  rule["properties"].erase("sweep");
  expect_mapping(outline_of(Scenario{}), rule);
}

TEST(JsonSchema, StatesTypesBoundsChoicesAndDefaults) {
  const json& properties = schema()["properties"];
  EXPECT_EQ(properties["training"]["properties"]["batch_size"],
            json({{"type", "integer"},
                  {"minimum", 1},
                  {"default", 32},
                  {"description", "samples per local step"}}));
  const json& links = properties["network"]["oneOf"][0]["properties"];
  EXPECT_EQ(links["latency"]["default"], "20ms");
  EXPECT_EQ(links["up"]["default"], "unlimited");
  const json& loss = links["loss"]["anyOf"][0];
  EXPECT_EQ(loss["minimum"], 0);
  EXPECT_EQ(loss["exclusiveMaximum"], 1);
  EXPECT_EQ(properties["model"]["oneOf"][0]["properties"]["init"]["enum"],
            json({"common", "independent"}));
  EXPECT_FALSE(properties["peers"].contains("default"));
  EXPECT_FALSE(properties["seeds"]["properties"]["graph"].contains("default"));
}

TEST(JsonSchema, DefaultsFulfilTheirOwnSchema) {
  const std::function<void(const json&)> check = [&](const json& rule) {
    if (rule.is_object() && rule.contains("default") && !rule.contains("properties")) {
      EXPECT_TRUE(valid(rule, rule["default"])) << rule.dump();
    }
    for (const json& part : rule) {
      if (part.is_structured()) check(part);
    }
  };
  check(schema());
}

TEST(JsonSchema, AcceptsWhateverTheWriterWrites) {
  for (int i = 0; i < 200; ++i) {
    const std::string text = resolved_yaml(random_scenario(Rng(i)));
    EXPECT_TRUE(valid(schema(), json_of(text))) << text;
  }
}

TEST(JsonSchema, RefusesWhatTheLoaderRefuses) {
  const std::string least(kLeast);
  EXPECT_TRUE(valid(schema(), json_of(least)));
  for (const char* lines : {"topolgy: {kind: ring}\n",
                            "topology: {kind: rign}\n",
                            "topology: ring\n",
                            "topology: {kind: ring, degree: 3}\n",
                            "topology: {}\n",
                            "training: {batch_size: 0}\n",
                            "training: {batch_size: 1.5}\n",
                            "network: {kind: links, latency: 20}\n",
                            "network: {kind: links, latency: 20sec}\n",
                            "network: {kind: links, loss: 1.0}\n",
                            "network: {kind: links, up: fast}\n",
                            "evaluation: {targets: 0.5}\n",
                            "evaluation: {targets: [2]}\n",
                            "evaluation: {peers: some}\n",
                            "evaluation: {peers: {randm: 3}}\n",
                            "evaluation: {peers: {role: relay}}\n",
                            "evaluation: {samples: few}\n",
                            "seed: -1\n",
                            "evaluation: {local: maybe}\n",
                            "faults: {at: 1s, crash: [1]}\n",
                            "faults: [{crash: [1]}]\n",
                            "faults: [{at: 1s}]\n",
                            "faults: [{at: 1s, crash: [1], restart: [1]}]\n",
                            "faults: [{at: 1s, freeze: [1], state: lost}]\n",
                            "faults: [{at: 1s, heal: some}]\n",
                            "faults: [{at: 1s, partition: [0, 1]}]\n",
                            "faults: [{at: 1s, slow: [1], factor: 0}]\n"}) {
    EXPECT_FALSE(valid(schema(), json_of(least + lines))) << lines;
    EXPECT_NE(error_of(least + lines), "") << lines;
  }
  EXPECT_FALSE(valid(schema(), json_of("name: a\npeers: 3\n")));
}

TEST(JsonSchema, AcceptsTheShippedScenarios) {
  const std::filesystem::path folder = std::filesystem::path(HEARSAY_SOURCE_DIR) / "scenarios";
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    if (file.path().extension() != ".yaml") continue;
    const Scenario scenario = load_scenario(file.path());
    EXPECT_TRUE(valid(schema(), json_of(resolved_yaml(scenario)))) << file.path();
  }
}

}  // namespace
}  // namespace hearsay
