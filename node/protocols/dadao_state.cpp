#include "node/protocols/dadao_state.hpp"

#include <cmath>
#include <unsupported/Eigen/MatrixFunctions>
#include <vector>

#include "node/base/check.hpp"

namespace hearsay {

DadaoConstants dadao_constants(double smoothness, double convexity, double chi1) {
  HEARSAY_CHECK(convexity > 0.0);
  HEARSAY_CHECK(smoothness >= convexity);
  HEARSAY_CHECK(chi1 >= 0.0);
  const double nu = convexity / 2.0;
  const double root = std::sqrt(nu / smoothness);
  return {.nu = nu,
          .eta = root / 8.0,
          .alpha = root / 4.0,
          .theta = 0.5 / root,
          .other_beta = 2.0 * chi1 / root,
          .delta = root / 4.0,
          .gamma = 0.25 / smoothness,
          .other_gamma = 0.25 / std::sqrt(nu * smoothness)};
}

DadaoState::DadaoState(const DadaoConstants& constants)
    : constants_(constants), system_(Eigen::Matrix<double, 6, 6>::Zero()) {
  const auto flows = [this](Row row, Row towards, double rate) {
    system_(row, towards) += rate;
    system_(row, row) -= rate;
  };
  flows(kX, kOtherX, constants.eta);
  flows(kOtherX, kX, constants.eta);
  flows(kY, kOtherY, constants.alpha);
  flows(kZ, kOtherZ, constants.alpha);
  flows(kOtherZ, kZ, constants.eta);
  system_(kOtherY, kY) = system_(kOtherY, kZ) = -constants.theta;
  system_(kOtherY, kOtherX) = -constants.theta * constants.nu;
}

void DadaoState::start(std::span<const float> x) {
  rows_ = Rows::Zero(6, static_cast<Eigen::Index>(x.size()));
  for (std::size_t k = 0; k < x.size(); ++k) rows_(kX, static_cast<Eigen::Index>(k)) = x[k];
}

void DadaoState::advance(double tau) {
  HEARSAY_CHECK(tau >= 0.0);
  if (tau == 0.0) return;
  const Eigen::Matrix<double, 6, 6> exponential = (tau * system_).exp();
  rows_ = exponential * rows_;
}

void DadaoState::apply_gradient(const Eigen::RowVectorXd& gradient) {
  const Eigen::RowVectorXd g = gradient - constants_.nu * rows_.row(kX) - rows_.row(kOtherY);
  rows_.row(kX) -= constants_.gamma * g;
  rows_.row(kOtherX) -= constants_.other_gamma * g;
  rows_.row(kOtherY) += (constants_.delta + constants_.other_delta) * g;
}

void DadaoState::meet(const Eigen::RowVectorXd& m) {
  rows_.row(kZ) -= constants_.beta * m;
  rows_.row(kOtherZ) -= constants_.other_beta * m;
}

void DadaoState::persist(Archive& archive) {
  std::vector<double> values(rows_.data(), rows_.data() + rows_.size());
  archive(values);
  if (!archive.is_loading()) return;
  if (values.size() % 6 != 0) archive.mismatch("DADAO's state has six rows");
  rows_ = Eigen::Map<const Rows>(values.data(), 6, static_cast<Eigen::Index>(values.size() / 6));
}

}  // namespace hearsay
