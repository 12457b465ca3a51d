#pragma once

#include <cstdint>
#include <memory>
#include <numeric>
#include <utility>
#include <vector>

#include "node/base/rng.hpp"
#include "node/data/data_set.hpp"
#include "node/learning/problem_factory.hpp"

namespace hearsay {

/// Images of random bytes, `rows` x `columns`, about half of them zero, with random labels
/// of 10 classes and features scaled to [-1, 1].
inline std::shared_ptr<const DataSet> random_images(int count, std::vector<std::int64_t> shape,
                                                    std::uint64_t seed) {
  Rng rng(seed);
  auto data = std::make_shared<DataSet>();
  data->sample_shape = std::move(shape);
  data->num_classes = 10;
  data->scale = 2.0F / 255.0F;
  data->shift = -1.0F;
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(count * data->sample_size()));
  for (std::uint8_t& byte : bytes) {
    byte = static_cast<std::uint8_t>(rng.below(2) * rng.below(256));
  }
  data->features = std::move(bytes);
  for (int i = 0; i < count; ++i) data->labels.push_back(static_cast<std::uint8_t>(rng.below(10)));
  return data;
}

/// One peer that owns all of `train`.
inline LearningInputs one_peer(ModelKind kind, std::shared_ptr<const DataSet> train,
                               std::shared_ptr<const DataSet> test) {
  LearningInputs inputs;
  inputs.model.kind = std::move(kind);
  inputs.training = {.optimizer = SgdOptions{.lr = 0.05}, .batch_size = 32, .local_steps = 1};
  inputs.num_peers = 1;
  inputs.train.resize(1);
  inputs.train[0].resize(static_cast<std::size_t>(train->size()));
  std::iota(inputs.train[0].begin(), inputs.train[0].end(), 0U);
  inputs.data = {.train = std::move(train), .test = std::move(test)};
  inputs.init_rng = Rng(11);
  inputs.training_rng = Rng(12);
  return inputs;
}

}  // namespace hearsay
