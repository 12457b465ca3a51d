#include "node/data/data_source.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <iostream>
#include <map>

#include "node/data/idx_file.hpp"
#include "tests/data/error_message.hpp"
#include "tests/data/idx_writer.hpp"
#include "tests/support/temporary_directory.hpp"

namespace hearsay {
namespace {

namespace fs = std::filesystem;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

constexpr const char* kDebianDirectory = "/usr/share/datasets/fashion-mnist";

// Sets or unsets $HEARSAY_DATA and restores it.
class EnvironmentData {
 public:
  explicit EnvironmentData(const std::string& value) {
    if (const char* const before = std::getenv("HEARSAY_DATA")) before_ = before;
    set(value);
  }
  ~EnvironmentData() { set(before_); }
  EnvironmentData(const EnvironmentData&) = delete;
  EnvironmentData& operator=(const EnvironmentData&) = delete;

 private:
  static void set(const std::string& value) {
    if (value.empty()) {
      ::unsetenv("HEARSAY_DATA");
    } else {
      ::setenv("HEARSAY_DATA", value.c_str(), 1);
    }
  }

  std::string before_;
};

// A tiny data set of the MNIST family: 4 training and 2 test images of 1 x 3 pixels.
struct Files {
  Bytes train_images = image_bytes({4, 1, 3}, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 255});
  Bytes train_labels = label_bytes({2, 0, 1, 2});
  Bytes test_images = image_bytes({2, 1, 3}, {20, 21, 22, 23, 24, 25});
  Bytes test_labels = label_bytes({1, 0});

