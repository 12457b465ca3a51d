#include "scenarios/outline.hpp"

namespace hearsay {

const OutlineField* find_field(const std::vector<OutlineField>& fields, std::string_view name) {
  for (const OutlineField& field : fields) {
    if (field.name == name) return &field;
  }
  return nullptr;
}

const Outline* find_mapping(const Outline& outline, std::string_view key_path) {
  if (key_path.empty()) return &outline;
  const std::size_t dot = key_path.find('.');
  const std::string_view key = key_path.substr(0, dot);
  const std::string_view rest = dot == std::string_view::npos ? "" : key_path.substr(dot + 1);
  const auto within = [&](const std::vector<OutlineField>& fields) -> const Outline* {
    const OutlineField* field = find_field(fields, key);
    if (field == nullptr) return nullptr;
    if (field->type != ValueType::kMapping && field->type != ValueType::kItems) return nullptr;
    return find_mapping(field->mapping, rest);
  };
  if (const Outline* found = within(outline.fields)) return found;
  for (const OutlineKind& kind : outline.kinds) {
    if (const Outline* found = within(kind.fields)) return found;
  }
  return nullptr;
}

std::vector<std::string_view> kind_names(const Outline& outline) {
  std::vector<std::string_view> names;
  for (const OutlineKind& kind : outline.kinds) names.push_back(kind.name);
  return names;
}

}  // namespace hearsay
