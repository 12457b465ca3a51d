#include "topologies/rectangle.hpp"

#include <cstdint>
#include <cstdlib>

namespace hearsay {
namespace {

// The divisor of n nearest to `wanted`, the lower of two equally near.
int nearest_divisor(int n, int wanted) {
  int best = 1;
  const auto consider = [&](int divisor) {
    const int gain = std::abs(best - wanted) - std::abs(divisor - wanted);
    if (gain > 0 || (gain == 0 && divisor < best)) best = divisor;
  };
  for (int divisor = 1; std::int64_t{divisor} * divisor <= n; ++divisor) {
    if (n % divisor != 0) continue;
    consider(divisor);
    consider(n / divisor);
  }
  return best;
}

int squarest_rows(int n) {
  int rows = 1;
  for (int divisor = 1; std::int64_t{divisor} * divisor <= n; ++divisor) {
    if (n % divisor == 0) rows = divisor;
  }
  return rows;
}

}  // namespace

std::optional<std::string> misfit(const Rectangle& rectangle, int num_peers) {
  const auto& [rows, columns] = rectangle;
  if (rows < 0 || columns < 0) {
    return "rows " + std::to_string(rows) + ", columns " + std::to_string(columns) +
           ": the least is 0, as square as possible";
  }
  if (rows > 0 && columns > 0) {
    const std::int64_t places = std::int64_t{rows} * columns;
    if (places == num_peers) return std::nullopt;
    const int valid_rows = nearest_divisor(num_peers, rows);
    return "rows " + std::to_string(rows) + " x columns " + std::to_string(columns) + " = " +
           std::to_string(places) + ", but there are " + std::to_string(num_peers) +
           " peers; nearest valid: rows " + std::to_string(valid_rows) + ", columns " +
           std::to_string(num_peers / valid_rows);
  }
  if (rows == 0 && columns == 0) return std::nullopt;
  const int given = rows > 0 ? rows : columns;
  if (num_peers % given == 0) return std::nullopt;
  return (rows > 0 ? "rows " : "columns ") + std::to_string(given) + " does not divide " +
         std::to_string(num_peers) +
         " peers; nearest valid: " + std::to_string(nearest_divisor(num_peers, given));
}

Rectangle filled_in(const Rectangle& rectangle, int num_peers) {
  if (rectangle.rows > 0) return {rectangle.rows, num_peers / rectangle.rows};
  if (rectangle.columns > 0) return {num_peers / rectangle.columns, rectangle.columns};
  const int rows = squarest_rows(num_peers);
  return {rows, num_peers / rows};
}

}  // namespace hearsay
