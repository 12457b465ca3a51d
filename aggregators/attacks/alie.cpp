#include "aggregators/attacks/alie.hpp"

#include <cstddef>
#include <vector>

#include "aggregators/attacks/honest_statistics.hpp"

namespace hearsay {
namespace {

class Alie final : public Attack {
 public:
  explicit Alie(double z) : z_(static_cast<float>(z)) {}

  void craft(const AttackInput& input, const AttackContext&,
             std::span<float> result) const override {
    honest_mean(input, result);
    std::vector<float> deviation(result.size());
    honest_deviation(input, result, deviation);
    for (std::size_t i = 0; i < result.size(); ++i) result[i] += z_ * deviation[i];
  }

 private:
  float z_;
};

}  // namespace

std::unique_ptr<Attack> make_attack(const AlieOptions& options) {
  return std::make_unique<Alie>(options.z);
}

}  // namespace hearsay
