#include "aggregators/attacks/mimic.hpp"

#include <algorithm>

namespace hearsay {
namespace {

class Mimic final : public Attack {
 public:
  explicit Mimic(PeerId peer) : peer_(peer) {}

  void craft(const AttackInput& input, const AttackContext&,
             std::span<float> result) const override {
    const auto next = std::ranges::lower_bound(input.honest, peer_, {}, &KnownModel::peer);
    const KnownModel& copied = next == input.honest.end() ? input.honest.front() : *next;
    std::ranges::copy(copied.values, result.begin());
  }

 private:
  PeerId peer_;
};

}  // namespace

std::unique_ptr<Attack> make_attack(const MimicOptions& options) {
  return std::make_unique<Mimic>(options.peer);
}

}  // namespace hearsay
