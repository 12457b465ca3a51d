#pragma once

namespace hearsay {

/// How functions f_i bend: mu |d|^2 <= d^T H_i d <= L |d|^2 for the Hessian H_i of each,
/// everywhere.
struct Curvature {
  double least = 0.0;     ///< mu > 0
  double greatest = 0.0;  ///< L >= mu
};

}  // namespace hearsay
