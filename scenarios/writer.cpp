#include "scenarios/writer.hpp"

namespace hearsay {
namespace {

void write_mapping(const Outline& outline, int indent, std::string& text);

void write_line(std::string_view key, std::string_view value, int indent, std::string& text) {
  text.append(static_cast<std::size_t>(indent), ' ');
  text.append(key).append(":");
  if (!value.empty()) text.append(" ").append(value);
  text.append("\n");
}

/// Each item's first line begins with a dash.
void write_items(const OutlineField& field, int indent, std::string& text) {
  write_line(field.name, field.items.empty() ? "[]" : "", indent, text);
  for (const Outline& item : field.items) {
    const std::size_t dash = text.size() + static_cast<std::size_t>(indent) + 2;
    write_mapping(item, indent + 4, text);
    text[dash] = '-';
  }
}

void write_fields(const std::vector<OutlineField>& fields, int indent, std::string& text) {
  for (const OutlineField& field : fields) {
    if (!field.present) continue;
    if (field.type == ValueType::kItems) {
      write_items(field, indent, text);
      continue;
    }
    const bool nested = field.type == ValueType::kMapping;
    const bool empty = nested && field.mapping.kinds.empty() && field.mapping.fields.empty();
    write_line(field.name, empty ? "{}" : field.value, indent, text);
    if (nested) write_mapping(field.mapping, indent + 2, text);
  }
}

void write_mapping(const Outline& outline, int indent, std::string& text) {
  if (!outline.kinds.empty()) {
    const OutlineKind& kind = outline.kinds[outline.chosen];
    if (!outline.kinds_are_keys) write_line("kind", kind.name, indent, text);
    write_fields(kind.fields, indent, text);
  }
  write_fields(outline.fields, indent, text);
}

}  // namespace

std::string write_yaml(const Outline& outline) {
  std::string text;
  write_mapping(outline, 0, text);
  return text;
}

}  // namespace hearsay
