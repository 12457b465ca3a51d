#include "node/learning/dense_kernels.hpp"

#include "node/learning/lanes.hpp"

namespace hearsay::HEARSAY_KERNEL_ISA {
namespace {

/// Lanes [first, count) of the last, incomplete vector of `count` floats: the vector
/// that ends at the end of the array, with the lanes before `first` zeroed.
struct Tail {
  int offset = 0;
  int repeated = 0;  ///< Leading lanes that earlier vectors cover already.
};

Tail tail_of(int count) { return {.offset = count - kWidth, .repeated = kWidth - count % kWidth}; }

/// kRows rows of X against kColumns rows of W; kRows * kColumns == kWidth. Rows beyond the
/// matrices repeat the last one and are not stored.
template <int kRows, int kColumns>
Lanes dot_block(const float* const (&x)[kRows], const float* const (&w)[kColumns], int depth) {
  Lanes sum[kWidth] = {};
  int k = 0;
  for (; k + kWidth <= depth; k += kWidth) {
    Lanes right[kColumns];
#pragma GCC unroll 16
    for (int j = 0; j < kColumns; ++j) right[j] = load(w[j] + k);
#pragma GCC unroll 16
    for (int i = 0; i < kRows; ++i) {
      const Lanes left = load(x[i] + k);
#pragma GCC unroll 16
      for (int j = 0; j < kColumns; ++j) {
        sum[i * kColumns + j] = multiply_add(left, right[j], sum[i * kColumns + j]);
      }
    }
  }
  if (k < depth && depth >= kWidth) {
    const Tail tail = tail_of(depth);
    const LaneInts fresh = lanes_from(tail.repeated);
#pragma GCC unroll 16
    for (int i = 0; i < kRows; ++i) {
      const Lanes left = select(fresh, load(x[i] + tail.offset), Lanes{});
#pragma GCC unroll 16
      for (int j = 0; j < kColumns; ++j) {
        const Lanes right = select(fresh, load(w[j] + tail.offset), Lanes{});
        sum[i * kColumns + j] = multiply_add(left, right, sum[i * kColumns + j]);
      }
    }
  }
  Lanes total = sums(sum);
  if (depth < kWidth) {
    for (int i = 0; i < kRows; ++i) {
      for (int j = 0; j < kColumns; ++j) {
        for (int d = 0; d < depth; ++d) total[i * kColumns + j] += x[i][d] * w[j][d];
      }
    }
  }
  return total;
}

int smaller(int a, int b) { return a < b ? a : b; }

/// Columns [first, first + kColumns) of Y, all rows.
template <int kRows, int kColumns>
void forward_columns(ConstMatrix x, ConstMatrix w, const float* bias, bool with_relu,
                     MutableMatrix y, int first) {
  const float* w_rows[kColumns];
  float biases[kColumns];
  for (int j = 0; j < kColumns; ++j) {
    const int row = smaller(first + j, w.rows - 1);
    w_rows[j] = w.data + static_cast<std::ptrdiff_t>(row) * w.stride;
    biases[j] = bias[row];
  }
  const int columns = smaller(kColumns, w.rows - first);
  for (int row = 0; row < x.rows; row += kRows) {
    const float* x_rows[kRows];
    for (int i = 0; i < kRows; ++i) {
      x_rows[i] = x.data + static_cast<std::ptrdiff_t>(smaller(row + i, x.rows - 1)) * x.stride;
    }
    Lanes value = dot_block<kRows, kColumns>(x_rows, w_rows, x.columns);
    Lanes added;
    for (int lane = 0; lane < kWidth; ++lane) added[lane] = biases[lane % kColumns];
    value += added;
    if (with_relu) value = relu(value);
    const int rows = smaller(kRows, x.rows - row);
    for (int i = 0; i < rows; ++i) {
      float* const out = y.data + static_cast<std::ptrdiff_t>(row + i) * y.stride + first;
      for (int j = 0; j < columns; ++j) out[j] = value[i * kColumns + j];
    }
  }
}

void forward(ConstMatrix x, ConstMatrix w, const float* bias, bool with_relu, MutableMatrix y) {
  constexpr int kWide = kWidth >= 16 ? 4 : 2;
  // Samples in cache-sized groups, so that each group's rows meet all weights while near.
  constexpr int kGroup = 32;
  for (int group = 0; group < x.rows; group += kGroup) {
    const int rows = smaller(kGroup, x.rows - group);
    const ConstMatrix xs{x.data + static_cast<std::ptrdiff_t>(group) * x.stride, rows, x.columns,
                         x.stride};
    const MutableMatrix ys{y.data + static_cast<std::ptrdiff_t>(group) * y.stride, rows, y.columns,
                           y.stride};
    int column = 0;
    for (; column + 2 < w.rows; column += kWide) {
      forward_columns<kWidth / kWide, kWide>(xs, w, bias, with_relu, ys, column);
    }
    for (; column < w.rows; column += 2) {
      forward_columns<kWidth / 2, 2>(xs, w, bias, with_relu, ys, column);
    }
  }
}

/// Element (row, k) of the left factor of a product: data[row * row_stride + k * k_stride].
struct Strided {
  const float* data;
  std::ptrdiff_t row_stride;
  std::ptrdiff_t k_stride;
};

struct Product {
  Strided left;        ///< [rows, depth]
  const float* right;  ///< [depth, columns]
  std::ptrdiff_t right_stride;
  int rows;
  int columns;
  int depth;
};

/// What becomes of a block of the product.
struct Overwrite {
  MutableMatrix out;

