#pragma once

#include <array>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "node/base/describe.hpp"
#include "node/learning/training_options.hpp"

namespace hearsay {

/// LeNet-5 of the DFL literature: conv 1->6 5x5 pad 2, relu, maxpool 2, conv 6->16
/// 5x5, relu, maxpool 2, fc 400-84, relu, fc 84-10; 37,106 parameters. For 28 x 28
/// images.
struct Lenet5Options {
  static constexpr std::string_view kKind = "lenet5";
  static constexpr std::string_view kSummary = "Two convolutions, two linear layers.";

  friend bool operator==(const Lenet5Options&, const Lenet5Options&) = default;
};

/// Fully connected layers with relu between them.
struct MlpOptions {
  static constexpr std::string_view kKind = "mlp";
  static constexpr std::string_view kSummary = "Multi-layer perceptron with relu.";

  std::vector<int> hidden = {64};

  friend bool operator==(const MlpOptions&, const MlpOptions&) = default;
};

/// One linear layer: multinomial logistic regression.
struct LogisticOptions {
  static constexpr std::string_view kKind = "logistic";
  static constexpr std::string_view kSummary = "Multinomial logistic regression.";

  friend bool operator==(const LogisticOptions&, const LogisticOptions&) = default;
};

/// An objective with a known optimum, no data and no LibTorch:
///   f_i(x) = 1/2 (x - b_i)^T H_i (x - b_i),  F = 1/n sum_i f_i,
/// H_i diagonal with entries spread evenly in log scale over [1/condition, 1] (times a
/// peer's own factor in [0.5, 2] per entry if hessian is independent),
/// b_i ~ N(0, spread^2 I). Loss is the gap F(x) - F(x*).
struct QuadraticOptions {
  static constexpr std::string_view kKind = "quadratic";
  static constexpr std::string_view kSummary = "Quadratic objective with known optimum.";
  static constexpr bool kOwnObjective = true;

  enum class Hessian { kCommon, kIndependent };

  int dimension = 16;
  double condition = 10.0;
  double spread = 1.0;
  Hessian hessian = Hessian::kCommon;
  double gradient_noise = 0.0;

  friend bool operator==(const QuadraticOptions&, const QuadraticOptions&) = default;
};

constexpr auto enum_names(QuadraticOptions::Hessian) {
  return std::array{
      EnumName<QuadraticOptions::Hessian>{QuadraticOptions::Hessian::kCommon, "common"},
      EnumName<QuadraticOptions::Hessian>{QuadraticOptions::Hessian::kIndependent, "independent"}};
}

/// Linear regression on samples that every peer draws for itself; no data, no LibTorch:
///   f_i(x) = 1/m sum_k (a_ik^T x - b_ik)^2,  b_ik = s_i a_ik^T w + noise N(0, 1),
/// a_ik ~ N(0, I), w uniform in [0, 100) per entry and common to all, s_i uniform in
/// [0.01, 5). Every step takes all m samples. Loss is the gap F(x) - F(x*).
struct LeastSquaresOptions {
  static constexpr std::string_view kKind = "least_squares";
  static constexpr std::string_view kSummary = "Linear regression with known optimum.";
  static constexpr bool kOwnObjective = true;

  int samples = 100;
  int dimension = 2;
  double noise = 10.0;

  friend bool operator==(const LeastSquaresOptions&, const LeastSquaresOptions&) = default;
};

/// Regularised logistic regression on samples that every peer draws for itself; no data, no
/// LibTorch:
///   f_i(x) = 1/m sum_k log(1 + exp(-b_ik a_ik^T x)) + regularization / 2 |x|^2,
/// b_ik = 1 or -1 with equal chance, a_ik ~ N(b_ik c_i, I), c_i ~ N(0, spread^2 I). Every step
/// takes all m samples. Loss is the gap F(x) - F(x*).
struct LogisticRegressionOptions {
  static constexpr std::string_view kKind = "logistic_regression";
  static constexpr std::string_view kSummary =
      "Regularised logistic regression with known optimum.";
  static constexpr bool kOwnObjective = true;

  int samples = 100;
  int dimension = 2;
  double regularization = 1.0;
  double spread = 1.0;

