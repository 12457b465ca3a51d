#pragma once

#include <span>

#include "node/data/data_set.hpp"

namespace hearsay {

/// Data cut in two by classes. In both halves the classes are numbered anew, from 0, in their
/// former order; samples keep their order.
struct ClassSplit {
  TrainTestData chosen;
  TrainTestData rest;
};

/// Training and test samples of `classes`, and those of the others.
/// @throws UserError if a class is not in the data, or either half has fewer than two classes.
ClassSplit split_classes(const TrainTestData& data, std::span<const int> classes);

}  // namespace hearsay
