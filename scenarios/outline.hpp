#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "node/base/describe.hpp"
#include "scenarios/quantities.hpp"

/// What describe() says about an options struct, as plain data: the writer, the JSON
/// Schema, `hearsay list` and the checks of keys are ordinary functions of it. Names and
/// documentation are views of string literals.

namespace hearsay {

/// How a value is written.
enum class ValueType {
  kTruth,
  kInteger,
  kNumber,
  kText,
  kTime,
  kFraction,
  kCount,
  kBandwidth,
  kPeers,
  kGroups,
  kIntegers,
  kNumbers,
  kChoice,
  kMapping,
  kItems,  ///< A list of mappings.
};

struct OutlineField;
struct OutlineKind;

/// A mapping: a choice of kinds (for a variant), and the fields that do not depend on
/// it, in the order of describe(). A kind is chosen by the key `kind`, or (an action) by
/// having a key that is called like the kind.
struct Outline {
  std::vector<OutlineKind> kinds;  ///< Empty: no choice.
  bool kinds_are_keys = false;     ///< Actions; each has a required field of its name.
  std::size_t chosen = 0;          ///< Index into `kinds`.
  std::vector<OutlineField> fields;
};

/// One key of a mapping.
struct OutlineField {
  std::string_view name;
  std::string_view documentation;
  ValueType type = ValueType::kMapping;
  Range range;
  std::string value;                      ///< As YAML; empty for kMapping and kItems.
  std::vector<std::string_view> choices;  ///< Of kChoice.
  Outline mapping;                        ///< Of kMapping; of kItems: one with its defaults.
  std::vector<Outline> items;             ///< Of kItems.
  bool required = false;                  ///< The key must be there.
  bool optional = false;                  ///< Has a meaning of its own when left out.
  bool present = true;                    ///< False: an optional one left out.
};

/// One alternative of a variant. The fields of the chosen one hold its values, those of
/// the others their defaults.
struct OutlineKind {
  std::string_view name;
  std::string_view summary;
  std::vector<OutlineField> fields;
  std::string_view reference{};  ///< Its kReference, if it has one: where it is from.
};

/// The outline of an options struct or variant, holding its values.
template <class Options>
Outline outline_of(const Options& options);

/// The mapping at a dotted path, through whichever kind has the key and through the
/// default of lists' items; null if none.
const Outline* find_mapping(const Outline& outline, std::string_view key_path);

/// The names of an outline's kinds, in order.
std::vector<std::string_view> kind_names(const Outline& outline);

/// The field called `name`; null if there is none.
const OutlineField* find_field(const std::vector<OutlineField>& fields, std::string_view name);

// The rest of this file is templates that outline_of() and the reader share.

namespace internal {

template <class T>
inline constexpr std::optional<ValueType> kScalarType = std::nullopt;
template <>
inline constexpr std::optional<ValueType> kScalarType<bool> = ValueType::kTruth;
template <>
inline constexpr std::optional<ValueType> kScalarType<int> = ValueType::kInteger;
template <>
inline constexpr std::optional<ValueType> kScalarType<std::int64_t> = ValueType::kInteger;
template <>
inline constexpr std::optional<ValueType> kScalarType<std::uint64_t> = ValueType::kInteger;
template <>
inline constexpr std::optional<ValueType> kScalarType<double> = ValueType::kNumber;
template <>
inline constexpr std::optional<ValueType> kScalarType<SimTime> = ValueType::kTime;
template <>
inline constexpr std::optional<ValueType> kScalarType<Fraction> = ValueType::kFraction;
template <>
inline constexpr std::optional<ValueType> kScalarType<Count> = ValueType::kCount;
template <>
inline constexpr std::optional<ValueType> kScalarType<Bandwidth> = ValueType::kBandwidth;

template <class T>
inline constexpr bool kIsVariant = false;
template <class... Alternatives>
inline constexpr bool kIsVariant<std::variant<Alternatives...>> = true;

/// A list of mappings.
template <class T>
inline constexpr bool kIsItems = false;
template <class T>
inline constexpr bool kIsItems<std::vector<T>> = !kScalarType<T>.has_value();

template <class T>
inline constexpr bool kIsOptional = false;
template <class T>
inline constexpr bool kIsOptional<std::optional<T>> = true;

/// Lets `visit` see all fields of a struct, or the kind of a variant.
template <class Visitor, class Options>
void visit_mapping(Visitor& visit, Options& options) {
  if constexpr (kIsVariant<Options>) {
    visit.kind(options);
  } else {
    describe(visit, options);
  }
}

/// The range that holds for a field: a share without a range of its own is 0 to 1, an
/// unsigned number at least 0.
template <class T>
constexpr Range range_of_field(const Range& range) {
  if constexpr (std::is_same_v<T, Fraction>) {
    if (range.contains(-1)) return between(0, 1);
  } else if constexpr (std::is_same_v<T, std::uint64_t>) {
    if (range.contains(-1)) return at_least(0);
  }
  return range;
}

/// The visitor behind outline_of().
class Outliner : public FieldVisitor<Outliner> {
 public:
  explicit Outliner(Outline& outline) : outline_(outline) {}

