#pragma once

#include <string_view>
#include <variant>

#include "node/base/describe.hpp"
#include "node/base/quantity.hpp"
#include "topologies/mixing_matrix.hpp"

namespace hearsay {

struct MetropolisHastingsOptions {
  static constexpr std::string_view kKind = "metropolis_hastings";
  static constexpr std::string_view kSummary = "1 / (1 + max degree) per edge; symmetric.";

  friend bool operator==(const MetropolisHastingsOptions&,
                         const MetropolisHastingsOptions&) = default;
};

struct UniformMixingOptions {
  static constexpr std::string_view kKind = "uniform";
  static constexpr std::string_view kSummary = "1 / (1 + own degree); rows sum to 1 only.";

  friend bool operator==(const UniformMixingOptions&, const UniformMixingOptions&) = default;
};

struct LazyMixingOptions {
  static constexpr std::string_view kKind = "lazy";
  static constexpr std::string_view kSummary =
      "`self_weight` for oneself, equal parts of the rest for neighbors; rows sum to 1 only.";

  Fraction self_weight{0.5};

  friend bool operator==(const LazyMixingOptions&, const LazyMixingOptions&) = default;
};

template <class Visitor>
void describe(Visitor&, MetropolisHastingsOptions&) {}

template <class Visitor>
void describe(Visitor&, UniformMixingOptions&) {}

template <class Visitor>
void describe(Visitor& visit, LazyMixingOptions& options) {
  visit("self_weight", options.self_weight, Range{.low = 0, .high = 1, .low_open = true},
        "weight of the own model");
}

/// Every way to weigh neighbors. To add one, add its options here.
using MixingOptions =
    std::variant<MetropolisHastingsOptions, UniformMixingOptions, LazyMixingOptions>;

inline MixingMatrix make_mixing(const MetropolisHastingsOptions&, const Graph& graph) {
  return MixingMatrix::metropolis_hastings(graph);
}

inline MixingMatrix make_mixing(const UniformMixingOptions&, const Graph& graph) {
  return MixingMatrix::uniform(graph);
}

inline MixingMatrix make_mixing(const LazyMixingOptions& options, const Graph& graph) {
  return MixingMatrix::lazy(graph, options.self_weight.value);
}

/// Builds the chosen matrix. The graph must outlive it.
inline MixingMatrix make_chosen(const MixingOptions& options, const Graph& graph) {
  return std::visit([&](const auto& chosen) { return make_mixing(chosen, graph); }, options);
}

}  // namespace hearsay
