#pragma once

#include <vector>

#include "node/protocols/protocol.hpp"

namespace hearsay {

/// A view with the weights of (I + W) / 2 in place of those of W: all eigenvalues of a
/// symmetric W are then in [0, 1]. Refers to the weights here, which so live as long.
class LazyView {
 public:
  explicit LazyView(const PeerView& view) : view_(view) {
    for (const double weight : view.weights) weights_.push_back(weight / 2.0);
    view_.weights = weights_;
    view_.self_weight = (1.0 + view.self_weight) / 2.0;
  }
  LazyView(const LazyView&) = delete;
  LazyView& operator=(const LazyView&) = delete;

  const PeerView& view() const { return view_; }

 private:
  std::vector<double> weights_;
  PeerView view_;
};

}  // namespace hearsay
