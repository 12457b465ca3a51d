#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "node/data/data_set.hpp"
#include "node/learning/network_shape.hpp"

namespace hearsay {

/// The parts of a flat classifier that belong to the classes of which a peer has no sample: their
/// rows of the output weights, and their biases.
class ForeignClasses {
 public:
  /// `owned`: samples of `data`; `parameters`: of the whole model.
  ForeignClasses(const NetworkShape& shape, std::size_t parameters, const DataSet& data,
                 std::span<const std::uint32_t> owned);

  /// What `model` holds there.
  std::vector<float> copy(std::span<const float> model) const;

  /// Undoes what happened to them since. REQUIRES: `copied` is from copy().
  void put_back(std::span<const float> copied, std::span<float> model) const;

 private:
  struct Part {
    std::size_t offset = 0;
    std::size_t size = 0;
  };

  std::vector<Part> parts_;
};

}  // namespace hearsay
