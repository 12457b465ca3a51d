#include "node/data/class_split.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "tests/data/error_message.hpp"

namespace hearsay {
namespace {

/// Sample i has the features 10 i and 10 i + 1.
std::shared_ptr<const DataSet> data_with(std::vector<std::uint8_t> labels) {
  auto data = std::make_shared<DataSet>();
  data->sample_shape = {2};
  data->num_classes = 5;
  std::vector<float> features;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    features.push_back(static_cast<float>(10 * i));
    features.push_back(static_cast<float>(10 * i + 1));
  }
  data->features = std::move(features);
  data->labels = std::move(labels);
  return data;
}

TrainTestData five_classes() {
  return {.train = data_with({4, 0, 3, 1, 2, 4}), .test = data_with({1, 3})};
}

TEST(ClassSplit, DealsSamplesByClassAndNumbersClassesAnew) {
  const ClassSplit split = split_classes(five_classes(), std::vector<int>{3, 1});
  using Labels = std::vector<std::uint8_t>;
  EXPECT_EQ(split.chosen.train->labels, (Labels{1, 0}));
  EXPECT_EQ(split.chosen.train->num_classes, 2);
  EXPECT_EQ(std::get<std::vector<float>>(split.chosen.train->features),
            (std::vector<float>{20, 21, 30, 31}));
  EXPECT_EQ(split.chosen.test->labels, (Labels{0, 1}));
  // 0, 2 and 4 become 0, 1 and 2.
  EXPECT_EQ(split.rest.train->labels, (Labels{2, 0, 1, 2}));
  EXPECT_EQ(split.rest.train->num_classes, 3);
  EXPECT_TRUE(split.rest.test->labels.empty());
  EXPECT_EQ(split.rest.test->num_classes, 3);
}

TEST(ClassSplit, RefusesClassesThatAreNotThereOrTooFew) {
  const auto error = [](std::vector<int> classes) {
    return user_error_of([&] { split_classes(five_classes(), classes); });
  };
  EXPECT_EQ(error({1, 5}), "model.pretraining.classes: class 5 of 5 in the data: at most 4");
  EXPECT_EQ(error({2}),
            "model.pretraining.classes: 1 of the 5 classes: at least two, and at least two must be "
            "left to the peers");
  EXPECT_EQ(error({0, 1, 2, 3}),
            "model.pretraining.classes: 4 of the 5 classes: at least two, and at least two must be "
            "left to the peers");
}

}  // namespace
}  // namespace hearsay
