#pragma once

#include <memory>
#include <span>

#include "node/data/data_set.hpp"
#include "node/learning/network.hpp"
#include "node/learning/network_shape.hpp"

namespace hearsay {

/// A classifier cut before its output layer. The layers below, when they are frozen, are a
/// function of the sample alone: computed once for every sample, they turn the data into
/// features, on which the output layer is a classifier of its own. Training and testing that
/// one is training and testing the whole with the other layers frozen.

/// True if there are layers below the output layer.
bool has_body(const NetworkShape& shape);

/// The layers below the output layer, as a network that ends with the last of them. Its
/// parameters are the first ones of the whole. REQUIRES: has_body(shape).
NetworkShape body_shape(const NetworkShape& shape);

/// The output layer alone.
NetworkShape head_shape(const NetworkShape& shape);

/// The output layer's part of the whole layout, under the same names.
ParameterLayout head_layout(const NetworkShape& shape);

/// What the output layer of `shape` sees of every sample: relu of the body's outputs. `body`
/// computes a network of body_shape(shape), `parameters` are its own.
std::shared_ptr<const DataSet> features_of(const DataSet& data, const NetworkShape& shape,
                                           Network& body, std::span<const float> parameters);

}  // namespace hearsay
