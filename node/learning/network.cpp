#include "node/learning/network.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "node/base/check.hpp"

namespace hearsay {

void classify(std::span<const float> logits, std::span<int> classes) {
  HEARSAY_CHECK(!classes.empty());
  HEARSAY_CHECK(logits.size() % classes.size() == 0);
  const std::size_t width = logits.size() / classes.size();
  for (std::size_t row = 0; row < classes.size(); ++row) {
    const std::span<const float> values = logits.subspan(row * width, width);
    const bool has_nan = std::ranges::any_of(values, [](float v) { return std::isnan(v); });
    const auto largest = std::ranges::max_element(values) - values.begin();
    classes[row] = has_nan ? -1 : static_cast<int>(largest);
  }
}

}  // namespace hearsay
