#pragma once

#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "node/base/check.hpp"
#include "scenarios/document.hpp"
#include "scenarios/outline.hpp"

namespace hearsay {

/// A value of a document, and how it is called in messages.
struct DocumentPlace {
  const DocumentNode& value;
  Position key;      ///< Where its key (or, in a list, itself) stands.
  std::string path;  ///< Dotted, from the root.
};

/// Reads a mapping into `options`, strictly: keys that are absent keep their value, everything
/// else must be as describe() says. `outline`: outline_of() the options, with any values.
/// @throws UserError naming place, key path, value, and nearest valid name or bound.
template <class Options>
void read_mapping(const Document& document, const DocumentPlace& place, const Outline& outline,
                  Options& options);

// The rest of this file is what the template is made of.

namespace internal {

/// Checks the keys of a mapping: known ones only, and of the chosen kind or the one
/// action. Returns the index of the chosen kind (0 if the outline has none).
std::size_t check_keys(const Document& document, const DocumentPlace& place,
                       const Outline& outline);

/// The text of a scalar of this type; fails for lists, mappings and nothing, and for
/// numbers in quotes.
const std::string& scalar_text(const Document& document, const DocumentPlace& place,
                               ValueType type);

/// The items of a list, with their places.
std::vector<DocumentPlace> list_items(const Document& document, const DocumentPlace& place);

/// The index of the scalar among the choices.
std::size_t read_choice(const Document& document, const DocumentPlace& place,
                        const std::vector<std::string_view>& choices);

/// Fails because a required key is not there.
[[noreturn]] void fail_missing(const Document& document, const DocumentPlace& place,
                               std::string_view key, std::string_view documentation);

PeerSelector read_peers(const Document& document, const DocumentPlace& place);

PeerGroups read_groups(const Document& document, const DocumentPlace& place);

void check_range(const Document& document, const DocumentPlace& place, const Range& range,
                 double measured);

template <class T>
void read_value(const Document& document, const DocumentPlace& place, const OutlineField& field,
                T& value);

/// The visitor that reads the fields of one mapping.
class Reader : public FieldVisitor<Reader> {
 public:
  Reader(const Document& document, const DocumentPlace& place, const Outline& outline)
      : document_(document),
        place_(place),
        outline_(outline),
        chosen_kind_(check_keys(document, place, outline)) {}

  template <class T>
  void field(std::string_view name, T& value, const Range&, std::string_view) {
    const DocumentNode::Entry* entry = place_.value.find(name);
    if (entry == nullptr) return;
    const std::string prefix = place_.path.empty() ? "" : place_.path + ".";
    read_value(document_, {entry->value, entry->position, prefix + std::string(name)},
               outline_field(name), value);
  }

  template <class T>
  void required_field(std::string_view name, T& value, const Range& range,
                      std::string_view documentation) {
    if (place_.value.find(name) == nullptr) fail_missing(document_, place_, name, documentation);
    field(name, value, range, documentation);
  }

  template <class... Alternatives>
  void kind(std::variant<Alternatives...>& variant) {
    std::size_t index = 0;
    (read_kind<Alternatives>(variant, index++), ...);
  }

 private:
  template <class Alternative, class Variant>
  void read_kind(Variant& variant, std::size_t index) {
    if (index != chosen_kind_) return;
    if (variant.index() != index) variant = Alternative{};
    describe(*this, std::get<Alternative>(variant));
  }

  const OutlineField& outline_field(std::string_view name) const {
    const OutlineField* field = find_field(outline_.fields, name);
    if (field == nullptr) field = find_field(outline_.kinds.at(chosen_kind_).fields, name);
    HEARSAY_CHECK(field != nullptr);
    return *field;
  }

  const Document& document_;
  const DocumentPlace& place_;
  const Outline& outline_;
  std::size_t chosen_kind_;
};

template <class T>
void read_list(const Document& document, const DocumentPlace& place, const OutlineField& field,
               std::vector<T>& list) {
  list.clear();
  for (const DocumentPlace& item : list_items(document, place)) {
    T value{};
    if constexpr (kIsItems<std::vector<T>>) {
      read_mapping(document, item, field.mapping, value);
    } else {
      read_value(document, item, field, value);
    }
    list.push_back(std::move(value));
  }
}

template <class T>
void read_value(const Document& document, const DocumentPlace& place, const OutlineField& field,
                T& value) {
  if constexpr (kIsOptional<T>) {
    if (place.value.kind == DocumentNode::Kind::kNothing) {
      value.reset();
      return;
    }
    if (!value) value.emplace();
    read_value(document, place, field, *value);
  } else if constexpr (std::is_enum_v<T>) {
    value = enum_names(T{})[read_choice(document, place, field.choices)].value;
  } else if constexpr (std::is_same_v<T, std::string>) {
    value = scalar_text(document, place, ValueType::kText);
  } else if constexpr (kScalarType<T>.has_value()) {
    const std::string& text = scalar_text(document, place, *kScalarType<T>);
    if (const auto wrong = parse_value(text, value)) document.fail(place.key, place.path, *wrong);
    if constexpr (!std::is_same_v<T, bool>) {
      check_range(document, place, field.range, measure(value));
    }
  } else if constexpr (std::is_same_v<T, PeerSelector>) {
    value = read_peers(document, place);
  } else if constexpr (std::is_same_v<T, PeerGroups>) {
    value = read_groups(document, place);
  } else if constexpr (std::is_same_v<T, std::vector<int>> ||
                       std::is_same_v<T, std::vector<double>> || kIsItems<T>) {
    read_list(document, place, field, value);
  } else {
    read_mapping(document, place, field.mapping, value);
  }
}

}  // namespace internal

template <class Options>
void read_mapping(const Document& document, const DocumentPlace& place, const Outline& outline,
                  Options& options) {
  internal::Reader visit(document, place, outline);
  internal::visit_mapping(visit, options);
}

}  // namespace hearsay
