#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "node/net/batch.hpp"
#include "node/net/refusal.hpp"
#include "node/net/sequence_window.hpp"

namespace hearsay {

/// Lets those messages of a batch in that the sending process may send: of the right run and
/// scenario, whole, from a peer that lives in that process to one that lives here, and never
/// seen before. Not for concurrent use.
class MessageGate {
 public:
  /// `process_of_peer`: where each peer lives; `self`: this process.
  MessageGate(const RunIdentity& identity, std::vector<int> process_of_peer, int self);

  /// Told of every message of a batch that is not let in.
  using OnRefused = std::function<void(Refusal reason, const Envelope& envelope)>;

  /// The messages let in, in the order of the batch.
  /// @throws MessageRefused if the batch as a whole is refused; nothing is let in then.
  std::vector<WireMessage> open(int process, std::span<const Buffer> frames,
                                const OnRefused& on_refused);

 private:
  bool lives_in(PeerId peer, int process) const;

  BatchCodec codec_;
  std::vector<int> process_of_peer_;
  int self_;
  std::vector<SequenceWindow> windows_;  ///< By sending peer.
};

}  // namespace hearsay
