#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "node/base/archive.hpp"
#include "node/base/rng.hpp"
#include "node/base/time.hpp"
#include "node/protocols/membership_view.hpp"
#include "node/protocols/protocol.hpp"

namespace hearsay {

/// How a Membership behaves.
struct MembershipPolicy {
  int fanout = 1;                  ///< Peers that are told of a join or a leave. At least 1.
  int inactive_rounds = 1;         ///< Without a sign of life after which a peer is passed over.
  int last_round = 0;              ///< No message or view may name a later one.
  SimTime rejoin{};                ///< Time without activity after which to join again; 0: never.
  std::uint64_t rejoin_timer = 0;  ///< The timer's id; going off, it calls on_quiet().
};

/// One peer's part in MoDeST's membership: its view of who is there, what it says of itself
/// and what it makes of what others say. Joins are set aside until the view has been sent, so
/// that the sample being formed is not disturbed; leaves take effect at once.
///
/// A peer that is there at the start is known to all; its first advertisement has counter 1.
/// One that joins begins at its clock's milliseconds, so that its counter exceeds all of
/// former lives that it has forgotten.
class Membership {
 public:
  static constexpr int kMostRejoins = 10;  ///< In a row, without activity in between.

  Membership(const PeerView& view, const MembershipPolicy& policy);

  /// The peer comes up.
  void start(StartKind how, Effects& effects);

  /// The peer leaves.
  void leave(Effects& effects) { advertise(MembershipChange::kLeave, effects); }

  /// The peer was asked for something, so the others know that it is there.
  void note_activity(Effects& effects);

  /// The rejoin timer has gone off.
  void on_quiet(Effects& effects);

  /// Whether a message may come from this peer, naming this round.
  bool accepts(PeerId sender, int round) const;

  /// Somebody, maybe this peer, was active in `round` or in the newest round known here.
  void saw(PeerId peer, int round);

  /// Another peer's kMembership message: what it says. Nothing, and nothing changes, if it
  /// makes no sense.
  [[nodiscard]] std::optional<MembershipChange> take_advertisement(const Message& message);

  /// The view that travels with a model. False, and nothing changes, if it makes no sense.
  [[nodiscard]] bool take_view(const Message& message);

  /// The view for others; then takes up the joins that were set aside.
  Buffer hand_out_view();

  /// The newest round that this peer knows of.
  int newest_round() const { return view_.newest_round(); }

  /// All that have not left, itself among them, ascending.
  std::vector<PeerId> members() const { return view_.members(); }

  /// Who is to be asked for the sample of `round`, in order.
  std::vector<PeerId> order(int round) const;

  /// The first `count` of them.
  std::vector<PeerId> first_of_order(int round, int count) const;

  void persist(Archive& archive);

 private:
  void advertise(MembershipChange change, Effects& effects);
  void watch(Effects& effects);

  MembershipPolicy policy_;
  PeerId self_;
  std::vector<PeerId> peers_;  ///< All there can be, itself among them, ascending.
  MembershipView view_;
  MembershipView pending_;    ///< Joins set aside.
  std::int64_t counter_ = 1;  ///< Of the next advertisement.
  Rng rng_;
  bool is_active_ = false;    ///< Since the last look.
  bool is_watching_ = false;  ///< The timer for the next look is set.
  int rejoins_ = 0;           ///< Since the last activity.
};

}  // namespace hearsay
