#pragma once

#include <limits>
#include <string_view>

/// How an options struct tells the scenario loader, the schema, `hearsay list` and
/// the resolved copy about its fields: once, in one function beside the struct.
///
///   struct RandomRegularOptions {
///     static constexpr std::string_view kKind = "random_regular";
///     static constexpr std::string_view kSummary = "Uniform random d-regular graph.";
///     int degree = 4;
///     friend bool operator==(const RandomRegularOptions&,
///                            const RandomRegularOptions&) = default;
///   };
///
///   template <class Visitor>
///   void describe(Visitor& visit, RandomRegularOptions& options) {
///     visit("degree", options.degree, at_least(1), "neighbors of every peer");
///   }
///
/// The visitors, such as those in scenarios/, derive from FieldVisitor below. A visitor is
/// called as
///   visit(name, field, documentation)          any field type
///   visit(name, field, range, documentation)   numbers, quantities, lists of numbers
///   visit.required(name, field[, range], documentation)   the key must be there
///   visit.kind(variant)                        `kind` and the chosen one's fields, inlined
///   visit.action(variant)                      the same, but the kind is chosen by having a
///                                              key of its name, one of its required fields
/// Field types: bool, int, std::int64_t, std::uint64_t, double, std::string, SimTime,
/// Fraction, Count, Bandwidth, enums with an `enum_names` overload, std::vector<int>,
/// std::vector<double>, std::variant of structs with kKind (a mapping with `kind`), any
/// struct with a `describe` overload (a nested mapping), std::vector of such structs (a list
/// of mappings), and std::optional of a struct or scalar (may be left out, or be null). A
/// field keeps its initial value if its key is absent; the initial value is the documented
/// default.

namespace hearsay {

/// The values a number may take.
struct Range {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  bool low_open = false;   ///< True: the value must exceed `low`.
  bool high_open = false;  ///< True: the value must stay below `high`.

  constexpr bool contains(double value) const {
    return (low_open ? value > low : value >= low) && (high_open ? value < high : value <= high);
  }
};

constexpr Range at_least(double low) { return {.low = low}; }
constexpr Range above(double low) { return {.low = low, .low_open = true}; }
constexpr Range between(double low, double high) { return {.low = low, .high = high}; }

/// low <= value < high.
constexpr Range from_below(double low, double high) {
  return {.low = low, .high = high, .high_open = true};
}

/// What visitors have in common, so that each says only what it does with a field. A visitor
/// derives from FieldVisitor<itself> and defines, publicly,
///   field(name, value, range, documentation)            every field; where describe() gives
///                                                        no range, one without bounds
///   kind(variant)                                        as above
/// and redefines, if it treats them apart,
///   required_field(name, value, range, documentation)   else field()
///   action(variant)                                      else kind()
template <class Visitor>
class FieldVisitor {
 public:
  template <class T>
  void operator()(std::string_view name, T& value, std::string_view documentation) {
    visitor().field(name, value, Range{}, documentation);
  }

  template <class T>
  void operator()(std::string_view name, T& value, const Range& range,
                  std::string_view documentation) {
    visitor().field(name, value, range, documentation);
  }

  template <class T>
  void required(std::string_view name, T& value, std::string_view documentation) {
    visitor().required_field(name, value, Range{}, documentation);
  }

  template <class T>
  void required(std::string_view name, T& value, const Range& range,
                std::string_view documentation) {
    visitor().required_field(name, value, range, documentation);
  }

  template <class T>
  void required_field(std::string_view name, T& value, const Range& range,
                      std::string_view documentation) {
    visitor().field(name, value, range, documentation);
  }

  template <class Variant>
  void action(Variant& variant) {
    visitor().kind(variant);
  }

 protected:
  Visitor& visitor() { return static_cast<Visitor&>(*this); }
};

/// One choice of an enum field: its name in a scenario. An enum that appears in an
/// options struct has, beside it, an overload found by argument-dependent lookup:
///   constexpr auto enum_names(Init) {
///     return std::array{EnumName{Init::kCommon, "common"}, ...};
///   }
template <class Enum>
struct EnumName {
  Enum value;
  std::string_view name;
};

}  // namespace hearsay
