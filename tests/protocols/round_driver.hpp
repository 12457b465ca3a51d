#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "node/protocols/protocol.hpp"
#include "topologies/graph.hpp"
#include "topologies/mixing_matrix.hpp"

namespace hearsay {

inline ModelBuffer model_of(float value) { return ModelBuffer::copy_of(std::span(&value, 1)); }
inline float value_of(const ModelBuffer& model) { return model.values()[0]; }

/// Runs the peers of a protocol of rounds whose models are single numbers, by hand: messages
/// arrive in the order in which they were sent, training and averaging are done at once, and
/// timers go off when nothing else is left to happen, those of the least id (round) at once.
class RoundDriver {
 public:
  using Make = std::function<std::unique_ptr<Protocol>(const PeerView&)>;
  using Train = std::function<float(PeerId, float)>;  ///< A model to the trained one.

  RoundDriver(const Graph& graph, const Make& make, Train train)
      : mixing_(MixingMatrix::metropolis_hastings(graph)), train_(std::move(train)) {
    for (PeerId peer = 0; peer < graph.num_peers(); ++peer) {
      peers_.push_back(make({.self = peer,
                             .neighbors = graph.neighbors(peer),
                             .weights = mixing_.neighbor_weights(peer),
                             .self_weight = mixing_.self_weight(peer)}));
    }
    reports.resize(peers_.size());
  }

  /// True for messages that do not arrive.
  std::function<bool(const Message&)> is_lost = [](const Message&) { return false; };

  void run(const std::vector<float>& start) {
    for (std::size_t peer = 0; peer < peers_.size(); ++peer) {
      Effects effects;
      peers_[peer]->on_start(model_of(start[peer]), StartKind::kTogether, effects);
      apply(static_cast<PeerId>(peer), std::move(effects));
    }
    while (step()) {
    }
  }

  std::vector<std::vector<float>> reports;             ///< [peer]: its models after every round.
  std::map<std::pair<int, PeerId>, Message> models;    ///< By round and sender: the last sent.
  std::map<std::pair<int, PeerId>, Message> trackers;  ///< Likewise.

 private:
  using Action = std::function<void(Protocol&, Effects&)>;

  bool step() {
    if (queue_.empty()) {
      if (timers_.empty()) return false;
      queue_ = std::move(timers_.begin()->second);
      timers_.erase(timers_.begin());
    }
    auto [peer, action] = std::move(queue_.front());
    queue_.pop_front();
    Effects effects;
    action(*peers_[static_cast<std::size_t>(peer)], effects);
    apply(peer, std::move(effects));
    return true;
  }

  void apply(PeerId peer, Effects effects) {
    if (effects.completed) {
      reports[static_cast<std::size_t>(peer)].push_back(value_of(effects.completed->model));
    }
    for (Message& message : effects.sends) {
      message.from = peer;
      if (message.kind == MessageKind::kModel) models[{message.round, peer}] = message;
      if (message.kind == MessageKind::kTracker) trackers[{message.round, peer}] = message;
      if (is_lost(message)) continue;
      queue_.emplace_back(message.to, [message](Protocol& protocol, Effects& after) {
        static_cast<void>(protocol.on_message(message, after));
      });
    }
    for (const TimerRequest& timer : effects.timers) {
      timers_[timer.id].emplace_back(peer, [id = timer.id](Protocol& protocol, Effects& after) {
        protocol.on_timer(id, after);
      });
    }
    if (effects.train) {
      const float trained = train_(peer, value_of(effects.train->model));
      queue_.emplace_back(peer, [trained](Protocol& protocol, Effects& after) {
        protocol.on_trained(model_of(trained), 0.0, after);
      });
    }
    if (effects.aggregate) {
      double sum = effects.aggregate->own_weight * value_of(effects.aggregate->own);
      for (const HeardModel& heard : effects.aggregate->received) {
        sum += heard.weight * value_of(heard.model);
      }
      queue_.emplace_back(peer,
                          [mixed = static_cast<float>(sum)](Protocol& protocol, Effects& after) {
                            protocol.on_aggregated(model_of(mixed), after);
                          });
    }
  }

  MixingMatrix mixing_;
  Train train_;
  std::vector<std::unique_ptr<Protocol>> peers_;
  std::deque<std::pair<PeerId, Action>> queue_;
  std::map<std::uint64_t, std::deque<std::pair<PeerId, Action>>> timers_;  ///< By id.
};

}  // namespace hearsay
