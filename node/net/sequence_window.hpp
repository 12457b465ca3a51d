#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>

namespace hearsay {

/// Tells a sender's messages that are new from those taken before. It remembers the newest
/// sequence number and which of the 1,024 up to it were taken; what is older counts as too
/// old, whether it was taken or not. As the anti-replay window of RFC 4303, section 3.4.3.
class SequenceWindow {
 public:
  static constexpr std::size_t kWidth = 1024;

  enum class Verdict {
    kNew,
    kReplayed,  ///< Taken before.
    kTooOld,    ///< Not within the window.
  };

  /// Judges, and takes what is new. Sequence numbers count from 1; 0 is never new.
  Verdict take(std::uint64_t sequence);

 private:
  std::uint64_t newest_ = 0;
  std::bitset<kWidth> taken_;  ///< Bit i: newest - i.
};

}  // namespace hearsay
