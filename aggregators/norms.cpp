#include "aggregators/norms.hpp"

#include <algorithm>
#include <cmath>

#include "aggregators/gram.hpp"
#include "node/base/check.hpp"

namespace hearsay {

std::vector<double> norms_of(Rows rows) {
  std::vector<double> norms = squared_distances_from(rows, {});
  for (double& norm : norms) norm = std::sqrt(norm);
  return norms;
}

double median_of(std::vector<double> values) {
  HEARSAY_CHECK(!values.empty());
  std::ranges::sort(values);
  return 0.5 * (values[(values.size() - 1) / 2] + values[values.size() / 2]);
}

}  // namespace hearsay