  void write(const fs::path& directory) const {
    write_file(directory / "train-images-idx3-ubyte", train_images);
    write_file(directory / "train-labels-idx1-ubyte.gz", gzip(train_labels));
    write_file(directory / "t10k-images-idx3-ubyte.gz", gzip(test_images));
    write_file(directory / "t10k-labels-idx1-ubyte", test_labels);
  }
};

TrainTestData load_idx(const fs::path& path) {
  return load_data(IdxOptions{.path = path.string()}, Rng(1));
}

std::string error_of(const Files& files) {
  const TemporaryDirectory directory;
  files.write(directory.path());
  std::string message = user_error_of([&] { load_idx(directory.path()); });
  const std::string prefix = directory.path().string() + "/";
  for (auto at = message.find(prefix); at != std::string::npos; at = message.find(prefix)) {
    message.erase(at, prefix.size());
  }
  return message;
}

std::vector<float> all_features(const DataSet& data) {
  std::vector<float> out(static_cast<std::size_t>(data.size() * data.sample_size()));
  data.gather_range(0, data.size(), out);
  return out;
}

TEST(LoadData, NoneGivesNothing) {
  const TrainTestData data = load_data(NoDataOptions{}, Rng(1));
  EXPECT_EQ(data.train, nullptr);
  EXPECT_EQ(data.test, nullptr);
}

TEST(LoadData, IdxReadsPlainAndCompressedFilesTogether) {
  const TemporaryDirectory directory;
  Files().write(directory.path());
  const TrainTestData data = load_idx(directory.path());
  EXPECT_EQ(data.train->size(), 4);
  EXPECT_EQ(data.test->size(), 2);
  EXPECT_EQ(data.train->sample_shape, (std::vector<std::int64_t>{1, 1, 3}));
  EXPECT_EQ(data.test->sample_shape, data.train->sample_shape);
  EXPECT_EQ(data.train->labels, (Bytes{2, 0, 1, 2}));
  EXPECT_EQ(data.test->labels, (Bytes{1, 0}));
  EXPECT_EQ(data.train->num_classes, 3);
  EXPECT_EQ(data.test->num_classes, 3);
}

TEST(LoadData, IdxScalesPixelsToTheUnitInterval) {
  const TemporaryDirectory directory;
  Files().write(directory.path());
  const TrainTestData data = load_idx(directory.path());
  const std::vector<float> train = all_features(*data.train);
  EXPECT_EQ(train[0], 0.0F);
  EXPECT_FLOAT_EQ(train[10], 10.0F / 255.0F);
  EXPECT_FLOAT_EQ(train[11], 1.0F);
  EXPECT_FLOAT_EQ(all_features(*data.test)[5], 25.0F / 255.0F);
}

TEST(LoadData, FashionMnistNormalisesByItsMeanAndDeviation) {
  const TemporaryDirectory directory;
  Files().write(directory.path());
  const TrainTestData data =
      load_data(FashionMnistOptions{.path = directory.path().string()}, Rng(1));
  EXPECT_EQ(data.train->num_classes, 10);
  // (0 / 255 - 0.2860) / 0.3530 = -0.810198, (255 / 255 - 0.2860) / 0.3530 = 2.022663.
  EXPECT_NEAR(all_features(*data.train)[0], -0.810198, 1e-6);
  EXPECT_NEAR(all_features(*data.train)[11], 2.022663, 1e-6);
}

TEST(LoadData, PathComesBeforeTheEnvironment) {
  const TemporaryDirectory chosen;
  const TemporaryDirectory environment;
  Files files;
  files.write(environment.path());
  files.test_labels = label_bytes({2, 2});
  files.write(chosen.path());
  const EnvironmentData variable(environment.path().string());
  EXPECT_EQ(load_data(IdxOptions{}, Rng(1)).test->labels, (Bytes{1, 0}));
  EXPECT_EQ(load_data(FashionMnistOptions{}, Rng(1)).test->labels, (Bytes{1, 0}));
  EXPECT_EQ(load_idx(chosen.path()).test->labels, (Bytes{2, 2}));
}

TEST(LoadData, IdxNeedsADirectory) {
  const EnvironmentData none("");
  EXPECT_EQ(user_error_of([] { load_data(IdxOptions{}, Rng(1)); }),
            "data.path: no directory given for data of kind idx; set it or $HEARSAY_DATA");
}

TEST(LoadData, AMissingFileIsNamedAndForFashionMnistItsPackageToo) {
  const TemporaryDirectory directory;
  const std::string path = directory.path().string();
  const std::string missing = "data.path: " + path +
                              " holds neither train-images-idx3-ubyte nor "
                              "train-images-idx3-ubyte.gz";
  EXPECT_EQ(user_error_of([&] { load_idx(path); }), missing);
  EXPECT_EQ(user_error_of([&] { load_data(FashionMnistOptions{.path = path}, Rng(1)); }),
            missing + "; install it with: apt-get install dataset-fashion-mnist");

  Files().write(directory.path());
  fs::remove(directory.path() / "t10k-labels-idx1-ubyte");
  EXPECT_THAT(user_error_of([&] { load_idx(path); }),
              EndsWith("neither t10k-labels-idx1-ubyte nor t10k-labels-idx1-ubyte.gz"));
}

TEST(LoadData, RefusesAnotherNumberOfLabelsThanImages) {
  Files files;
  files.train_labels = label_bytes({2, 0, 1});
  EXPECT_EQ(error_of(files),
            "train-images-idx3-ubyte: 4 images, but 3 labels in train-labels-idx1-ubyte.gz");
}

TEST(LoadData, RefusesTestLabelsThatTrainingLacks) {
  Files files;
  files.test_labels = label_bytes({1, 3});
  EXPECT_EQ(error_of(files),
            "t10k-labels-idx1-ubyte: label 3 of sample 1 is out of range: expected 0 to 2");
}

TEST(LoadData, FashionMnistRefusesLabelsAboveNine) {
  const TemporaryDirectory directory;
  Files files;
  files.train_labels = label_bytes({0, 1, 9, 10});
  files.write(directory.path());
  EXPECT_THAT(
      user_error_of(
          [&] { load_data(FashionMnistOptions{.path = directory.path().string()}, Rng(1)); }),
      EndsWith(
          "train-labels-idx1-ubyte.gz: label 10 of sample 3 is out of range: expected 0 to 9"));
}

TEST(LoadData, RefusesTestImagesOfAnotherShape) {
  Files files;
  files.test_images = image_bytes({2, 3, 1}, {20, 21, 22, 23, 24, 25});
  EXPECT_EQ(error_of(files),
            "t10k-images-idx3-ubyte.gz: images of 3 x 1 pixels, but the training images are 1 x 3");
}

TEST(LoadData, AnErrorInAnyFileIsReported) {
  Files files;
  files.test_images = label_bytes({1});
  EXPECT_THAT(error_of(files), StartsWith("t10k-images-idx3-ubyte.gz: not an IDX file of images"));
}

class RealFashionMnist : public testing::Test {
 protected:
  void SetUp() override {
    if (find_idx_file(kDebianDirectory, "train-images-idx3-ubyte").has_value()) return;
    std::cout << "skipped: the Debian package dataset-fashion-mnist is not installed\n";
    GTEST_SKIP() << "the Debian package dataset-fashion-mnist is not installed";
  }
};

TEST_F(RealFashionMnist, HasItsKnownSizesBalanceAndMoments) {
  const EnvironmentData none("");
  const TrainTestData data = load_data(FashionMnistOptions{}, Rng(1));
  ASSERT_EQ(data.train->size(), 60'000);
  ASSERT_EQ(data.test->size(), 10'000);
  EXPECT_EQ(data.train->sample_shape, (std::vector<std::int64_t>{1, 28, 28}));
  std::map<int, int> train_classes;
  std::map<int, int> test_classes;
  for (const int label : data.train->labels) ++train_classes[label];
  for (const int label : data.test->labels) ++test_classes[label];
  ASSERT_EQ(train_classes.size(), 10U);
  for (const auto& [label, count] : train_classes) EXPECT_EQ(count, 6'000) << label;
  for (const auto& [label, count] : test_classes) EXPECT_EQ(count, 1'000) << label;

  double sum = 0.0;
  double squares = 0.0;
  const std::vector<float> features = all_features(*data.train);
  for (const double value : features) {
    sum += value;
    squares += value * value;
  }
  const double mean = sum / static_cast<double>(features.size());
  const double variance = squares / static_cast<double>(features.size()) - mean * mean;
  // The constants have four decimals: 5e-5 / 0.353 = 1.4e-4 on either.
  EXPECT_NEAR(mean, 0.0, 2e-4);
  EXPECT_NEAR(std::sqrt(variance), 1.0, 2e-4);
}

TEST(GaussianMixture, HasTheAskedSizesAndBalancedClasses) {
  const GaussianMixtureOptions options{
      .classes = 7, .features = 3, .train_samples = 100, .test_samples = 30};
  const TrainTestData data = load_data(options, Rng(3));
  EXPECT_EQ(data.train->size(), 100);
  EXPECT_EQ(data.test->size(), 30);
  EXPECT_EQ(data.train->sample_shape, (std::vector<std::int64_t>{3}));
  EXPECT_EQ(data.train->num_classes, 7);
  for (const auto& half : {data.train, data.test}) {
    std::vector<int> counts(7, 0);
    for (const std::uint8_t label : half->labels) ++counts.at(label);
    EXPECT_LE(std::ranges::max(counts) - std::ranges::min(counts), 1);
  }
}

TEST(GaussianMixture, DependsOnTheSeedAlone) {
  const auto draw = [](std::uint64_t seed) {
    return all_features(*load_data(GaussianMixtureOptions{}, Rng(seed)).train);
  };
  EXPECT_EQ(draw(1), draw(1));
  EXPECT_NE(draw(1), draw(2));
}

TEST(GaussianMixture, TestSamplesAreNotTrainingSamples) {
  const TrainTestData data =
      load_data(GaussianMixtureOptions{.train_samples = 50, .test_samples = 50}, Rng(1));
  EXPECT_NE(all_features(*data.train), all_features(*data.test));
}

// Mean of each feature of each class.
std::vector<std::vector<double>> class_means(const DataSet& data) {
  const std::vector<float> features = all_features(data);
  const auto width = static_cast<std::size_t>(data.sample_size());
  std::vector<std::vector<double>> means(static_cast<std::size_t>(data.num_classes),
                                         std::vector<double>(width, 0.0));
  std::vector<double> counts(means.size(), 0.0);
  for (std::size_t i = 0; i < data.labels.size(); ++i) {
    counts[data.labels[i]] += 1.0;
    for (std::size_t k = 0; k < width; ++k) means[data.labels[i]][k] += features[i * width + k];
  }
  for (std::size_t c = 0; c < means.size(); ++c) {
    for (double& mean : means[c]) mean /= counts[c];
  }
  return means;
}

TEST(GaussianMixture, ClassMeansLieAtTheSeparationAndAgreeBetweenTheHalves) {
  const TrainTestData data = load_data(GaussianMixtureOptions{.classes = 10,
                                                              .features = 400,
                                                              .train_samples = 5000,
                                                              .test_samples = 5000,
                                                              .separation = 6.0},
                                       Rng(9));
  const auto train = class_means(*data.train);
  const auto test = class_means(*data.test);
  for (std::size_t c = 0; c < train.size(); ++c) {
    // |mean|^2 = 36 * chi-square(400) / 400: 36 +- 2.5, plus the estimate's 400 / 500.
    double square = 0.0;
    double gap = 0.0;  // Two estimates' errors: 400 * 2 / 500 = 1.6 +- 0.11.
    for (std::size_t k = 0; k < train[c].size(); ++k) {
      square += train[c][k] * train[c][k];
      gap += (train[c][k] - test[c][k]) * (train[c][k] - test[c][k]);
    }
    EXPECT_NEAR(square, 36.8, 10.5) << "class " << c;
    EXPECT_NEAR(gap, 1.6, 0.5) << "class " << c;
  }
}

TEST(GaussianMixture, SamplesScatterAroundTheirMeanWithUnitVariance) {
  const TrainTestData data = load_data(
      GaussianMixtureOptions{.classes = 2, .features = 5, .train_samples = 20'000}, Rng(4));
  const auto means = class_means(*data.train);
  const std::vector<float> features = all_features(*data.train);
  double squares = 0.0;
  for (std::size_t i = 0; i < features.size(); ++i) {
    const double gap = features[i] - means[data.train->labels[i / 5]][i % 5];
    squares += gap * gap;
  }
  // 100,000 terms: standard error sqrt(2 / 1e5) = 0.0045.
  EXPECT_NEAR(squares / static_cast<double>(features.size()), 1.0, 0.02);
}

}  // namespace
}  // namespace hearsay
