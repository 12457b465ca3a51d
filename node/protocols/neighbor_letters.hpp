#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "node/protocols/protocol.hpp"
#include "node/protocols/round_options.hpp"
#include "topologies/link_schedule.hpp"

namespace hearsay {

/// What a peer says to a neighbor in one round.
struct Letter {
  static constexpr std::int32_t kMostModels = 1 << 24;  ///< Greatest `count`.

  ModelBuffer model;
  ModelBuffer tracker{};    ///< A second vector, of methods that send one.
  std::int32_t round = -1;  ///< The sender's round that it was made for.
  std::int32_t count = 1;   ///< Of how many peers' models `model` is the mean.

  void persist(Archive& archive) { archive(model, tracker, round, count); }
};

/// The letters that a round is combined from.
struct HeardLetters {
  std::vector<Letter> letters;  ///< In parallel to AggregationRequest::received.
  bool is_whole = true;         ///< Every sender that has not left is in, with this very round.
};

/// The neighbors of a peer that goes through rounds: whose letter the present round needs,
/// what has come, and who is not waited for. SynchronousRounds says what these rules make of
/// loss, crashes and time-varying links; this class keeps the books and causes no effects.
///
/// In a round the senders that are `due` are all neighbors or, if the topology varies in time,
/// those that the schedule names; the same goes for the receivers. A round is open for letters
/// from begin() to close(); from then on letters of the next round are.
class NeighborLetters {
 public:
  /// What the peer knows of a neighbor: kept together, since every message touches it.
  struct Neighbor {
    PeerId id = 0;
    bool absent = false;     ///< Has left, or is not there yet.
    bool suspected = false;  ///< Let a timeout pass and has not been heard from since.
    bool has_asked = false;  ///< Is to have the next letter, whoever the receivers are.
    bool due = true;         ///< Its letter belongs to the present round.
    double weight = 0.0;     ///< In the present round, if due.
    Letter next;   ///< The oldest that serves the present round or a later one, if there is
                   ///< one; else possibly an older one, kept for MissingPolicy::kLastModel.
    Letter ahead;  ///< The newest of a later round than `next`'s, if there is one. Not used
                   ///< with a schedule.

    bool has(int round) const { return !next.model.empty() && next.round >= round; }
    bool is_awaited() const { return !absent && !suspected; }
  };

  NeighborLetters(const RoundOptions& options, const PeerView& view);

  /// Null if there is no such neighbor.
  Neighbor* find(PeerId id);

  /// All, ascending by id.
  std::vector<Neighbor>& neighbors() { return neighbors_; }

  /// Forgets all letters: the peer starts.
  void forget();

  /// Has been away. Where receivers vary, all are to have its next letter: they may wait for
  /// one of a round that it will not go through again.
  void owe_all();

  void begin(int round);

  /// Fills `received` in with what there is for this round, the weights of missing senders
  /// being distributed, and tells of the letters unless `heard` is null. Letters of this round
  /// are late from now on.
  void close(AggregationRequest& request, HeardLetters* heard);

  /// Keeps a letter that is, or may be, of use; its sender is there and is waited for again.
  Reception take(Neighbor& neighbor, Letter letter);

  /// The neighbor is there: it is waited for from now on.
  void set_awaited(Neighbor& neighbor);

  void set_absent(Neighbor& neighbor);

  /// Stops waiting for those that are awaited and have not been heard.
  void suspect_missing();

  bool is_complete() const { return missing_ == 0; }
  std::vector<PeerId> missing() const;

  /// The least round whose letters are not late.
  int open_round() const { return is_open_ ? round_ : round_ + 1; }

  double self_weight() const { return self_weight_; }

  /// The round after this one. The receivers of rounds that are skipped are to have the next
  /// letter.
  int next_round();

  /// Calls `visit(neighbor)` for every present receiver of this round's letter and for those
  /// that have asked for one, who have not asked any more then.
  template <class Visit>
  void address(Visit visit) {
    const auto visit_once = [&](Neighbor& neighbor) {
      if (neighbor.absent) return;
      set_asked(neighbor, false);
      visit(neighbor);
    };
    if (links_ == nullptr) {
      for (Neighbor& neighbor : neighbors_) visit_once(neighbor);
      return;
    }
    for (const PeerId to : links_->receivers(self_)) visit_once(*find(to));
    if (num_asked_ == 0) return;
    for (Neighbor& neighbor : neighbors_) {
      if (neighbor.has_asked) visit_once(neighbor);
    }
  }

  void set_asked(Neighbor& neighbor, bool asked) {
    num_asked_ += static_cast<int>(asked) - static_cast<int>(neighbor.has_asked);
    neighbor.has_asked = asked;
  }

  void persist(Archive& archive);

 private:
  template <class Self, class Visit>
  static void for_each_due(Self& self, Visit visit);

  void follow_links();
  void advance(Neighbor& neighbor, int round);
  bool store(Neighbor& neighbor, Letter letter);
  bool store_early(Neighbor& neighbor, Letter letter);
  void stop_waiting_for(const Neighbor& neighbor);
  void give_missing_weight(AggregationRequest& request) const;

  MissingPolicy missing_policy_;
  MissingWeight missing_weight_;
  PeerId self_;
  const LinkSchedule* schedule_;  ///< Null: all neighbors in every round.
  double self_weight_;
  int round_ = 0;
  bool is_open_ = true;
  bool stood_in_ = false;  ///< A later letter stood for one of the round just closed.
  int newest_heard_ = 0;   ///< Newest round of any letter heard since the start.
  int missing_ = 0;        ///< Senders that are due and awaited and have not been heard.
  int num_asked_ = 0;
  std::vector<Neighbor> neighbors_;  ///< Ascending by id.
  std::shared_ptr<const RoundLinks> links_;
  std::map<std::pair<PeerId, std::int32_t>, Letter> early_;  ///< With a schedule: letters of
                                                             ///< later rounds than `next`'s.
};

}  // namespace hearsay
