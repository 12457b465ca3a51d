#include "node/runtime/adversary_memory.hpp"

#include <algorithm>
#include <span>
#include <utility>

#include "node/base/check.hpp"

namespace hearsay {

/// The input of one attack, moved to the attack's space.
class AdversaryMemory::Vectors {
 public:
  /// `origin`: what is subtracted from all models; null: nothing.
  explicit Vectors(const ModelBuffer* origin) : origin_(origin) {}

  std::span<const float> add(const ModelBuffer& model) {
    if (origin_ == nullptr) return model.values();
    ModelBuffer moved = ModelBuffer::uninitialized(model.size());
    const std::span<float> values = moved.writable();
    const std::span<const float> from = model.values();
    const std::span<const float> origin = origin_->values();
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = from[i] - origin[i];
    moved_.push_back(std::move(moved));
    return moved_.back().values();
  }

  void add_known(PeerId peer, const ModelBuffer& model) { known_.push_back({peer, add(model)}); }

  /// Of somebody known.
  std::span<const float> values_of(PeerId peer) const {
    const auto found = std::ranges::find(known_, peer, &KnownModel::peer);
    HEARSAY_CHECK(found != known_.end());
    return found->values;
  }

  /// From the attack's space back.
  void restore(std::span<float> values) const {
    if (origin_ == nullptr) return;
    const std::span<const float> origin = origin_->values();
    for (std::size_t i = 0; i < values.size(); ++i) values[i] += origin[i];
  }

  const std::vector<KnownModel>& known() const { return known_; }

  std::vector<VictimNeighbor> neighbors;
  Victim victim;

 private:
  const ModelBuffer* origin_;
  std::vector<ModelBuffer> moved_;
  std::vector<KnownModel> known_;
};

void AdversaryMemory::was_sent(const Message& message) {
  if (is_attacked(message.kind) && !adversaries_.is_attacker(message.from)) {
    sent_[message.from] = message.model;
  }
}

void AdversaryMemory::was_delivered(const Message& message, SimTime now) {
  if (is_attacked(message.kind) && adversaries_.is_attacker(message.to) &&
      !adversaries_.is_attacker(message.from)) {
    heard_[{message.to, message.from}] = {now, message.model};
  }
}

void AdversaryMemory::trains_from(PeerId peer, const ModelBuffer& model) {
  if (adversaries_.is_attacker(peer)) starts_[peer] = model;
}

AdversaryMemory::Known AdversaryMemory::known_to(PeerId attacker,
                                                 const AdversaryGroup& group) const {
  if (group.knowledge == Knowledge::kOmniscient) return sent_;
  std::map<PeerId, Heard> newest;
  if (group.knowledge == Knowledge::kNeighborhood) {
    for (const auto& [key, heard] : heard_) {
      const bool shares = group.collusion && adversaries_.group_of(key.first) == &group;
      if (key.first != attacker && !shares) continue;
      const auto [known, is_new] = newest.emplace(key.second, heard);
      if (!is_new && known->second.time < heard.time) known->second = heard;
    }
  }
  Known known;
  for (auto& [peer, heard] : newest) known.emplace(peer, std::move(heard.model));
  return known;
}

bool AdversaryMemory::fill_victim(PeerId receiver, const Known& known, Vectors& vectors) const {
  if (adversaries_.is_attacker(receiver) || !known.contains(receiver)) return false;
  const MixingMatrix& mixing = adversaries_.mixing();
  const std::span<const PeerId> neighbors = mixing.graph().neighbors(receiver);
  const std::span<const double> weights = mixing.neighbor_weights(receiver);
  vectors.victim = {.peer = receiver, .values = vectors.values_of(receiver)};
  for (std::size_t k = 0; k < neighbors.size(); ++k) {
    if (adversaries_.is_attacker(neighbors[k])) {
      vectors.victim.attacking_weight += weights[k];
    } else if (known.contains(neighbors[k])) {
      vectors.neighbors.push_back({neighbors[k], weights[k], vectors.values_of(neighbors[k])});
    }
  }
  vectors.victim.honest = vectors.neighbors;
  return vectors.victim.attacking_weight > 0.0;
}

ModelBuffer AdversaryMemory::make(const Message& message, const AdversaryGroup& group) const {
  const PeerId attacker = message.from;
  const auto start = starts_.find(attacker);
  const bool moves = group.space == Space::kUpdate && start != starts_.end();
  Vectors vectors(moves ? &start->second : nullptr);
  const std::span<const float> own = vectors.add(message.model);
  Known known = known_to(attacker, group);
  for (const auto& [peer, model] : known) vectors.add_known(peer, model);
  const bool by_receiver = group.attack->per_receiver();
  if (by_receiver && !fill_victim(message.to, known, vectors)) return message.model;
  if (known.empty()) vectors.add_known(attacker, message.model);
  const auto key = static_cast<std::uint64_t>(group.collusion ? group.peers.front() : attacker);
  ModelBuffer result = ModelBuffer::uninitialized(message.model.size());
  group.attack->craft(
      {.own = own, .honest = vectors.known(), .victim = by_receiver ? &vectors.victim : nullptr},
      {.layout = layout_,
       .attacker = attacker,
       .round = message.round,
       .rng =
           group.rng.split("peer", key).split("round", static_cast<std::uint64_t>(message.round)),
       .peers = adversaries_.mixing().graph().num_peers(),
       .attackers = static_cast<int>(adversaries_.peers().size())},
      result.writable());
  vectors.restore(result.writable());
  return result;
}

void AdversaryMemory::craft(std::span<Message> batch, SimTime now) const {
  const Message* last = nullptr;  // With its model crafted: others get the same.
  ModelBuffer honest;
  for (Message& message : batch) {
    if (!is_attacked(message.kind) || !adversaries_.crafts(message.from, now)) continue;
    const AdversaryGroup& group = *adversaries_.group_of(message.from);
    const bool again = last != nullptr && !group.attack->per_receiver() &&
                       last->round == message.round &&
                       honest.buffer().shares_with(message.model.buffer());
    if (again) {
      message.model = last->model;
    } else {
      honest = message.model;
      message.model = make(message, group);
    }
    last = &message;
  }
}

void AdversaryMemory::persist(Archive& archive) {
  archive.mark("adversaries");
  archive(sent_, heard_, starts_);
}

}  // namespace hearsay
