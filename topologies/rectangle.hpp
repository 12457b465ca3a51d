#pragma once

#include <optional>
#include <string>

namespace hearsay {

/// Rows and columns of peers. An extent of 0 is to be filled in.
struct Rectangle {
  int rows = 0;
  int columns = 0;
};

/// What is wrong with a rectangle for this many peers, with the nearest that fits: an extent
/// below 0, rows * columns other than num_peers, or the only one given not dividing it.
/// REQUIRES: num_peers >= 1.
std::optional<std::string> misfit(const Rectangle& rectangle, int num_peers);

/// With both extents: num_peers / the other, or as square as the factors allow, with no more
/// rows than columns (a prime number of peers gives 1 x n). REQUIRES: no misfit.
Rectangle filled_in(const Rectangle& rectangle, int num_peers);

}  // namespace hearsay
