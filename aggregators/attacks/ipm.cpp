#include "aggregators/attacks/ipm.hpp"

#include "aggregators/attacks/honest_statistics.hpp"

namespace hearsay {
namespace {

class Ipm final : public Attack {
 public:
  explicit Ipm(double epsilon) : factor_(static_cast<float>(-epsilon)) {}

  void craft(const AttackInput& input, const AttackContext&,
             std::span<float> result) const override {
    honest_mean(input, result);
    for (float& value : result) value *= factor_;
  }

 private:
  float factor_;
};

}  // namespace

std::unique_ptr<Attack> make_attack(const IpmOptions& options) {
  return std::make_unique<Ipm>(options.epsilon);
}

}  // namespace hearsay
