#include "aggregators/gram.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "node/base/rng.hpp"

namespace hearsay {
namespace {

using Vector = std::vector<float>;

std::vector<std::span<const float>> spans(const std::vector<Vector>& rows) {
  return {rows.begin(), rows.end()};
}

std::vector<Vector> random_rows(std::size_t n, std::size_t d, double scale) {
  Rng rng(n * 1000 + d);
  std::vector<Vector> rows(n, Vector(d));
  for (Vector& row : rows) {
    for (float& value : row) value = static_cast<float>(scale * rng.normal());
  }
  return rows;
}

double product(const Vector& a, const Vector& b, const Vector& origin) {
  double sum = 0.0;
  for (std::size_t k = 0; k < a.size(); ++k) {
    const double o = origin.empty() ? 0.0 : static_cast<double>(origin[k]);
    sum += (static_cast<double>(a[k]) - o) * (static_cast<double>(b[k]) - o);
  }
  return sum;
}

void expect_gram(const std::vector<Vector>& rows, const Vector& origin) {
  const SquareMatrix gram = gram_matrix(spans(rows), origin);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    for (std::size_t j = 0; j < rows.size(); ++j) {
      const double size = std::sqrt(product(rows[i], rows[i], origin)) *
                          std::sqrt(product(rows[j], rows[j], origin));
      EXPECT_NEAR(gram(i, j), product(rows[i], rows[j], origin), 1e-6 * size) << i << " " << j;
      EXPECT_EQ(gram(i, j), gram(j, i));
    }
  }
}

TEST(Gram, IsThatOfSumsInDouble) {
  for (const std::size_t n : {1U, 2U, 3U, 4U, 5U, 8U, 9U, 17U, 40U}) {
    for (const std::size_t d : {1U, 16U, 300U, 1023U, 1024U, 1025U, 5000U}) {
      if (n * d > 50000U) continue;
      const std::vector<Vector> rows = random_rows(n, d, 1.0);
      expect_gram(rows, {});
      expect_gram(rows, rows[n / 2]);
    }
  }
}

TEST(Gram, ReachesBeyondTheRangeOfSquares) {
  // Squares would be infinite, or rounded to nothing, in float32.
  expect_gram(random_rows(5, 300, 1e30), {});
  expect_gram(random_rows(5, 300, 1e-30), {});
  std::vector<Vector> mixed = random_rows(5, 300, 1.0);
  mixed[2] = Vector(300, 3e38F);
  mixed[3] = Vector(300, -3e38F);
  expect_gram(mixed, {});
  expect_gram(mixed, mixed[2]);
}

TEST(Gram, TakesEmptyRowsForZero) {
  const std::vector<Vector> rows{{1, 2}, {}, {5, 5}};
  const Vector origin{1, 1};
  const SquareMatrix gram = gram_matrix(spans(rows), origin);
  // Differences (0, 1), (-1, -1), (4, 4).
  EXPECT_EQ(gram(0, 0), 1.0);
  EXPECT_EQ(gram(0, 1), -1.0);
  EXPECT_EQ(gram(1, 1), 2.0);
  EXPECT_EQ(gram(1, 2), -8.0);
  EXPECT_EQ(gram(0, 2), 4.0);
  EXPECT_EQ(gram(2, 2), 32.0);
}

TEST(Gram, EqualRowsAreAtDistanceZero) {
  std::vector<Vector> rows = random_rows(7, 3000, 0.1);
  rows[6] = rows[1];
  const SquareMatrix distances = squared_distances(gram_matrix(spans(rows), rows[0]));
  EXPECT_EQ(distances(1, 6), 0.0);
  EXPECT_EQ(distances(3, 3), 0.0);
  for (std::size_t i = 0; i < rows.size(); ++i) EXPECT_EQ(distances(i, 1), distances(i, 6));
}

TEST(Gram, SquaredDistancesAreItsDiagonal) {
  const std::vector<Vector> rows = random_rows(6, 2500, 1.0);
  const SquareMatrix gram = gram_matrix(spans(rows), rows[2]);
  const std::vector<double> squares = squared_distances_from(spans(rows), rows[2]);
  for (std::size_t i = 0; i < rows.size(); ++i) EXPECT_EQ(squares[i], gram(i, i));
}

}  // namespace
}  // namespace hearsay
