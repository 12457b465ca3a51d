#include "aggregators/rsa.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>

namespace hearsay {
namespace {

constexpr std::size_t kBlock = 4096;

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
        const float* const other = model.values.data() + first;
        for (std::size_t i = 0; i < size; ++i) {
          balance[i] +=
              static_cast<float>(own[i] > other[i]) - static_cast<float>(own[i] < other[i]);
        }
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
