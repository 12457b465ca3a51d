#include "node/live/report.hpp"

#include "node/base/check.hpp"
#include "node/net/refusal.hpp"
#include "tests/fuzz/readers.hpp"

namespace hearsay::fuzz {

bool takes_report(std::span<const std::byte> bytes) {
  try {
    const Report report = decode_report(frames_of(bytes));
    const Frames frames = encode_report(report);
    HEARSAY_CHECK(decode_report(frames).index() == report.index());
    return true;
  } catch (const MessageRefused&) {
    return false;
  }
}

}  // namespace hearsay::fuzz
