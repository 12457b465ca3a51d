#include "scenarios/adversaries.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "node/base/error.hpp"

namespace hearsay {
namespace {

constexpr int kMostDraws = 1000;

std::optional<AdversaryMistake> mistake_in(const AdversaryOptions& item, int num_peers,
                                           bool has_labels) {
  const auto wrong = [](std::string_view key, std::string message) {
    return AdversaryMistake{.key = key, .message = std::move(message)};
  };
  if (auto message = infeasible(item.peers, num_peers)) return wrong("peers", std::move(*message));
  if (item.until && *item.until <= item.from) return wrong("until", "must be later than `from`");
  const std::unique_ptr<Attack> attack = make_chosen(item.attack);
  if (attack == nullptr) {
    if (!has_labels)
      return wrong("attack", "there are no labels: the model brings its own objective");
    if (item.from > SimTime{}) return wrong("from", "data are poisoned throughout; leave it out");
    if (item.until) return wrong("until", "data are poisoned throughout; leave it out");
  } else if (attack->per_receiver() && item.knowledge == Knowledge::kSelf) {
    return wrong("knowledge",
                 "self is too little: the attack goes by the receiver's model; use neighborhood "
                 "or omniscient");
  }
  return std::nullopt;
}

/// The attackers chosen so far.
class Placement {
 public:
  explicit Placement(const Graph& graph)
      : graph_(graph), attacks_(static_cast<std::size_t>(graph.num_peers()), false) {}

  /// Chooses those of one item. @throws UserError as make_adversaries().
  std::vector<PeerId> choose(const AdversaryOptions& item, const std::string& place,
                             const SelectionContext& context) {
    const bool is_drawn = item.peers.kind == PeerSelector::Kind::kRandom;
    const int draws = is_drawn ? kMostDraws : 1;
    std::string wrong;
    for (int draw = 0; draw < draws; ++draw) {
      SelectionContext drawn = context;
      drawn.rng = context.rng.split("draw", static_cast<std::uint64_t>(draw));
      std::vector<PeerId> peers = select(item.peers, drawn);
      wrong = mark(peers, item.at_most);
      if (wrong.empty()) return peers;
      for (const PeerId peer : marked_) attacks_[static_cast<std::size_t>(peer)] = false;
    }
    if (is_drawn) wrong += "; so in each of " + std::to_string(kMostDraws) + " draws";
    throw UserError(place + ": " + wrong);
  }

 private:
  /// Marks them, and says what is wrong then.
  std::string mark(const std::vector<PeerId>& peers, int at_most) {
    marked_.clear();
    for (const PeerId peer : peers) {
      if (attacks_[static_cast<std::size_t>(peer)]) {
        return "peer " + std::to_string(peer) + " is in an item before";
      }
      attacks_[static_cast<std::size_t>(peer)] = true;
      marked_.push_back(peer);
    }
    if (std::ranges::find(attacks_, false) == attacks_.end()) return "nobody is left honest";
    for (PeerId peer = 0; at_most > 0 && peer < graph_.num_peers(); ++peer) {
      if (attacks_[static_cast<std::size_t>(peer)]) continue;
      const auto count = std::ranges::count_if(graph_.neighbors(peer), [this](PeerId other) {
        return attacks_[static_cast<std::size_t>(other)];
      });
      if (count > at_most) {
        return "honest peer " + std::to_string(peer) + " has " + std::to_string(count) +
               " attacking neighbors, more than at_most " + std::to_string(at_most);
      }
    }
    return "";
  }

  const Graph& graph_;
  std::vector<bool> attacks_;   ///< By peer.
  std::vector<PeerId> marked_;  ///< Those of the last mark().
};

}  // namespace

std::optional<AdversaryMistake> infeasible(const std::vector<AdversaryOptions>& items,
                                           int num_peers, bool has_labels) {
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (auto mistake = mistake_in(items[i], num_peers, has_labels)) {
      mistake->item = i;
      return mistake;
    }
  }
  return std::nullopt;
}

Adversaries make_adversaries(const std::vector<AdversaryOptions>& items, const MixingMatrix& mixing,
                             const SelectionContext& context) {
  if (items.empty()) return {};
  Placement placement(mixing.graph());
  std::vector<AdversaryGroup> groups;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const AdversaryOptions& item = items[i];
    SelectionContext of_item = context;
    of_item.rng = context.rng.split("item", i);
    groups.push_back(
        {.peers = placement.choose(item, "adversaries[" + std::to_string(i) + "].peers", of_item),
         .attack = make_chosen(item.attack),
         .space = space_of(item.attack),
         .knowledge = item.knowledge,
         .collusion = item.collusion,
         .from = item.from,
         .until = item.until.value_or(SimTime::max()),
         .rng = of_item.rng.split("attack")});
  }
  return {std::move(groups), mixing};
}

std::shared_ptr<const DataSet> poisoned(std::shared_ptr<const DataSet> data,
                                        const Partition& partition,
                                        const std::vector<AdversaryOptions>& items,
                                        const Adversaries& adversaries, const Rng& rng) {
  std::shared_ptr<DataSet> changed;
  for (const PeerId peer : adversaries.peers()) {
    const std::size_t item = adversaries.group_number(peer);
    const auto* const flip = std::get_if<LabelFlipOptions>(&items[item].attack.kind);
    if (flip == nullptr) continue;
    if (changed == nullptr) changed = std::make_shared<DataSet>(*data);
    std::vector<std::uint32_t> samples = partition[static_cast<std::size_t>(peer)];
    Rng draw = rng.split("labels", static_cast<std::uint64_t>(peer));
    draw.shuffle(std::span(samples));
    const auto owned = static_cast<double>(samples.size());
    samples.resize(static_cast<std::size_t>(std::lround(flip->share.value * owned)));
    for (const std::uint32_t sample : samples) {
      changed->labels[sample] =
          static_cast<std::uint8_t>(flipped(*flip, data->labels[sample], data->num_classes));
    }
  }
  if (changed == nullptr) return data;
  return changed;
}

}  // namespace hearsay