  friend bool operator==(const LogisticRegressionOptions&,
                         const LogisticRegressionOptions&) = default;
};

template <class Visitor>
void describe(Visitor&, Lenet5Options&) {}

template <class Visitor>
void describe(Visitor& visit, MlpOptions& options) {
  visit("hidden", options.hidden, at_least(1), "widths of the hidden layers");
}

template <class Visitor>
void describe(Visitor&, LogisticOptions&) {}

template <class Visitor>
void describe(Visitor& visit, QuadraticOptions& options) {
  visit("dimension", options.dimension, at_least(1), "number of parameters");
  visit("condition", options.condition, at_least(1), "largest over smallest eigenvalue");
  visit("spread", options.spread, at_least(0), "standard deviation of the peers' optima");
  visit("hessian", options.hessian, "one Hessian for all peers, or each its own");
  visit("gradient_noise", options.gradient_noise, at_least(0),
        "standard deviation of the noise on every gradient entry");
}

template <class Visitor>
void describe(Visitor& visit, LeastSquaresOptions& options) {
  visit("samples", options.samples, between(1, 1'000'000), "samples of every peer");
  visit("dimension", options.dimension, between(1, 10'000), "number of parameters");
  visit("noise", options.noise, at_least(0), "standard deviation of the targets' noise");
}

template <class Visitor>
void describe(Visitor& visit, LogisticRegressionOptions& options) {
  visit("samples", options.samples, between(1, 1'000'000), "samples of every peer");
  visit("dimension", options.dimension, between(1, 10'000), "number of parameters");
  visit("regularization", options.regularization, above(0), "weight of 1/2 |x|^2");
  visit("spread", options.spread, at_least(0), "standard deviation of the peers' class centers");
}

using ModelKind = std::variant<Lenet5Options, MlpOptions, LogisticOptions, QuadraticOptions,
                               LeastSquaresOptions, LogisticRegressionOptions>;

/// Whether the model brings its own objective, so that there is nothing to learn it from.
inline bool has_own_objective(const ModelKind& kind) {
  return std::visit(
      [](const auto& chosen) {
        return requires { chosen.kOwnObjective; };
      },
      kind);
}

/// Do all peers start from one model?
enum class Init { kCommon, kIndependent };

constexpr auto enum_names(Init) {
  return std::array{EnumName<Init>{Init::kCommon, "common"},
                    EnumName<Init>{Init::kIndependent, "independent"}};
}

/// How weights are drawn. fan_in: PyTorch's default, weights and biases uniform in
/// +-1/sqrt(fan_in). xavier: weights uniform in +-sqrt(6 / (fan_in + fan_out)), biases
/// zero (Glorot and Bengio 2010).
enum class Initializer { kFanIn, kXavier };

constexpr auto enum_names(Initializer) {
  return std::array{EnumName<Initializer>{Initializer::kFanIn, "fan_in"},
                    EnumName<Initializer>{Initializer::kXavier, "xavier"}};
}

/// Which code computes a training step. fused: hand-written kernels where the model
/// has them; autograd: LibTorch's module and autograd, the reference.
enum class Kernels { kFused, kAutograd };

constexpr auto enum_names(Kernels) {
  return std::array{EnumName<Kernels>{Kernels::kFused, "fused"},
                    EnumName<Kernels>{Kernels::kAutograd, "autograd"}};
}

/// Training of one classifier, before the run, on classes that the peers then neither own nor
/// are tested on. Its layers, but for the output layer, are what all peers begin with; their
/// output layer begins with zeros. Random streams: init_rng.split("pretraining").
struct PretrainingOptions {
  std::vector<int> classes;  ///< As the data number them.
  OptimizerOptions optimizer;
  int batch_size = 32;
  int epochs = 2;

  friend bool operator==(const PretrainingOptions&, const PretrainingOptions&) = default;
};

template <class Visitor>
void describe(Visitor& visit, PretrainingOptions& options) {
  visit("classes", options.classes, between(0, 255), "classes that only pre-training sees");
  visit("optimizer", options.optimizer, "how a step changes the model");
  visit("batch_size", options.batch_size, at_least(1), "samples per step");
  visit("epochs", options.epochs, at_least(1), "passes over the data");
}

/// The `model` part of a scenario.
struct ModelOptions {
  ModelKind kind;
  bool output_bias = true;
  Init init = Init::kCommon;
  Initializer initializer = Initializer::kFanIn;
  bool gain_correction = false;
  std::optional<PretrainingOptions> pretraining;
  Kernels kernels = Kernels::kFused;

  friend bool operator==(const ModelOptions&, const ModelOptions&) = default;
};

template <class Visitor>
void describe(Visitor& visit, ModelOptions& options) {
  visit.kind(options.kind);
  visit("output_bias", options.output_bias, "give a classifier's output layer a bias");
  visit("init", options.init, "one initial model for all peers, or each its own");
  visit("initializer", options.initializer, "how weights are drawn");
  visit("gain_correction", options.gain_correction,
        "scale initial weights so that mixing independent models leaves them their variance");
  visit("pretraining", options.pretraining,
        "train the layers below the output layer on other classes first");
  visit("kernels", options.kernels, "fused kernels, or LibTorch autograd as reference");
}

}  // namespace hearsay
