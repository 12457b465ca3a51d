#include "scenarios/listing.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>

#include "node/base/check.hpp"
#include "node/base/error.hpp"
#include "scenarios/nearest_name.hpp"
#include "scenarios/scenario_outline.hpp"

namespace hearsay {
namespace {

using Json = nlohmann::ordered_json;

/// What is listed under which name. Kinds and parameters come from describe().
struct Section {
  std::string_view name;
  std::string_view key;     ///< Where in a scenario.
  bool has_default = true;  ///< False: the kind must be given.
};

constexpr std::array kSections{Section{"topologies", "topology"},
                               Section{"mixings", "mixing"},
                               Section{"data", "data"},
                               Section{"partitions", "data.partition"},
                               Section{"models", "model", false},
                               Section{"optimizers", "training.optimizer"},
                               Section{"schedules", "training.optimizer.schedule"},
                               Section{"protocols", "protocol"},
                               Section{"aggregators", "aggregator"},
                               Section{"pre_aggregators", "aggregator.pre", false},
                               Section{"codecs", "codec"},
                               Section{"attacks", "adversaries.attack", false},
                               Section{"computes", "compute"},
                               Section{"networks", "network"},
                               Section{"faults", "faults", false},
                               Section{"sessions", "faults.sessions", false}};

std::vector<Section> chosen_sections(std::string_view name) {
  if (name.empty()) return {kSections.begin(), kSections.end()};
  for (const Section& section : kSections) {
    if (section.name == name) return {section};
  }
  throw UserError("list: no section " + shown(name) + "; " + suggestion(name, listing_sections()));
}

const Outline& outline_in(const Outline& scenario, const Section& section) {
  const Outline* outline = find_mapping(scenario, section.key);
  HEARSAY_CHECK(outline != nullptr);
  return *outline;
}

std::string_view type_name(ValueType type) {
  switch (type) {
    case ValueType::kTruth:
      return "boolean";
    case ValueType::kInteger:
      return "integer";
    case ValueType::kNumber:
      return "number";
    case ValueType::kText:
      return "text";
    case ValueType::kTime:
      return "time";
    case ValueType::kFraction:
      return "share";
    case ValueType::kCount:
      return "count";
    case ValueType::kBandwidth:
      return "bandwidth";
    case ValueType::kPeers:
      return "peers";
    case ValueType::kGroups:
      return "lists of peers";
    case ValueType::kIntegers:
      return "list of integers";
    case ValueType::kNumbers:
      return "list of numbers";
    case ValueType::kChoice:
      return "choice";
    case ValueType::kMapping:
      return "mapping";
    case ValueType::kItems:
      return "list of mappings";
  }
  return "";
}

std::string joined(const std::vector<std::string_view>& names, std::string_view separator) {
  std::string text;
  for (const std::string_view name : names) {
    if (!text.empty()) text += separator;
    text += name;
  }
  return text;
}

/// `integer >= 1`, `share in [0, 1)`, `common | independent`.
std::string values_of(const OutlineField& field) {
  if (field.type == ValueType::kChoice) return joined(field.choices, " | ");
  if (field.type == ValueType::kMapping) return "mapping";
  const std::string type(type_name(field.type));
  const Range& range = field.range;
  const bool below = std::isfinite(range.low);
  const bool above = std::isfinite(range.high);
  if (below && above) {
    return type + " in " + (range.low_open ? "(" : "[") + print_value(range.low) + ", " +
           print_value(range.high) + (range.high_open ? ")" : "]");
  }
  if (below) return type + (range.low_open ? " > " : " >= ") + print_value(range.low);
  if (above) return type + (range.high_open ? " < " : " <= ") + print_value(range.high);
  return type;
}

/// A mapping's default: its kind, or nothing if it may be left out.
std::string default_of(const OutlineField& field) {
  if (field.required) return "required";
  if (field.optional && !field.present) return "none";
  if (field.type == ValueType::kItems) return "[]";
  if (field.type != ValueType::kMapping) return field.value;
  const Outline& mapping = field.mapping;
  if (mapping.kinds.empty()) return "{}";
  return "{kind: " + std::string(mapping.kinds[mapping.chosen].name) + "}";
}

/// One parameter: name, default, values, documentation.
using Row = std::array<std::string, 4>;

void add_rows(const std::vector<OutlineField>& fields, const std::string& prefix,
              std::vector<Row>& rows) {
  for (const OutlineField& field : fields) {
    const std::string name = prefix + std::string(field.name);
    rows.push_back({name, default_of(field), values_of(field), std::string(field.documentation)});
    // A mapping without kinds is listed nowhere else.
    if (field.type == ValueType::kMapping && field.mapping.kinds.empty()) {
      add_rows(field.mapping.fields, name + ".", rows);
    }
  }
}

std::vector<Row> rows_of(const std::vector<OutlineField>& fields) {
  std::vector<Row> rows;
  add_rows(fields, "", rows);
  return rows;
}

/// Appends `words`, broken between words so that no line exceeds 100 columns; continued
/// lines start at `column`, where the first one stands.
void append_wrapped(std::string_view words, std::size_t column, std::string& text) {
  constexpr std::size_t kWidth = 100;
  std::size_t at = column;
  while (!words.empty()) {
    const std::string_view word = words.substr(0, words.find(' '));
    words.remove_prefix(std::min(words.size(), word.size() + 1));
    if (at > column && at + 1 + word.size() > kWidth) {
      text += "\n" + std::string(column, ' ');
      at = column;
    } else if (at > column) {
      text += ' ';
      ++at;
    }
    text += word;
    at += word.size();
  }
  text += '\n';
}

/// Of a table of rows, all columns but the last.
using Widths = std::array<std::size_t, 3>;

/// The last column does not start behind this one.
constexpr std::size_t kLastColumn = 64;

Widths widths_of(const std::vector<Row>& rows) {
  Widths widths{};
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < widths.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  return widths;
}

/// Where the last column starts.
std::size_t last_column(const Widths& widths) {
  std::size_t column = 4;
  for (const std::size_t width : widths) column += width + 2;
  return column;
}

/// What stands in the last column goes to lines of its own where that is too far to the right.
void append_rows(const std::vector<Row>& rows, const Widths& widths, std::string& text) {
  const std::size_t column = last_column(widths);
  for (const Row& row : rows) {
    std::string line(4, ' ');
    for (std::size_t i = 0; i < widths.size(); ++i) {
      line += row[i] + std::string(widths[i] - row[i].size() + 2, ' ');
    }
    if (column > kLastColumn) {
      line.erase(line.find_last_not_of(' ') + 1);
      line += "\n" + std::string(8, ' ');
    }
    text += line;
    append_wrapped(row.back(), column > kLastColumn ? 8 : column, text);
  }
}

/// Where a kind is from, below its parameters.
void append_reference(std::string_view reference, std::string& text) {
  constexpr std::string_view kFrom = "    from ";
  if (reference.empty()) return;
  text += kFrom;
  append_wrapped(reference, kFrom.size(), text);
}

std::string heading_of(const Section& section, const Outline& outline) {
  std::string text = std::string(section.name) + " (" + std::string(section.key) + ":";
  if (outline.kinds_are_keys) return text + ", a list; an item has one of these keys)\n";
  if (!section.has_default) return text + ", no default)\n";
  return text + ", default " + std::string(outline.kinds[outline.chosen].name) + ")\n";
}

std::string section_text(const Section& section, const Outline& outline) {
  const std::vector<Row> common = rows_of(outline.fields);
  std::vector<Row> all = common;
  std::size_t kind_width = 0;
  for (const OutlineKind& kind : outline.kinds) {
    add_rows(kind.fields, "", all);
    kind_width = std::max(kind_width, kind.name.size());
  }
  // One table for all kinds, if it is not too wide.
  const bool is_one = last_column(widths_of(all)) <= kLastColumn;
  const auto append = [&](const std::vector<Row>& rows, std::string& text) {
    append_rows(rows, widths_of(is_one ? all : rows), text);
  };
  std::string text = heading_of(section, outline);
  for (const OutlineKind& kind : outline.kinds) {
    text += "  " + std::string(kind.name) + std::string(kind_width - kind.name.size() + 2, ' ');
    append_wrapped(kind.summary, kind_width + 4, text);
    append(rows_of(kind.fields), text);
    append_reference(kind.reference, text);
  }
  if (!common.empty()) {
    text += "  with every kind\n";
    append(common, text);
  }
  return text;
}

Json parameters_json(const std::vector<OutlineField>& fields) {
  Json list = Json::array();
  for (const OutlineField& field : fields) {
    Json parameter = {{"name", field.name},
                      {"type", type_name(field.type)},
                      {"documentation", field.documentation},
                      {"default", default_of(field)}};
    if (field.required) {
      parameter.erase("default");
      parameter["required"] = true;
    }
    const Range& range = field.range;
    if (std::isfinite(range.low)) {
      parameter[range.low_open ? "exclusive_minimum" : "minimum"] = range.low;
    }
    if (std::isfinite(range.high)) {
      parameter[range.high_open ? "exclusive_maximum" : "maximum"] = range.high;
    }
    if (field.type == ValueType::kChoice) parameter["choices"] = field.choices;
    if (field.type == ValueType::kMapping && !field.mapping.kinds.empty()) {
      parameter["kinds"] = kind_names(field.mapping);
    } else if (field.type == ValueType::kMapping) {
      parameter["parameters"] = parameters_json(field.mapping.fields);
    }
    list.push_back(std::move(parameter));
  }
  return list;
}

Json section_json(const Section& section, const Outline& outline) {
  Json kinds = Json::array();
  for (std::size_t i = 0; i < outline.kinds.size(); ++i) {
    const OutlineKind& kind = outline.kinds[i];
    Json entry = {{"kind", kind.name}, {"summary", kind.summary}};
    if (!kind.reference.empty()) entry["reference"] = kind.reference;
    if (section.has_default && i == outline.chosen) entry["default"] = true;
    entry["parameters"] = parameters_json(kind.fields);
    kinds.push_back(std::move(entry));
  }
  return {{"section", section.name},
          {"key", section.key},
          {"kinds", std::move(kinds)},
          {"parameters", parameters_json(outline.fields)}};
}

}  // namespace

std::vector<std::string_view> listing_sections() {
  std::vector<std::string_view> names;
  for (const Section& section : kSections) names.push_back(section.name);
  return names;
}

std::string listing_text(std::string_view section) {
  const Outline scenario = outline_of(Scenario{});
  std::string text;
  for (const Section& chosen : chosen_sections(section)) {
    if (!text.empty()) text += '\n';
    text += section_text(chosen, outline_in(scenario, chosen));
  }
  return text;
}

std::string listing_json(std::string_view section) {
  const Outline scenario = outline_of(Scenario{});
  Json list = Json::array();
  for (const Section& chosen : chosen_sections(section)) {
    list.push_back(section_json(chosen, outline_in(scenario, chosen)));
  }
  return list.dump(2) + "\n";
}

}  // namespace hearsay
