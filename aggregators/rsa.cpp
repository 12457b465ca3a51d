#include "aggregators/rsa.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>

#include "aggregators/instruction_sets.hpp"

namespace hearsay {
namespace {

constexpr std::size_t kBlock = 4096;

/// balance += sign(own - other), entry by entry.
HEARSAY_CLONES
void add_signs(const float* own, const float* other, std::size_t size, float* balance) {
  for (std::size_t i = 0; i < size; ++i) {
    const float above = own[i] > other[i] ? 1.0F : 0.0F;
    const float below = own[i] < other[i] ? 1.0F : 0.0F;
    balance[i] += above - below;
  }
}

class Rsa final : public Aggregator {
 public:
  explicit Rsa(double step) : step_(static_cast<float>(step)) {}

  void aggregate(const AggregationInput& input, const AggregationContext&,
                 std::span<float> result) const override {
    std::array<float, kBlock> balance;
    for (std::size_t first = 0; first < result.size(); first += kBlock) {
      const std::size_t size = std::min(kBlock, result.size() - first);
      const float* const own = input.own.data() + first;
      std::fill_n(balance.begin(), size, 0.0F);
      for (const ReceivedModel& model : input.received) {
        add_signs(own, model.values.data() + first, size, balance.data());
      }
      for (std::size_t i = 0; i < size; ++i) result[first + i] = own[i] - step_ * balance[i];
    }
  }

 private:
  float step_;
};

}  // namespace

std::unique_ptr<Aggregator> make_aggregator(const RsaOptions& options) {
  return std::make_unique<Rsa>(options.step);
}

}  // namespace hearsay
