#include "node/net/sequence_window.hpp"

namespace hearsay {

SequenceWindow::Verdict SequenceWindow::take(std::uint64_t sequence) {
  if (sequence > newest_) {
    const std::uint64_t step = sequence - newest_;
    taken_ = step < kWidth ? taken_ << static_cast<std::size_t>(step) : std::bitset<kWidth>();
    taken_.set(0);
    newest_ = sequence;
    return Verdict::kNew;
  }
  const std::uint64_t age = newest_ - sequence;
  if (sequence == 0 || age >= kWidth) return Verdict::kTooOld;
  const auto bit = static_cast<std::size_t>(age);
  if (taken_.test(bit)) return Verdict::kReplayed;
  taken_.set(bit);
  return Verdict::kNew;
}

}  // namespace hearsay
