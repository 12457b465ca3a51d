#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace hearsay {

/// The indices of `keys` in the order that numpy.argpartition(keys, kth) leaves them in (NumPy
/// 1.24, up to some dozens of keys): the first kth + 1 are those of the smallest keys, and which
/// of several equal ones are among them follows from its exchanges. For comparison with programs
/// that depend on that; else order by key and index.
/// Introspective selection with the median of three as pivot, and plain selection for kth < 3;
/// the fallback to a better pivot after 2 log2(n) bad ones is not reproduced.
/// REQUIRES: kth < keys.size().
///
/// Musser. Introspective sorting and selection algorithms. Software: Practice and Experience
/// 27(8), 1997.
std::vector<std::size_t> numpy_partition(std::span<const double> keys, std::size_t kth);

}  // namespace hearsay