  template <class T>
  void field(std::string_view name, T& value, const Range& range, std::string_view documentation) {
    OutlineField field;
    field.name = name;
    field.documentation = documentation;
    field.range = range_of_field<T>(range);
    fill(field, value);
    outline_.fields.push_back(std::move(field));
  }

  template <class T>
  void required_field(std::string_view name, T& value, const Range& range,
                      std::string_view documentation) {
    field(name, value, range, documentation);
    outline_.fields.back().required = true;
  }

  template <class... Alternatives>
  void kind(std::variant<Alternatives...>& variant) {
    (add_kind<Alternatives>(variant), ...);
    outline_.chosen = variant.index();
  }

  template <class... Alternatives>
  void action(std::variant<Alternatives...>& variant) {
    kind(variant);
    outline_.kinds_are_keys = true;
  }

 private:
  template <class Alternative, class Variant>
  void add_kind(Variant& variant) {
    Alternative options;
    if (const auto* chosen = std::get_if<Alternative>(&variant)) options = *chosen;
    outline_.kinds.push_back(
        {Alternative::kKind, Alternative::kSummary, outline_of(options).fields});
    if constexpr (requires { Alternative::kReference; }) {
      outline_.kinds.back().reference = Alternative::kReference;
    }
  }

  template <class T>
  void fill(OutlineField& field, T& value) {
    if constexpr (kIsOptional<T>) {
      field.optional = true;
      field.present = value.has_value();
      auto shown = value.value_or(typename T::value_type{});
      fill(field, shown);
      if (!field.present) field.value.clear();
    } else if constexpr (std::is_enum_v<T>) {
      field.type = ValueType::kChoice;
      for (const auto& choice : enum_names(T{})) {
        field.choices.push_back(choice.name);
        if (choice.value == value) field.value = choice.name;
      }
    } else if constexpr (std::is_same_v<T, std::string>) {
      field.type = ValueType::kText;
      field.value = print_text(value);
    } else if constexpr (kScalarType<T>) {
      field.type = *kScalarType<T>;
      field.value = print_value(value);
    } else if constexpr (std::is_same_v<T, PeerSelector>) {
      field.type = ValueType::kPeers;
      field.value = print_value(value);
    } else if constexpr (std::is_same_v<T, PeerGroups>) {
      field.type = ValueType::kGroups;
      field.value = print_value(value);
    } else if constexpr (std::is_same_v<T, std::vector<int>>) {
      field.type = ValueType::kIntegers;
      field.value = print_value(value);
    } else if constexpr (std::is_same_v<T, std::vector<double>>) {
      field.type = ValueType::kNumbers;
      field.value = print_value(value);
    } else if constexpr (kIsItems<T>) {
      field.type = ValueType::kItems;
      field.mapping = outline_of(typename T::value_type{});
      for (const auto& item : value) field.items.push_back(outline_of(item));
    } else {
      field.mapping = outline_of(value);
    }
  }

  Outline& outline_;
};

}  // namespace internal

template <class Options>
Outline outline_of(const Options& options) {
  Outline outline;
  internal::Outliner visit(outline);
  Options copy = options;  // Visitors take fields they may write.
  internal::visit_mapping(visit, copy);
  return outline;
}

}  // namespace hearsay
