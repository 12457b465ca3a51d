#include "scenarios/nearest_name.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace hearsay {

std::size_t edit_distance(std::string_view a, std::string_view b) {
  // costs(i, j): distance of the first i characters of a and j of b. Row and column -1
  // hold a bound that no path of swaps can win with.
  const std::size_t rows = a.size();
  const std::size_t columns = b.size();
  const std::size_t never = rows + columns;
  std::vector<std::size_t> table((rows + 2) * (columns + 2), never);
  const auto cost = [&](std::size_t i, std::size_t j) -> std::size_t& {
    return table[i * (columns + 2) + j];
  };
  for (std::size_t i = 0; i <= rows; ++i) cost(i + 1, 1) = i;
  for (std::size_t j = 0; j <= columns; ++j) cost(1, j + 1) = j;

  std::array<std::size_t, 256> last_row{};  // Where a character stood last in `a`.
  for (std::size_t i = 1; i <= rows; ++i) {
    std::size_t last_match = 0;
    for (std::size_t j = 1; j <= columns; ++j) {
      const std::size_t row = last_row[static_cast<unsigned char>(b[j - 1])];
      const std::size_t column = last_match;
      const bool same = a[i - 1] == b[j - 1];
      if (same) last_match = j;
      const std::size_t swap = cost(row, column) + (i - row - 1) + 1 + (j - column - 1);
      cost(i + 1, j + 1) =
          std::min({cost(i, j) + (same ? 0 : 1), cost(i + 1, j) + 1, cost(i, j + 1) + 1, swap});
    }
    last_row[static_cast<unsigned char>(a[i - 1])] = i;
  }
  return cost(rows + 1, columns + 1);
}

std::optional<std::string_view> nearest_name(std::string_view name,
                                             std::span<const std::string_view> valid) {
  std::optional<std::string_view> nearest;
  std::size_t least = 0;
  for (const std::string_view candidate : valid) {
    const std::size_t longer = std::max(name.size(), candidate.size());
    const std::size_t shorter = std::min(name.size(), candidate.size());
    const std::size_t limit = std::max<std::size_t>(1, longer / 3);
    if (longer - shorter > limit) continue;
    const std::size_t distance = edit_distance(name, candidate);
    if (distance > limit || (nearest && distance >= least)) continue;
    nearest = candidate;
    least = distance;
  }
  return nearest;
}

std::string suggestion(std::string_view name, std::span<const std::string_view> valid) {
  std::string text;
  if (const auto near = nearest_name(name, valid)) {
    text = "did you mean " + std::string(*near) + "? ";
  }
  text += "valid: ";
  for (std::size_t i = 0; i < valid.size(); ++i) {
    if (i > 0) text += ", ";
    text += valid[i];
  }
  return text;
}

}  // namespace hearsay
