#pragma once

#include <span>

#include <Eigen/Core>

#include "node/base/archive.hpp"

namespace hearsay {

/// The constants of DADAO for objectives that are L-smooth and mu-strongly convex, with
/// chi1[Lambda] of the rates of communication:
///   nu = mu / 2,  eta = alpha~ = 1/8 sqrt(nu / L),  alpha = delta = 1/4 sqrt(nu / L),
///   theta = 1/2 sqrt(L / nu),  beta = 1/2,  beta~ = 2 chi1 sqrt(L / nu),  delta~ = 1,
///   gamma = 1 / (4 L),  gamma~ = 1 / (4 sqrt(nu L)).
struct DadaoConstants {
  double nu = 0.0;
  double eta = 0.0;  ///< Also alpha~.
  double alpha = 0.0;
  double theta = 0.0;
  double beta = 0.5;
  double other_beta = 0.0;  ///< beta~.
  double delta = 0.0;
  double other_delta = 1.0;  ///< delta~.
  double gamma = 0.0;
  double other_gamma = 0.0;  ///< gamma~.
};

/// REQUIRES: smoothness >= convexity > 0, chi1 >= 0.
DadaoConstants dadao_constants(double smoothness, double convexity, double chi1);

/// One peer's part of DADAO (dadao.hpp), exact between and at events, in double precision:
/// the rows x, x~, y, y~, z, z~. Matrices are 6 x dimension.
class DadaoState {
 public:
  using Rows = Eigen::Matrix<double, 6, Eigen::Dynamic>;
  enum Row { kX, kOtherX, kY, kOtherY, kZ, kOtherZ };

  explicit DadaoState(const DadaoConstants& constants);

  /// x as given, all other rows 0.
  void start(std::span<const float> x);

  /// Lets `tau` units of time pass: rows <- exp(tau A) rows, for the linear system
  ///   x' = eta (x~ - x),      x~' = eta (x - x~),
  ///   y' = alpha (y~ - y),    y~' = -theta (y + z + nu x~),
  ///   z' = alpha (z~ - z),    z~' = alpha~ (z - z~).
  /// REQUIRES: tau >= 0.
  void advance(double tau);

  /// A gradient event: with g = gradient - nu x - y~,
  ///   x -= gamma g,  x~ -= gamma~ g,  y~ += (delta + delta~) g.
  void apply_gradient(const Eigen::RowVectorXd& gradient);

  /// A communication event: with m = (y + z) of this peer less that of the other,
  ///   z -= beta m,  z~ -= beta~ m.
  void meet(const Eigen::RowVectorXd& m);

  /// y + z, all that is told to others.
  Eigen::RowVectorXd dual() const { return rows_.row(kY) + rows_.row(kZ); }

  const Rows& rows() const { return rows_; }
  void set_rows(const Rows& rows) { rows_ = rows; }

  void persist(Archive& archive);

 private:
  DadaoConstants constants_;
  Eigen::Matrix<double, 6, 6> system_;  ///< A.
  Rows rows_;
};

}  // namespace hearsay
