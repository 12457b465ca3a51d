#include "node/net/message_gate.hpp"

#include <optional>
#include <utility>

namespace hearsay {

MessageGate::MessageGate(const RunIdentity& identity, std::vector<int> process_of_peer, int self)
    : codec_(identity),
      process_of_peer_(std::move(process_of_peer)),
      self_(self),
      windows_(process_of_peer_.size()) {}

bool MessageGate::lives_in(PeerId peer, int process) const {
  return peer >= 0 && static_cast<std::size_t>(peer) < process_of_peer_.size() &&
         process_of_peer_[static_cast<std::size_t>(peer)] == process;
}

std::vector<WireMessage> MessageGate::open(int process, std::span<const Buffer> frames,
                                           const OnRefused& on_refused) {
  std::vector<WireMessage> let_in;
  for (WireMessage& message : codec_.decode(frames)) {
    const Envelope& envelope = message.envelope;
    std::optional<Refusal> refusal;
    if (!lives_in(envelope.from, process)) {
      refusal = Refusal::kForeignSender;
    } else if (!lives_in(envelope.to, self_)) {
      refusal = Refusal::kWrongReceiver;
    } else {
      using Verdict = SequenceWindow::Verdict;
      const Verdict verdict =
          windows_[static_cast<std::size_t>(envelope.from)].take(envelope.sequence);
      if (verdict == Verdict::kReplayed) refusal = Refusal::kReplayed;
      if (verdict == Verdict::kTooOld) refusal = Refusal::kReordered;
    }
    if (refusal) {
      on_refused(*refusal, envelope);
    } else {
      let_in.push_back(std::move(message));
    }
  }
  return let_in;
}

}  // namespace hearsay
