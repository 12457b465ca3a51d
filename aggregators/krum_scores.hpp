#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aggregators/gram.hpp"
#include "aggregators/input_vectors.hpp"
#include "node/base/describe.hpp"

namespace hearsay {

/// Which of the published definitions of a Krum score. With D_ij = ||x_i - x_j|| and N_k(i) the
/// k vectors nearest to x_i, x_i itself not among them:
///   paper   sum of D_ij^2 over N_(n-f-2)(i); n >= 2f + 3
///   byzfl   mean of D_ij^2 over N_(n-f-1)(i); n >= 2f + 1
///   lpd     sum of D_ij over N_(n-f-1)(i); n >= 2f + 1
enum class KrumConvention { kPaper, kByzfl, kLpd };

constexpr auto enum_names(KrumConvention) {
  return std::array{EnumName<KrumConvention>{KrumConvention::kPaper, "paper"},
                    EnumName<KrumConvention>{KrumConvention::kByzfl, "byzfl"},
                    EnumName<KrumConvention>{KrumConvention::kLpd, "lpd"}};
}

/// One score per vector, the lower the better: the sum over its `neighbors` nearest others of
/// D_ij^2, or of D_ij unless `squared`. REQUIRES: 0 <= neighbors < n.
std::vector<double> krum_scores(const SquareMatrix& squared_distances, int neighbors, bool squared);

/// The scores of all n rows by this convention, whose bound must hold.
std::vector<double> krum_scores(const InputVectors& x, int f, KrumConvention convention);

/// Why this convention cannot work on n inputs.
std::optional<std::string> krum_infeasible(std::string_view rule, int n, int f,
                                           KrumConvention convention);

}  // namespace hearsay
