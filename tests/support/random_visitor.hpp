#pragma once

#include <array>
#include <string_view>
#include <type_traits>
#include <variant>

#include "node/base/describe.hpp"
#include "node/base/rng.hpp"
#include "scenarios/outline.hpp"

namespace hearsay {

/// A visitor that draws a value for every field of an options struct, kinds included,
/// whatever they are called: a new plug-in is covered without touching the tests. Values
/// keep the fields' ranges; rules between keys are not kept. A visitor derives from
/// RandomVisitor<itself> and defines, beside `using RandomVisitor::draw`,
///   draw(value, range)
/// for the types of fields but these: kinds, choices of enums and truths are drawn
/// uniformly, an optional is there half of the time, a struct has its fields drawn.
template <class Visitor>
class RandomVisitor : public FieldVisitor<Visitor> {
 public:
  /// The stream outlives the visitor.
  explicit RandomVisitor(Rng& rng) : rng_(rng) {}

  template <class T>
  void field(std::string_view, T& value, const Range& range, std::string_view) {
    fill(value, internal::range_of_field<T>(range));
  }

  template <class... Alternatives>
  void kind(std::variant<Alternatives...>& variant) {
    const std::array<std::variant<Alternatives...>, sizeof...(Alternatives)> all = {
        Alternatives{}...};
    variant = all[rng_.below(all.size())];
    std::visit([this](auto& chosen) { describe(this->visitor(), chosen); }, variant);
  }

  template <class Options>
  void draw(Options& options, const Range&) {
    internal::visit_mapping(this->visitor(), options);
  }

 protected:
  Rng& rng() { return rng_; }
  bool coin() { return rng_.below(2) == 0; }

  template <class T>
  void fill(T& value, const Range& range) {
    if constexpr (internal::kIsOptional<T>) {
      value.reset();
      if (coin()) fill(value.emplace(), range);
    } else if constexpr (std::is_enum_v<T>) {
      constexpr auto choices = enum_names(T{});
      value = choices[rng_.below(choices.size())].value;
    } else if constexpr (std::is_same_v<T, bool>) {
      value = coin();
    } else {
      this->visitor().draw(value, range);
    }
  }

 private:
  Rng& rng_;
};

}  // namespace hearsay