  void operator()(int row, int column, Lanes value, LaneInts) const {
    store(out.data + static_cast<std::ptrdiff_t>(row) * out.stride + column, value);
  }
  void operator()(int row, int column, float value) const {
    out.data[static_cast<std::ptrdiff_t>(row) * out.stride + column] = value;
  }
};

struct Descend {
  const SgdStep& step;
  MutableMatrix w;
  float* velocity;

  /// Lanes outside `fresh` were updated before and stay.
  void operator()(int row, int column, Lanes gradient, LaneInts fresh) const {
    const std::ptrdiff_t at = static_cast<std::ptrdiff_t>(row) * w.stride + column;
    const Lanes old = load(w.data + at);
    gradient = multiply_add(splat(step.weight_decay), old, gradient);
    if (velocity != nullptr) {
      const Lanes before = load(velocity + at);
      gradient = multiply_add(splat(step.momentum), before, gradient);
      store(velocity + at, select(fresh, gradient, before));
    }
    store(w.data + at, select(fresh, multiply_add(splat(-step.lr), gradient, old), old));
  }
  void operator()(int row, int column, float gradient) const {
    const std::ptrdiff_t at = static_cast<std::ptrdiff_t>(row) * w.stride + column;
    gradient += step.weight_decay * w.data[at];
    if (velocity != nullptr) {
      gradient += step.momentum * velocity[at];
      velocity[at] = gradient;
    }
    w.data[at] -= step.lr * gradient;
  }
};

/// kRows rows and kVectors vectors of columns of a product, handed to `finish`.
template <int kRows, int kVectors, class Finish>
void product_block(const Product& p, int row, int column, LaneInts fresh, const Finish& finish) {
  Lanes sum[kRows][kVectors] = {};
  const float* left = p.left.data + row * p.left.row_stride;
  const float* right = p.right + column;
  for (int k = 0; k < p.depth; ++k) {
    Lanes b[kVectors];
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v) b[v] = load(right + v * kWidth);
#pragma GCC unroll 8
    for (int i = 0; i < kRows; ++i) {
      const Lanes a = splat(left[i * p.left.row_stride]);
#pragma GCC unroll 4
      for (int v = 0; v < kVectors; ++v) sum[i][v] = multiply_add(a, b[v], sum[i][v]);
    }
    left += p.left.k_stride;
    right += p.right_stride;
  }
#pragma GCC unroll 8
  for (int i = 0; i < kRows; ++i) {
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v) finish(row + i, column + v * kWidth, sum[i][v], fresh);
  }
}

template <int kRows, class Finish>
void product_rows(const Product& p, int row, const Finish& finish) {
  const LaneInts all = lanes_from(0);
  int column = 0;
  for (; column + 2 * kWidth <= p.columns; column += 2 * kWidth) {
    product_block<kRows, 2>(p, row, column, all, finish);
  }
  if (column + kWidth <= p.columns) {
    product_block<kRows, 1>(p, row, column, all, finish);
    column += kWidth;
  }
  if (column == p.columns) return;
  if (p.columns >= kWidth) {
    const Tail tail = tail_of(p.columns);
    product_block<kRows, 1>(p, row, tail.offset, lanes_from(tail.repeated), finish);
    return;
  }
  for (int i = row; i < row + kRows; ++i) {
    for (int j = column; j < p.columns; ++j) {
      float sum = 0.0F;
      for (int k = 0; k < p.depth; ++k) {
        sum += p.left.data[i * p.left.row_stride + k * p.left.k_stride] *
               p.right[k * p.right_stride + j];
      }
      finish(i, j, sum);
    }
  }
}

template <class Finish>
void product(const Product& p, const Finish& finish) {
  constexpr int kTall = kWidth >= 16 ? 8 : 4;
  int row = 0;
  for (; row + kTall <= p.rows; row += kTall) product_rows<kTall>(p, row, finish);
  if (row + 4 <= p.rows) {
    product_rows<4>(p, row, finish);
    row += 4;
  }
  if (row + 2 <= p.rows) {
    product_rows<2>(p, row, finish);
    row += 2;
  }
  if (row < p.rows) product_rows<1>(p, row, finish);
}

void input_gradient(ConstMatrix dy, ConstMatrix w, MutableMatrix dx) {
  const Product p{.left = {dy.data, dy.stride, 1},
                  .right = w.data,
                  .right_stride = w.stride,
                  .rows = dy.rows,
                  .columns = w.columns,
                  .depth = w.rows};
  product(p, Overwrite{dx});
}

