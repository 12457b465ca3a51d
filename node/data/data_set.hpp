#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <variant>
#include <vector>

namespace hearsay {

/// Labelled samples for classification, as read or generated; immutable once built
/// and shared by all peers and threads. Features are kept as they come: bytes for
/// images (a quarter of the memory), floats for generated data.
struct DataSet {
  std::vector<std::int64_t> sample_shape;  ///< E.g. {1, 28, 28}: channels, rows, columns.
  int num_classes = 0;
  std::vector<std::uint8_t> labels;  ///< One per sample, below num_classes.

  /// size() * sample_size() numbers, sample by sample.
  std::variant<std::vector<std::uint8_t>, std::vector<float>> features;

  /// What a model sees is scale * feature + shift.
  float scale = 1.0F;
  float shift = 0.0F;

  std::int64_t size() const { return static_cast<std::int64_t>(labels.size()); }
  std::int64_t sample_size() const;  ///< Product of sample_shape.

  /// Writes the scaled features of the chosen samples one after another.
  /// REQUIRES: out.size() == samples.size() * sample_size(); indices in range.
  void gather(std::span<const std::uint32_t> samples, std::span<float> out) const;

  /// The same for `count` samples starting at `first`.
  void gather_range(std::int64_t first, std::int64_t count, std::span<float> out) const;
};

/// Training data, split among the peers, and test data that no peer trains on.
struct TrainTestData {
  std::shared_ptr<const DataSet> train;
  std::shared_ptr<const DataSet> test;
};

}  // namespace hearsay
