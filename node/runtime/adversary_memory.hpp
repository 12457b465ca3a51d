#pragma once

#include <map>
#include <span>
#include <utility>

#include "node/base/archive.hpp"
#include "node/base/model_buffer.hpp"
#include "node/base/parameter_layout.hpp"
#include "node/protocols/protocol.hpp"
#include "node/runtime/adversaries.hpp"

namespace hearsay {

/// What attackers have come to know in a run, and what they make of it. Of one simulation,
/// on its loop's thread. Only models that peers send for others to combine count
/// (is_attacked()); they are taken as they are on the wire, so with push-sum weighted.
class AdversaryMemory {
 public:
  /// Both outlive it.
  AdversaryMemory(const Adversaries& adversaries, const ParameterLayout& layout)
      : adversaries_(adversaries), layout_(layout) {}

  /// Whether attacks replace the models of such messages.
  static bool is_attacked(MessageKind kind) {
    return kind == MessageKind::kModel || kind == MessageKind::kTrained;
  }

  /// A peer has sent a message.
  void was_sent(const Message& message);

  /// A message has been delivered.
  void was_delivered(const Message& message, SimTime now);

  /// A peer trains from this model, or starts with it: what an attacker's updates start from.
  void trains_from(PeerId peer, const ModelBuffer& model);

  /// Replaces the models of the messages that one attacker sends at `now`. A model stays as it
  /// is if its message is not attacked, if nothing is crafted at that time, and if the attack
  /// goes by receivers and this one is an attacker too, or unknown.
  void craft(std::span<Message> batch, SimTime now) const;

  /// Saves or restores everything.
  void persist(Archive& archive);

 private:
  struct Heard {
    SimTime time;
    ModelBuffer model;

    void persist(Archive& archive) { archive(time, model); }
  };

  /// What is known, ascending by peer.
  using Known = std::map<PeerId, ModelBuffer>;

  class Vectors;

  Known known_to(PeerId attacker, const AdversaryGroup& group) const;
  ModelBuffer make(const Message& message, const AdversaryGroup& group) const;
  bool fill_victim(PeerId receiver, const Known& known, Vectors& vectors) const;

  const Adversaries& adversaries_;
  const ParameterLayout& layout_;
  std::map<PeerId, ModelBuffer> sent_;                ///< By honest sender.
  std::map<std::pair<PeerId, PeerId>, Heard> heard_;  ///< By attacker and honest sender.
  std::map<PeerId, ModelBuffer> starts_;              ///< By attacker.
};

}  // namespace hearsay
