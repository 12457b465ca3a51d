#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <variant>

#include "node/base/describe.hpp"

namespace hearsay {

/// Learning rate as a function of the local step t (counted from 0 over the run).
struct ConstantScheduleOptions {
  static constexpr std::string_view kKind = "constant";
  static constexpr std::string_view kSummary = "lr at every step.";

  friend bool operator==(const ConstantScheduleOptions&, const ConstantScheduleOptions&) = default;
};

/// lr * factor^floor(t / every_steps).
struct StepScheduleOptions {
  static constexpr std::string_view kKind = "step";
  static constexpr std::string_view kSummary = "lr * factor^floor(t / every_steps).";

  std::int64_t every_steps = 1000;
  double factor = 0.1;

  friend bool operator==(const StepScheduleOptions&, const StepScheduleOptions&) = default;
};

/// lr * (floor + (1 - floor) * (1 + cos(pi * min(t, steps) / steps)) / 2).
struct CosineScheduleOptions {
  static constexpr std::string_view kKind = "cosine";
  static constexpr std::string_view kSummary = "Half a cosine from lr to floor * lr.";

  std::int64_t steps = 1000;
  double floor = 0.0;

  friend bool operator==(const CosineScheduleOptions&, const CosineScheduleOptions&) = default;
};

/// lr / (1 + gamma * t)^power: Caffe's "inv" policy.
struct InverseScheduleOptions {
  static constexpr std::string_view kKind = "inverse";
  static constexpr std::string_view kSummary = "lr / (1 + gamma * t)^power.";

  double gamma = 1e-4;
  double power = 0.75;

  friend bool operator==(const InverseScheduleOptions&, const InverseScheduleOptions&) = default;
};

template <class Visitor>
void describe(Visitor&, ConstantScheduleOptions&) {}

template <class Visitor>
void describe(Visitor& visit, StepScheduleOptions& options) {
  visit("every_steps", options.every_steps, at_least(1), "local steps between two drops");
  visit("factor", options.factor, above(0), "what lr is multiplied with at a drop");
}

template <class Visitor>
void describe(Visitor& visit, CosineScheduleOptions& options) {
  visit("steps", options.steps, at_least(1), "local steps until the floor");
  visit("floor", options.floor, between(0, 1), "final lr as a share of the first");
}

template <class Visitor>
void describe(Visitor& visit, InverseScheduleOptions& options) {
  visit("gamma", options.gamma, at_least(0), "decay per local step");
  visit("power", options.power, at_least(0), "exponent");
}

using ScheduleOptions = std::variant<ConstantScheduleOptions, StepScheduleOptions,
                                     CosineScheduleOptions, InverseScheduleOptions>;

/// Factor on the base learning rate at local step t >= 0.
double schedule_factor(const ScheduleOptions& schedule, std::int64_t t);

/// Stochastic gradient descent as PyTorch defines it:
///   g += weight_decay * x;  v = momentum * v + g (v = g at the first step);
///   x -= lr * v.
struct SgdOptions {
  static constexpr std::string_view kKind = "sgd";
  static constexpr std::string_view kSummary = "Stochastic gradient descent with momentum.";

  double lr = 0.05;
  double momentum = 0.0;
  double weight_decay = 0.0;
  ScheduleOptions schedule;

  friend bool operator==(const SgdOptions&, const SgdOptions&) = default;
};

template <class Visitor>
void describe(Visitor& visit, SgdOptions& options) {
  visit("lr", options.lr, above(0), "learning rate");
  visit("momentum", options.momentum, from_below(0, 1), "share of the last step kept");
  visit("weight_decay", options.weight_decay, at_least(0), "added to the gradient, times x");
  visit("schedule", options.schedule, "learning rate over the local steps");
}

/// Adam as PyTorch defines it, at the k-th step of a peer, k = 1, 2, ...:
///   g += weight_decay * x;
///   m = beta1 * m + (1 - beta1) * g;  v = beta2 * v + (1 - beta2) * g^2  (0 at first);
///   x -= lr / (1 - beta1^k) * m / (sqrt(v / (1 - beta2^k)) + epsilon).
/// Kingma, Ba. Adam: A method for stochastic optimization. ICLR 2015 (arXiv:1412.6980).
struct AdamOptions {
  static constexpr std::string_view kKind = "adam";
  static constexpr std::string_view kSummary = "Adam: steps scaled by the gradient's moments.";

  double lr = 0.001;
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
  double weight_decay = 0.0;
  ScheduleOptions schedule;

  friend bool operator==(const AdamOptions&, const AdamOptions&) = default;
};

template <class Visitor>
void describe(Visitor& visit, AdamOptions& options) {
  visit("lr", options.lr, above(0), "learning rate");
  visit("beta1", options.beta1, from_below(0, 1), "decay of the mean of gradients");
  visit("beta2", options.beta2, from_below(0, 1), "decay of the mean of their squares");
  visit("epsilon", options.epsilon, above(0), "added to the root, so that it is never 0");
  visit("weight_decay", options.weight_decay, at_least(0), "added to the gradient, times x");
  visit("schedule", options.schedule, "learning rate over the local steps");
}

using OptimizerOptions = std::variant<SgdOptions, AdamOptions>;

/// Which layers of a classifier local training changes. head: the output layer alone. The others
/// are then frozen, and no part of what peers send and combine: a peer's model is its head.
enum class TrainedLayers { kAll, kHead };

constexpr auto enum_names(TrainedLayers) {
  return std::array{EnumName<TrainedLayers>{TrainedLayers::kAll, "all"},
                    EnumName<TrainedLayers>{TrainedLayers::kHead, "head"}};
}

/// For which classes a local training changes the output layer. own: weights and bias of a class
/// of which the peer has no training sample take part in its steps, but are put back afterwards
/// (CWR*: Lomonaco, Maltoni, Pellegrini, Rehearsal-free continual learning over small
/// non-i.i.d. batches, CVPR Workshops 2020; as Bristle uses it, aggregators/bristle.hpp).
enum class TrainedClasses { kAll, kOwn };

constexpr auto enum_names(TrainedClasses) {
  return std::array{EnumName<TrainedClasses>{TrainedClasses::kAll, "all"},
                    EnumName<TrainedClasses>{TrainedClasses::kOwn, "own"}};
}

/// The `training` part of a scenario. Exactly one of local_steps and local_epochs is
/// positive; the loader sees to it.
struct TrainingOptions {
  OptimizerOptions optimizer;
  int batch_size = 32;
  int local_steps = 0;
  int local_epochs = 0;
  TrainedLayers layers = TrainedLayers::kAll;
  TrainedClasses classes = TrainedClasses::kAll;

  friend bool operator==(const TrainingOptions&, const TrainingOptions&) = default;
};

template <class Visitor>
void describe(Visitor& visit, TrainingOptions& options) {
  visit("optimizer", options.optimizer, "how a local step changes the model");
  visit("batch_size", options.batch_size, at_least(1), "samples per local step");
  visit("local_steps", options.local_steps, at_least(0),
        "local steps per round (0: use local_epochs)");
  visit("local_epochs", options.local_epochs, at_least(0),
        "passes over the own data per round (0: use local_steps)");
  visit("layers", options.layers, "layers that change; of frozen ones nothing is sent either");
  visit("classes", options.classes, "classes whose part of the output layer changes: all or own");
}

}  // namespace hearsay
