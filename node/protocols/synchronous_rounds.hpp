#pragma once

#include <memory>
#include <vector>

#include "node/protocols/neighbor_letters.hpp"
#include "node/protocols/protocol.hpp"
#include "node/protocols/round_options.hpp"

namespace hearsay {

/// What a method of synchronous rounds adds to D-PSGD: what a peer makes of its trained model
/// before others get it, and of the mixed one before it is the next. Called by SynchronousRounds
/// in the order in which the functions stand here, once per round. A crash may come between any
/// two calls; the round then begins again from adapt() with the model that the last conclude()
/// returned. So a method changes what it remembers in conclude() only, and keeps what it has
/// prepared until then apart.
class RoundMethod {
 public:
  virtual ~RoundMethod() = default;

  /// Training took `start`, the peer's model, to `trained`. Returns what the peer mixes and
  /// sends; the round is filled in by the caller.
  virtual Letter adapt(const ModelBuffer& start, ModelBuffer trained) = 0;

  /// The letter as this neighbor gets it. Also asked for again later in the round.
  virtual Letter letter_to(PeerId, const Letter& own) const { return own; }

  /// `request` is what the aggregator is to combine, made of the own letter and those heard.
  /// The method may change the weights, and mixes the trackers.
  virtual void mix(AggregationRequest&, const Letter& /*own*/, const HeardLetters&) {}

  /// The aggregator has combined the models. Returns the peer's next model.
  virtual ModelBuffer conclude(ModelBuffer mixed) = 0;

  /// All rounds are done: what stands for the peer's letters of all later ones.
  virtual Letter last_letter(ModelBuffer model) const { return {.model = std::move(model)}; }

  /// Saves or restores all that changes after construction.
  virtual void persist(Archive& archive) = 0;
};

/// What a method's letters have beside the model.
struct LetterParts {
  bool tracker = false;  ///< A second vector, sent as a message of kind kTracker.
  bool count = false;    ///< Of how many models the model is the mean, in Message::data.
};

/// Protocols whose peers go through common rounds, adapt-then-combine. In a round a peer
///   1. trains its model locally,
///   2. sends a letter, its trained model or what the method makes of it, to every receiver,
///   3. waits for the letter of every sender,
///   4. combines: its next model is aggregate(own, received).
/// Senders and receivers are all neighbors, or in round t those that the topology's schedule
/// names for t, with its weights.
///
/// Where peers fail, messages are lost or peers join late, rounds drift apart. Then
///   * a letter of a later round stands for one that is still awaited; it is kept and also
///     serves the round that it was made for;
///   * a peer that has fallen behind goes on, after combining, with the newest round it has
///     heard of, and so skips some. With a schedule peers may be several rounds apart though
///     nothing is wrong: only one for whom a later letter stood in skips, and the receivers of
///     the rounds that it skipped get its next letter;
///   * a neighbor that let the timeout pass is not waited for again until it is heard from;
///   * a peer that joins or restarts says hello; neighbors that wait just then, or have
///     finished, answer with their letter, the others send their next one. With a schedule
///     it sends its own first letter to all neighbors, too;
///   * a peer with a method whose neighbor restarts in the round before its own sends that
///     round's letter again: where all wait for each other, a crash changes no combination;
///   * a peer that leaves says goodbye, and nobody waits for it any more.
/// A peer that hears from nobody goes on alone, unless the policy is to wait. Where a letter
/// consists of two messages, it has come when both have.
///
/// `method` may be null: then the letter is the trained model, the next model the mixed one.
std::unique_ptr<Protocol> make_synchronous(const RoundOptions& options, const PeerView& view,
                                           std::unique_ptr<RoundMethod> method = nullptr,
                                           LetterParts parts = {});

}  // namespace hearsay