void update_with(const float* gradient, int size, const SgdStep& step, float* parameters,
                 float* velocity) {
  for (int i = 0; i < size; ++i) {
    float g = gradient[i] + step.weight_decay * parameters[i];
    if (velocity != nullptr) {
      g += step.momentum * velocity[i];
      velocity[i] = g;
    }
    parameters[i] -= step.lr * g;
  }
}

void update(ConstMatrix dy, ConstMatrix x, const SgdStep& step, MutableMatrix w, float* bias,
            float* w_velocity, float* bias_velocity) {
  const Product p{.left = {dy.data, 1, dy.stride},
                  .right = x.data,
                  .right_stride = x.stride,
                  .rows = w.rows,
                  .columns = w.columns,
                  .depth = x.rows};
  product(p, Descend{step, w, w_velocity});
  constexpr int kChunk = 64;
  for (int first = 0; first < w.rows; first += kChunk) {
    const int count = smaller(kChunk, w.rows - first);
    float sum[kChunk] = {};
    for (int row = 0; row < dy.rows; ++row) {
      const float* const from = dy.data + static_cast<std::ptrdiff_t>(row) * dy.stride + first;
      for (int j = 0; j < count; ++j) sum[j] += from[j];
    }
    update_with(sum, count, step, bias + first,
                bias_velocity == nullptr ? nullptr : bias_velocity + first);
  }
}

void relu_gradient(const float* activation, int size, float* gradient) {
  for (int i = 0; i < size; ++i) gradient[i] = activation[i] <= 0.0F ? 0.0F : gradient[i];
}

/// exp(x) for x <= 0 and NaN, within 2 units in the last place; 0 below -87.
/// Cody-Waite reduction and the polynomial of Cephes' expf (S. L. Moshier, 1989):
/// x = n ln 2 + r, exp(x) = 2^n (1 + r + r^2 P(r)).
float exponential(float x) {
  constexpr float kLog2e = 1.44269504088896341F;
  constexpr float kLn2High = 0.693359375F;
  constexpr float kLn2Low = -2.12194440e-4F;
  const float clamped = x < -87.0F ? -87.0F : x;
  const float n = static_cast<float>(static_cast<std::int32_t>(clamped * kLog2e - 0.5F));
  const float r = clamped - n * kLn2High - n * kLn2Low;
  float p = 1.9875691500e-4F;
  p = p * r + 1.3981999507e-3F;
  p = p * r + 8.3334519073e-3F;
  p = p * r + 4.1665795894e-2F;
  p = p * r + 1.6666665459e-1F;
  p = p * r + 5.0000001201e-1F;
  const std::int32_t bits = (static_cast<std::int32_t>(n) + 127) << 23;
  float power = 0.0F;
  __builtin_memcpy(&power, &bits, sizeof(power));
  const float result = (p * r * r + r + 1.0F) * power;
  return x < -87.0F ? 0.0F : result;
}

/// Loss and hit of one row. Exponentials are taken in chunks, so that any number of
/// classes needs no memory of its own.
LossSums row_cross_entropy(float* logits, int classes, int label, float gradient_scale) {
  float largest = logits[0];
  int where = 0;
  bool is_number = true;
  for (int k = 0; k < classes; ++k) {
    is_number = is_number && logits[k] == logits[k];
    where = logits[k] > largest ? k : where;
    largest = logits[k] > largest ? logits[k] : largest;
  }
  const float shift = largest;
  const double own = static_cast<double>(logits[label]) - shift;
  float sum = 0.0F;
  constexpr int kChunk = 16;
  for (int first = 0; first < classes; first += kChunk) {
    const int count = smaller(kChunk, classes - first);
    float terms[kChunk];
    for (int i = 0; i < kChunk; ++i) terms[i] = i < count ? logits[first + i] - shift : -100.0F;
    for (int i = 0; i < kChunk; ++i) terms[i] = exponential(terms[i]);
    for (int i = 0; i < count; ++i) {
      sum += terms[i];
      if (gradient_scale != 0.0F) logits[first + i] = terms[i];
    }
  }
  if (gradient_scale != 0.0F) {
    const float factor = gradient_scale / sum;
    for (int k = 0; k < classes; ++k) logits[k] *= factor;
    logits[label] -= gradient_scale;
  }
  return {.loss = __builtin_log(static_cast<double>(sum)) - own,
          .correct = is_number && where == label ? 1 : 0};
}

LossSums cross_entropy(MutableMatrix logits, const std::uint8_t* labels, float gradient_scale) {
  LossSums total;
  for (int row = 0; row < logits.rows; ++row) {
    float* const own = logits.data + static_cast<std::ptrdiff_t>(row) * logits.stride;
    const LossSums one = row_cross_entropy(own, logits.columns, labels[row], gradient_scale);
    total.loss += one.loss;
    total.correct += one.correct;
  }
  return total;
}

}  // namespace

extern const DenseKernels kDenseKernels;
const DenseKernels kDenseKernels = {.forward = forward,
                                    .input_gradient = input_gradient,
                                    .update = update,
                                    .update_with = update_with,
                                    .relu_gradient = relu_gradient,
                                    .cross_entropy = cross_entropy};

}  // namespace hearsay::HEARSAY_KERNEL_ISA
