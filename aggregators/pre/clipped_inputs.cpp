#include "aggregators/pre/clipped_inputs.hpp"

#include <utility>

namespace hearsay {

std::vector<Mixture> clipped_inputs(std::span<const double> norms, double largest) {
  std::vector<Mixture> mixtures;
  for (std::size_t i = 0; i < norms.size(); ++i) {
    std::vector<double> weights(norms.size(), 0.0);
    weights[i] = norms[i] > largest ? largest / norms[i] : 1.0;
    mixtures.push_back({.members = {i}, .weights = std::move(weights)});
  }
  return mixtures;
}

}  // namespace hearsay
