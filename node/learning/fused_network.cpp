#include "node/learning/fused_network.hpp"

#include <algorithm>
#include <vector>

#include "node/base/check.hpp"
#include "node/learning/dense_kernels.hpp"
#include "node/learning/dense_layers.hpp"
#include "node/learning/lenet5_kernels.hpp"

namespace hearsay {
namespace {

/// Samples per pass when a model is tested: their activations stay in the second-level
/// cache.
constexpr std::size_t kChunk = 64;

std::vector<std::uint8_t>& labels_of(const SampleBatch& batch, std::vector<std::uint8_t>& labels) {
  labels.clear();
  for (const std::uint32_t sample : batch.samples) labels.push_back(batch.data.labels[sample]);
  return labels;
}

/// Calls `test(chunk)` for the parts of a batch, in order.
template <class Test>
void in_chunks(const SampleBatch& batch, const Test& test) {
  for (std::size_t first = 0; first < batch.samples.size(); first += kChunk) {
    const std::size_t count = std::min(kChunk, batch.samples.size() - first);
    test(SampleBatch{batch.data, batch.samples.subspan(first, count)});
  }
}

/// Sums the losses of a batch, chunk by chunk, that `forward(chunk)` leaves in the layers.
template <class Forward>
Scores score_in_chunks(const SampleBatch& batch, DenseLayers& layers, const Forward& forward) {
  Scores scores;
  std::vector<std::uint8_t> labels;
  in_chunks(batch, [&](const SampleBatch& chunk) {
    forward(chunk);
    const LossSums sums = layers.loss(labels_of(chunk, labels).data());
    scores.correct += sums.correct;
    scores.loss_sum += sums.loss;
  });
  return scores;
}

/// The same for the logits.
template <class Forward>
void infer_in_chunks(const SampleBatch& batch, DenseLayers& layers, const Forward& forward,
                     std::span<float> logits) {
  std::size_t next = 0;
  in_chunks(batch, [&](const SampleBatch& chunk) {
    forward(chunk);
    const std::span<const float> values = layers.logits();
    HEARSAY_CHECK(values.size() <= logits.size() - next);
    std::ranges::copy(values, logits.subspan(next).begin());
    next += values.size();
  });
  HEARSAY_CHECK(next == logits.size());
}

float* data_or_null(std::span<float> values) { return values.empty() ? nullptr : values.data(); }

class DenseNetwork final : public Network {
 public:
  DenseNetwork(const NetworkShape& shape, std::string_view isa)
      : layers_(dense_kernels(isa), shape.widths, shape.output_bias) {}

  double train_step(const SampleBatch& batch, const SgdStep& step, std::span<float> parameters,
                    std::span<float> velocity) override {
    forward(batch, parameters.data());
    const LossSums sums = layers_.loss_and_gradient(labels_of(batch, labels_).data());
    layers_.backward(step, parameters.data(), data_or_null(velocity), nullptr);
    return sums.loss / static_cast<double>(batch.samples.size());
  }

  Scores score(const SampleBatch& batch, std::span<const float> parameters) override {
    return score_in_chunks(batch, layers_,
                           [&](const SampleBatch& chunk) { forward(chunk, parameters.data()); });
  }

  void infer(const SampleBatch& batch, std::span<const float> parameters,
             std::span<float> logits) override {
    const auto pass = [&](const SampleBatch& chunk) { forward(chunk, parameters.data()); };
    infer_in_chunks(batch, layers_, pass, logits);
  }

 private:
  void forward(const SampleBatch& batch, const float* parameters) {
    batch.data.gather(batch.samples, layers_.input(static_cast<int>(batch.samples.size())));
    layers_.forward(parameters);
  }

  DenseLayers layers_;
  std::vector<std::uint8_t> labels_;
};

/// The convolutions image by image, the linear layers for the whole batch.
class Lenet5Network final : public Network {
 public:
  Lenet5Network(const NetworkShape& shape, std::string_view isa)
      : dense_(dense_kernels(isa)),
        kernels_(lenet5_kernels(isa)),
        layers_(dense_, shape.widths, shape.output_bias),
        scratch_(std::make_unique<Lenet5Scratch>()),
        weights_(std::make_unique<Lenet5Weights>()),
        sums_(std::make_unique<Lenet5Gradient>()),
        gradient_(Lenet5Sizes::kConvolutions) {}

