#include "node/data/class_split.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "node/base/error.hpp"

namespace hearsay {
namespace {

/// Numbers the classes of which `is_wanted` is `wanted`; -1 for the others.
std::vector<int> numbered(const std::vector<bool>& is_wanted, bool wanted) {
  std::vector<int> numbers;
  int next = 0;
  for (const bool is : is_wanted) numbers.push_back(is == wanted ? next++ : -1);
  return numbers;
}

std::shared_ptr<const DataSet> of_classes(const DataSet& data, const std::vector<int>& numbers) {
  auto part = std::make_shared<DataSet>();
  part->sample_shape = data.sample_shape;
  part->num_classes = 1 + std::ranges::max(numbers);
  part->scale = data.scale;
  part->shift = data.shift;
  const auto width = static_cast<std::ptrdiff_t>(data.sample_size());
  std::visit(
      [&](const auto& features) {
        auto& copied = part->features.emplace<std::decay_t<decltype(features)>>();
        for (std::size_t i = 0; i < data.labels.size(); ++i) {
          const int number = numbers[data.labels[i]];
          if (number < 0) continue;
          part->labels.push_back(static_cast<std::uint8_t>(number));
          const auto first = features.begin() + static_cast<std::ptrdiff_t>(i) * width;
          copied.insert(copied.end(), first, first + width);
        }
      },
      data.features);
  return part;
}

TrainTestData of_classes(const TrainTestData& data, const std::vector<int>& numbers) {
  return {.train = of_classes(*data.train, numbers), .test = of_classes(*data.test, numbers)};
}

}  // namespace

ClassSplit split_classes(const TrainTestData& data, std::span<const int> classes) {
  const int available = data.train->num_classes;
  std::vector<bool> is_chosen(static_cast<std::size_t>(available), false);
  for (const int c : classes) {
    if (c < 0 || c >= available) {
      throw UserError("model.pretraining.classes: class " + std::to_string(c) + " of " +
                      std::to_string(available) + " in the data: at most " +
                      std::to_string(available - 1));
    }
    is_chosen[static_cast<std::size_t>(c)] = true;
  }
  const auto chosen = static_cast<int>(std::ranges::count(is_chosen, true));
  if (chosen < 2 || available - chosen < 2) {
    throw UserError("model.pretraining.classes: " + std::to_string(chosen) + " of the " +
                    std::to_string(available) +
                    " classes: at least two, and at least two must be left to the peers");
  }
  return {.chosen = of_classes(data, numbered(is_chosen, true)),
          .rest = of_classes(data, numbered(is_chosen, false))};
}

}  // namespace hearsay
