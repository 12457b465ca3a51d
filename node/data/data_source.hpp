#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <variant>

#include "node/base/describe.hpp"
#include "node/base/rng.hpp"
#include "node/data/data_set.hpp"

namespace hearsay {

/// No data: for models that carry their own objective (`quadratic`).
struct NoDataOptions {
  static constexpr std::string_view kKind = "none";
  static constexpr std::string_view kSummary = "No data, for models with their own objective.";

  friend bool operator==(const NoDataOptions&, const NoDataOptions&) = default;
};

/// Fashion-MNIST (Xiao, Rasul, Vollgraf 2017, arXiv:1708.07747): 60,000 training and
/// 10,000 test images of 28 x 28 grey pixels in 10 classes, normalised to mean 0 and
/// variance 1 of the training pixels (mean 0.2860, sd 0.3530).
struct FashionMnistOptions {
  static constexpr std::string_view kKind = "fashion_mnist";
  static constexpr std::string_view kSummary = "60,000 + 10,000 clothing images, 10 classes.";

  /// Empty: $HEARSAY_DATA if set, else /usr/share/datasets/fashion-mnist.
  std::string path;

  friend bool operator==(const FashionMnistOptions&, const FashionMnistOptions&) = default;
};

/// Any data in the four files of the MNIST family (train-images-idx3-ubyte,
/// train-labels-idx1-ubyte, t10k-images-idx3-ubyte, t10k-labels-idx1-ubyte), plain
/// or with .gz; pixels are scaled to [0, 1].
struct IdxOptions {
  static constexpr std::string_view kKind = "idx";
  static constexpr std::string_view kSummary = "Images and labels in IDX files (MNIST format).";

  std::string path;  ///< Empty: $HEARSAY_DATA.

  friend bool operator==(const IdxOptions&, const IdxOptions&) = default;
};

/// A Gaussian mixture: each class has a mean drawn from N(0, separation^2 / features * I),
/// samples are the class mean plus N(0, I). Classes are balanced.
struct GaussianMixtureOptions {
  static constexpr std::string_view kKind = "gaussian_mixture";
  static constexpr std::string_view kSummary = "Synthetic classes, one Gaussian each.";

  int classes = 10;
  int features = 20;
  int train_samples = 2000;
  int test_samples = 500;
  double separation = 4.0;

  friend bool operator==(const GaussianMixtureOptions&, const GaussianMixtureOptions&) = default;
};

template <class Visitor>
void describe(Visitor&, NoDataOptions&) {}

template <class Visitor>
void describe(Visitor& visit, FashionMnistOptions& options) {
  visit("path", options.path, "directory of the IDX files; else $HEARSAY_DATA, else Debian's");
}

template <class Visitor>
void describe(Visitor& visit, IdxOptions& options) {
  visit("path", options.path, "directory of the IDX files; else $HEARSAY_DATA");
}

template <class Visitor>
void describe(Visitor& visit, GaussianMixtureOptions& options) {
  visit("classes", options.classes, between(2, 256), "number of classes");
  visit("features", options.features, between(1, 1 << 20), "numbers per sample");
  visit("train_samples", options.train_samples, at_least(1), "training samples in all");
  visit("test_samples", options.test_samples, at_least(1), "test samples");
  visit("separation", options.separation, at_least(0), "typical distance of a class mean from 0");
}

using DataSource =
    std::variant<NoDataOptions, FashionMnistOptions, IdxOptions, GaussianMixtureOptions>;

/// Reads or generates the data. Both pointers are null for NoDataOptions.
/// @throws UserError for a missing file (naming the Debian package that holds it,
///         where there is one), a truncated or foreign file, or labels and images
///         that do not match.
TrainTestData load_data(const DataSource& source, Rng rng);

/// What stands for load_data() where data that were loaded before can be shared.
using DataLoader = std::function<TrainTestData(const DataSource& source, Rng rng)>;

}  // namespace hearsay