  double train_step(const SampleBatch& batch, const SgdStep& step, std::span<float> parameters,
                    std::span<float> velocity) override {
    const std::size_t count = batch.samples.size();
    if (tapes_.size() < count) tapes_.resize(count);
    kernels_.arrange(parameters.data(), weights_.get());
    gather(batch);
    float* const features = layers_.input(static_cast<int>(count)).data();
    for (std::size_t i = 0; i < count; ++i) {
      kernels_.forward(image(i), parameters.data(), *weights_, scratch_.get(), &tapes_[i],
                       features + i * Lenet5Sizes::kFeatures);
    }
    float* const linear = parameters.data() + Lenet5Sizes::kConvolutions;
    layers_.forward(linear);
    const LossSums sums = layers_.loss_and_gradient(labels_of(batch, labels_).data());
    feature_gradients_.resize(count * Lenet5Sizes::kFeatures);
    float* const linear_velocity =
        velocity.empty() ? nullptr : velocity.data() + Lenet5Sizes::kConvolutions;
    layers_.backward(step, linear, linear_velocity, feature_gradients_.data());
    backward(count, features);
    dense_.update_with(gradient_.data(), Lenet5Sizes::kConvolutions, step, parameters.data(),
                       data_or_null(velocity));
    return sums.loss / static_cast<double>(count);
  }

  Scores score(const SampleBatch& batch, std::span<const float> parameters) override {
    kernels_.arrange(parameters.data(), weights_.get());
    return score_in_chunks(batch, layers_,
                           [&](const SampleBatch& chunk) { forward(chunk, parameters.data()); });
  }

  void infer(const SampleBatch& batch, std::span<const float> parameters,
             std::span<float> logits) override {
    kernels_.arrange(parameters.data(), weights_.get());
    const auto pass = [&](const SampleBatch& chunk) { forward(chunk, parameters.data()); };
    infer_in_chunks(batch, layers_, pass, logits);
  }

 private:
  /// Fills the layers' logits. REQUIRES: the weights are arranged.
  void forward(const SampleBatch& chunk, const float* parameters) {
    if (tapes_.empty()) tapes_.resize(1);
    gather(chunk);
    const std::size_t count = chunk.samples.size();
    float* const features = layers_.input(static_cast<int>(count)).data();
    for (std::size_t i = 0; i < count; ++i) {
      kernels_.infer(image(i), parameters, *weights_, scratch_.get(), &tapes_[0],
                     features + i * Lenet5Sizes::kFeatures);
    }
    layers_.forward(parameters + Lenet5Sizes::kConvolutions);
  }

  void gather(const SampleBatch& batch) {
    images_.resize(batch.samples.size() * Lenet5Sizes::kImage);
    batch.data.gather(batch.samples, images_);
  }

  const float* image(std::size_t i) const { return images_.data() + i * Lenet5Sizes::kImage; }

  /// Sums the convolutions' gradients over the batch into gradient_.
  void backward(std::size_t count, const float* features) {
    *sums_ = Lenet5Gradient{};
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t row = i * Lenet5Sizes::kFeatures;
      kernels_.backward(image(i), *weights_, tapes_[i], features + row,
                        feature_gradients_.data() + row, scratch_.get(), sums_.get());
    }
    kernels_.flatten(*sums_, gradient_.data());
  }

  const DenseKernels& dense_;
  const Lenet5Kernels& kernels_;
  DenseLayers layers_;
  std::unique_ptr<Lenet5Scratch> scratch_;
  std::unique_ptr<Lenet5Weights> weights_;
  std::unique_ptr<Lenet5Gradient> sums_;
  std::vector<Lenet5Tape> tapes_;
  std::vector<float> images_;
  std::vector<float> feature_gradients_;
  std::vector<float> gradient_;  ///< Of the convolutions, as in the flat model.
  std::vector<std::uint8_t> labels_;
};

}  // namespace

bool has_fused_network(const NetworkShape& shape) {
  return shape.family == NetworkShape::Family::kDense ||
         shape.family == NetworkShape::Family::kLenet5;
}

std::unique_ptr<Network> make_fused_network(const NetworkShape& shape, std::string_view isa) {
  HEARSAY_CHECK(has_fused_network(shape));
  if (shape.family == NetworkShape::Family::kLenet5) {
    return std::make_unique<Lenet5Network>(shape, isa);
  }
  return std::make_unique<DenseNetwork>(shape, isa);
}

}  // namespace hearsay
