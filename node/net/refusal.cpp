#include "node/net/refusal.hpp"

#include <numeric>

namespace hearsay {

std::string_view name_of(Refusal reason) {
  static constexpr std::array<std::string_view, kRefusals> kNames = {
      "no_key",    "unknown_key",    "revoked_key",    "truncated",      "oversize",
      "wrong_run", "wrong_scenario", "foreign_sender", "wrong_receiver", "replayed",
      "reordered", "altered",        "wrong_shape",    "non_finite",     "protocol"};
  return kNames[static_cast<std::size_t>(reason)];
}

std::int64_t RefusalCounts::total() const {
  return std::accumulate(counts_.begin(), counts_.end(), std::int64_t{0});
}

}  // namespace hearsay
