#include "node/data/data_source.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <future>
#include <optional>
#include <utility>
#include <vector>

#include "node/base/error.hpp"
#include "node/data/idx_file.hpp"

namespace hearsay {
namespace {

namespace fs = std::filesystem;

constexpr const char* kDebianFashionMnist = "/usr/share/datasets/fashion-mnist";
constexpr const char* kDebianHint = "; install it with: apt-get install dataset-fashion-mnist";

/// One of the two halves of a data set in IDX files.
struct IdxPaths {
  fs::path images;
  fs::path labels;
};

IdxPaths find_paths(const fs::path& directory, const std::string& half, const std::string& hint) {
  const auto find = [&](const std::string& name) {
    if (auto path = find_idx_file(directory, name)) return *path;
    throw UserError("data.path: " + directory.string() + " holds neither " + name + " nor " + name +
                    ".gz" + hint);
  };
  return {.images = find(half + "-images-idx3-ubyte"), .labels = find(half + "-labels-idx1-ubyte")};
}

DataSet join(const IdxPaths& paths, IdxImages images, std::vector<std::uint8_t> labels) {
  if (images.count != static_cast<std::int64_t>(labels.size())) {
    throw UserError(paths.images.string() + ": " + std::to_string(images.count) + " images, but " +
                    std::to_string(labels.size()) + " labels in " + paths.labels.string());
  }
  DataSet data;
  data.sample_shape = {1, images.rows, images.columns};
  data.labels = std::move(labels);
  data.features = std::move(images.pixels);
  return data;
}

void check_labels(const DataSet& data, int classes, const IdxPaths& paths) {
  const auto wrong =
      std::ranges::find_if(data.labels, [&](std::uint8_t label) { return label >= classes; });
  if (wrong == data.labels.end()) return;
  throw UserError(paths.labels.string() + ": label " + std::to_string(*wrong) + " of sample " +
                  std::to_string(wrong - data.labels.begin()) + " is out of range: expected 0 to " +
                  std::to_string(classes - 1));
}

void check_same_shape(const DataSet& train, const DataSet& test, const IdxPaths& paths) {
  if (train.sample_shape == test.sample_shape) return;
  const auto shape = [](const DataSet& data) {
    return std::to_string(data.sample_shape[1]) + " x " + std::to_string(data.sample_shape[2]);
  };
  throw UserError(paths.images.string() + ": images of " + shape(test) +
                  " pixels, but the training images are " + shape(train));
}

/// How the files of a directory are read.
struct IdxRecipe {
  fs::path directory;
  std::string hint;            ///< Ends the message about a missing file.
  std::optional<int> classes;  ///< Absent: the largest training label plus one.
  float scale = 1.0F;
  float shift = 0.0F;
};

// The training images take nearly all the time, and one compressed stream cannot be
// inflated by two threads: each file gets a thread of its own.
TrainTestData load_idx(const IdxRecipe& recipe) {
  const IdxPaths train_paths = find_paths(recipe.directory, "train", recipe.hint);
  const IdxPaths test_paths = find_paths(recipe.directory, "t10k", recipe.hint);
  auto train_images = std::async(std::launch::async, read_idx_images, train_paths.images);
  auto test_images = std::async(std::launch::async, read_idx_images, test_paths.images);
  auto train_labels = std::async(std::launch::async, read_idx_labels, train_paths.labels);
  auto test_labels = read_idx_labels(test_paths.labels);

  DataSet test = join(test_paths, test_images.get(), std::move(test_labels));
  DataSet train = join(train_paths, train_images.get(), train_labels.get());
  const int classes = recipe.classes.value_or(*std::ranges::max_element(train.labels) + 1);
  check_labels(train, classes, train_paths);
  check_labels(test, classes, test_paths);
  check_same_shape(train, test, test_paths);
  for (DataSet* const data : {&train, &test}) {
    data->num_classes = classes;
    data->scale = recipe.scale;
    data->shift = recipe.shift;
  }
  return {.train = std::make_shared<const DataSet>(std::move(train)),
          .test = std::make_shared<const DataSet>(std::move(test))};
}

// `path` if given, else $HEARSAY_DATA, else `fallback`.
fs::path choose_directory(const std::string& path, const char* fallback) {
  if (!path.empty()) return path;
  const char* const from_environment = std::getenv("HEARSAY_DATA");
  if (from_environment != nullptr && *from_environment != '\0') return from_environment;
  return fallback;
}

TrainTestData load(const NoDataOptions&, const Rng&) { return {}; }

TrainTestData load(const FashionMnistOptions& options, const Rng&) {
  constexpr double kMean = 0.2860;
  constexpr double kDeviation = 0.3530;
  return load_idx({.directory = choose_directory(options.path, kDebianFashionMnist),
                   .hint = kDebianHint,
                   .classes = 10,
                   .scale = static_cast<float>(1.0 / (255.0 * kDeviation)),
                   .shift = static_cast<float>(-kMean / kDeviation)});
}

TrainTestData load(const IdxOptions& options, const Rng&) {
  const fs::path directory = choose_directory(options.path, "");
  if (directory.empty()) {
    throw UserError("data.path: no directory given for data of kind idx; set it or $HEARSAY_DATA");
  }
  return load_idx({.directory = directory,
                   .hint = "",
                   .classes = std::nullopt,
                   .scale = static_cast<float>(1.0 / 255.0)});
}

// Sample i is of class i mod classes: balanced to within one.
std::shared_ptr<const DataSet> draw_samples(const GaussianMixtureOptions& options, int samples,
                                            const std::vector<double>& means, Rng rng) {
  const auto width = static_cast<std::size_t>(options.features);
  std::vector<float> features;
  features.reserve(static_cast<std::size_t>(samples) * width);
  DataSet data;
  data.sample_shape = {options.features};
  data.num_classes = options.classes;
  for (int i = 0; i < samples; ++i) {
    const int label = i % options.classes;
    data.labels.push_back(static_cast<std::uint8_t>(label));
    const double* const mean = means.data() + static_cast<std::size_t>(label) * width;
    for (std::size_t k = 0; k < width; ++k) {
      features.push_back(static_cast<float>(mean[k] + rng.normal()));
    }
  }
  data.features = std::move(features);
  return std::make_shared<const DataSet>(std::move(data));
}

TrainTestData load(const GaussianMixtureOptions& options, const Rng& rng) {
  Rng mean_stream = rng.split("mixture means");
  const double deviation = options.separation / std::sqrt(options.features);
  std::vector<double> means(static_cast<std::size_t>(options.classes) *
                            static_cast<std::size_t>(options.features));
  for (double& mean : means) mean = deviation * mean_stream.normal();
  return {.train = draw_samples(options, options.train_samples, means, rng.split("mixture train")),
          .test = draw_samples(options, options.test_samples, means, rng.split("mixture test"))};
}

}  // namespace

TrainTestData load_data(const DataSource& source, Rng rng) {
  return std::visit([&](const auto& options) { return load(options, rng); }, source);
}

}  // namespace hearsay
