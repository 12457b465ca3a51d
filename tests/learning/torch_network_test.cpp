#include "node/learning/torch_network.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <string>
#include <thread>
#include <vector>

#include "tests/learning/image_data.hpp"
#include "tests/learning/isas.hpp"

namespace hearsay {
namespace {

class TorchNetwork : public testing::TestWithParam<ModelKind> {
 protected:
  TorchNetwork()
      : data_(random_images(200, {1, 28, 28}, 3)),
        shape_(network_shape({.kind = GetParam()}, *data_)),
        layout_(network_layout(shape_)),
        indices_(200) {
    std::iota(indices_.begin(), indices_.end(), 0U);
  }

  std::unique_ptr<Network> make_network() const {
    return make_torch_network(shape_, available_isas().back());
  }

  /// The parameters after 10 steps from the initial model, held `shift` floats past an
  /// aligned address.
  std::vector<float> trained(Network& network, std::size_t shift) const {
    constexpr std::size_t kAlignment = 64 / sizeof(float);
    const ModelBuffer initial = initial_parameters(layout_, Initializer::kFanIn, Rng(5));
    std::vector<float> memory(layout_.size() + 2 * kAlignment);
    std::vector<float> velocity_memory(memory.size());
    const std::span<float> parameters = aligned(memory, shift);
    const std::span<float> velocity = aligned(velocity_memory, shift);
    std::ranges::copy(initial.values(), parameters.begin());
    for (std::size_t s = 0; s < 10; ++s) {
      const SampleBatch batch{.data = *data_, .samples = std::span(indices_).subspan(s * 16, 32)};
      network.train_step(batch, {.lr = 0.05F, .momentum = 0.9F}, parameters, velocity);
    }
    return {parameters.begin(), parameters.end()};
  }

  std::shared_ptr<const DataSet> data_;
  NetworkShape shape_;
  ParameterLayout layout_;
  std::vector<std::uint32_t> indices_;

 private:
  std::span<float> aligned(std::vector<float>& memory, std::size_t shift) const {
    const std::size_t past = reinterpret_cast<std::uintptr_t>(memory.data()) % 64 / sizeof(float);
    return std::span(memory).subspan((16 - past) % 16 + shift, layout_.size());
  }
};

TEST_P(TorchNetwork, TrainingGivesTheSameBitsOnEveryThread) {
  const std::vector<float> here = trained(*make_network(), 0);
  std::vector<std::vector<float>> there(2);
  const auto made_here = make_network();
  std::thread first([&] { there[0] = trained(*make_network(), 0); });
  std::thread second([&] { there[1] = trained(*made_here, 0); });
  first.join();
  second.join();
  EXPECT_EQ(there[0], here);
  EXPECT_EQ(there[1], here);
}

TEST_P(TorchNetwork, TrainingGivesTheSameBitsAtEveryAlignment) {
  const auto network = make_network();
  const std::vector<float> aligned = trained(*network, 0);
  for (const std::size_t shift : {1, 2, 3, 4, 5, 8, 15}) {
    EXPECT_EQ(trained(*network, shift), aligned) << shift << " floats past an aligned address";
  }
}

INSTANTIATE_TEST_SUITE_P(EveryFamily, TorchNetwork,
                         testing::Values(ModelKind{Lenet5Options{}}, ModelKind{MlpOptions{{64}}},
                                         ModelKind{LogisticOptions{}}),
                         [](const auto& test) {
                           return std::visit(
                               [](const auto& kind) { return std::string(kind.kKind); },
                               test.param);
                         });

}  // namespace
}  // namespace hearsay
