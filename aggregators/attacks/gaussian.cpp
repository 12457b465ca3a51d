#include "aggregators/attacks/gaussian.hpp"

namespace hearsay {
namespace {

class Gaussian final : public Attack {
 public:
  explicit Gaussian(const GaussianOptions& options) : options_(options) {}

  void craft(const AttackInput&, const AttackContext& context,
             std::span<float> result) const override {
    Rng rng = context.rng;
    for (float& value : result) {
      value = static_cast<float>(options_.mean + options_.deviation * rng.normal());
    }
  }

 private:
  GaussianOptions options_;
};

}  // namespace

std::unique_ptr<Attack> make_attack(const GaussianOptions& options) {
  return std::make_unique<Gaussian>(options);
}

}  // namespace hearsay
