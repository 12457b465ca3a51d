#include "aggregators/attacks/dissensus.hpp"

#include <vector>

#include "aggregators/vector_kernels.hpp"
#include "node/base/check.hpp"

namespace hearsay {
namespace {

class Dissensus final : public Attack {
 public:
  explicit Dissensus(double epsilon) : epsilon_(epsilon) {}

  void craft(const AttackInput& input, const AttackContext&,
             std::span<float> result) const override {
    HEARSAY_CHECK(input.victim != nullptr);
    const Victim& victim = *input.victim;
    double own = 1.0;
    std::vector<WeightedVector> terms{{0.0F, victim.values}};
    for (const VictimNeighbor& neighbor : victim.honest) {
      const double weight = epsilon_ * neighbor.weight / victim.attacking_weight;
      own += weight;
      terms.push_back({static_cast<float>(-weight), neighbor.values});
    }
    terms[0].weight = static_cast<float>(own);
    linear_combination(terms, result);
  }

  bool per_receiver() const override { return true; }

 private:
  double epsilon_;
};

}  // namespace

std::unique_ptr<Attack> make_attack(const DissensusOptions& options) {
  return std::make_unique<Dissensus>(options.epsilon);
}

}  // namespace hearsay
