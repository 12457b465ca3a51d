#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aggregators/attacks/attacks.hpp"
#include "node/base/describe.hpp"
#include "node/data/data_set.hpp"
#include "node/data/partition.hpp"
#include "node/runtime/adversaries.hpp"
#include "scenarios/peer_selector.hpp"
#include "topologies/mixing_matrix.hpp"

/// What a scenario's `adversaries:` lists: each item makes some peers attackers, such as
///   {peers: {random: 20%}, attack: {kind: sign_flip, scale: 3}, from: 10s, at_most: 2}

namespace hearsay {

struct AdversaryOptions {
  PeerSelector peers;
  AttackOptions attack;
  SimTime from;
  std::optional<SimTime> until;
  Knowledge knowledge = Knowledge::kOmniscient;
  bool collusion = true;

  /// Attackers, of all items so far, among the neighbors of any honest peer. Draws of peers
  /// that exceed it are repeated; 0: any number.
  int at_most = 0;

  friend bool operator==(const AdversaryOptions&, const AdversaryOptions&) = default;
};

template <class Visitor>
void describe(Visitor& visit, AdversaryOptions& options) {
  visit.required("peers", options.peers, "who attacks; each peer in one item at most");
  visit.required("attack", options.attack, "what they do");
  visit("from", options.from, at_least(0), "when they begin");
  visit("until", options.until, at_least(0), "when they are honest again");
  visit("knowledge", options.knowledge,
        "whose models they know: all honest peers', those sent to them, or nobody's");
  visit("collusion", options.collusion, "whether they share what they know and draw alike");
  visit("at_most", options.at_most, at_least(0),
        "attacking neighbors of an honest peer; random draws with more are repeated; 0: any");
}

/// A mistake in one item.
struct AdversaryMistake {
  std::size_t item = 0;
  std::string_view key;
  std::string message;
};

/// The first thing wrong that depends on neither graph nor draws: peers that do not exist,
/// until <= from, an attack that knows too little, poisoned labels where there are none or at
/// certain times only.
std::optional<AdversaryMistake> infeasible(const std::vector<AdversaryOptions>& items,
                                           int num_peers, bool has_labels);

/// Chooses the attackers. Random choices are drawn up to 1,000 times, until nobody is in two
/// items and every honest peer has at most `at_most` attacking neighbors. `context.rng`: of
/// all adversaries. The mixing matrix outlives the result. REQUIRES: feasible.
/// @throws UserError "adversaries[i].peers: ..." if no draw was good, or nobody is honest.
Adversaries make_adversaries(const std::vector<AdversaryOptions>& items, const MixingMatrix& mixing,
                             const SelectionContext& context);

/// The training data with the labels that attackers with poisoned data see; `data` itself if
/// there are none. Which samples, if not all, is drawn from `rng` for each attacker.
std::shared_ptr<const DataSet> poisoned(std::shared_ptr<const DataSet> data,
                                        const Partition& partition,
                                        const std::vector<AdversaryOptions>& items,
                                        const Adversaries& adversaries, const Rng& rng);

}  // namespace hearsay
