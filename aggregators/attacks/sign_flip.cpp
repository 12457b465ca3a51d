#include "aggregators/attacks/sign_flip.hpp"

#include <cstddef>

namespace hearsay {
namespace {

class SignFlip final : public Attack {
 public:
  explicit SignFlip(double scale) : factor_(static_cast<float>(-scale)) {}

  void craft(const AttackInput& input, const AttackContext&,
             std::span<float> result) const override {
    for (std::size_t i = 0; i < result.size(); ++i) result[i] = factor_ * input.own[i];
  }

 private:
  float factor_;
};

}  // namespace

std::unique_ptr<Attack> make_attack(const SignFlipOptions& options) {
  return std::make_unique<SignFlip>(options.scale);
}

}  // namespace hearsay
