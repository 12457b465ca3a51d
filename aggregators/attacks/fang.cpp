#include "aggregators/attacks/fang.hpp"

#include <algorithm>
#include <cstddef>

#include "aggregators/attacks/honest_statistics.hpp"

namespace hearsay {
namespace {

class FangTrimmedMean final : public Attack {
 public:
  explicit FangTrimmedMean(double b) : b_(b) {}

  void craft(const AttackInput& input, const AttackContext& context,
             std::span<float> result) const override {
    honest_mean(input, result);
    Rng rng = context.rng;
    for (std::size_t i = 0; i < result.size(); ++i) {
      const bool below = result[i] >= 0.0F;
      double extreme = input.honest[0].values[i];
      for (const KnownModel& known : input.honest) {
        const double value = known.values[i];
        extreme = below ? std::min(extreme, value) : std::max(extreme, value);
      }
      const bool towards_zero = (extreme > 0.0) == below;
      const double end = towards_zero ? extreme / b_ : extreme * b_;
      result[i] = static_cast<float>(extreme + rng.uniform() * (end - extreme));
    }
  }

 private:
  double b_;
};

}  // namespace

std::unique_ptr<Attack> make_attack(const FangTrimmedMeanOptions& options) {
  return std::make_unique<FangTrimmedMean>(options.b);
}

}  // namespace hearsay
