#pragma once

#include <initializer_list>
#include <span>

#include "node/base/model_buffer.hpp"

namespace hearsay {

/// One summand of a linear combination.
struct Term {
  double factor = 0.0;
  const ModelBuffer* vector = nullptr;
};

/// sum_k factor_k vector_k, each entry summed in double precision in the order given.
/// REQUIRES: at least one term; all vectors of one size.
ModelBuffer linear_combination(std::span<const Term> terms);

/// The same for a fixed number of terms: combine({{1.0, &x}, {-1.0, &y}}).
inline ModelBuffer combine(std::initializer_list<Term> terms) {
  return linear_combination({terms.begin(), terms.size()});
}

}  // namespace hearsay
