#include "node/learning/foreign_classes.hpp"

#include <algorithm>

#include "node/base/check.hpp"

namespace hearsay {

ForeignClasses::ForeignClasses(const NetworkShape& shape, std::size_t parameters,
                               const DataSet& data, std::span<const std::uint32_t> owned) {
  const auto classes = static_cast<std::size_t>(shape.widths.back());
  const auto features = static_cast<std::size_t>(shape.widths[shape.widths.size() - 2]);
  std::vector<bool> is_own(classes, false);
  for (const std::uint32_t sample : owned) is_own[data.labels[sample]] = true;
  const std::size_t biases = shape.output_bias ? classes : 0;
  const std::size_t first_bias = parameters - biases;
  const std::size_t first_row = first_bias - classes * features;
  for (std::size_t c = 0; c < classes; ++c) {
    if (is_own[c]) continue;
    parts_.push_back({.offset = first_row + c * features, .size = features});
    if (shape.output_bias) parts_.push_back({.offset = first_bias + c, .size = 1});
  }
}

std::vector<float> ForeignClasses::copy(std::span<const float> model) const {
  std::vector<float> copied;
  for (const Part& part : parts_) {
    const std::span<const float> values = model.subspan(part.offset, part.size);
    copied.insert(copied.end(), values.begin(), values.end());
  }
  return copied;
}

void ForeignClasses::put_back(std::span<const float> copied, std::span<float> model) const {
  for (const Part& part : parts_) {
    HEARSAY_CHECK(copied.size() >= part.size);
    std::ranges::copy(copied.first(part.size), model.subspan(part.offset, part.size).begin());
    copied = copied.subspan(part.size);
  }
  HEARSAY_CHECK(copied.empty());
}

}  // namespace hearsay
