#pragma once

#include <memory>
#include <string_view>

#include "node/base/describe.hpp"
#include "node/base/time.hpp"
#include "node/protocols/protocol.hpp"

namespace hearsay {

struct SgpOptions {
  static constexpr std::string_view kKind = "sgp";
  static constexpr std::string_view kSummary = "Stochastic gradient push: push-sum mixing.";
  static constexpr bool kCommonRounds = true;

  int rounds = 50;
  int overlap = 0;
  SimTime timeout{1'000'000'000};
  int attempts = 3;

  friend bool operator==(const SgpOptions&, const SgpOptions&) = default;
};

template <class Visitor>
void describe(Visitor& visit, SgpOptions& options) {
  visit("rounds", options.rounds, at_least(1), "rounds of every peer");
  visit("overlap", options.overlap, at_least(0), "rounds by which a message may come late");
  visit("timeout", options.timeout, above(0), "when a message is sent again to who is not heard");
  visit("attempts", options.attempts, at_least(1), "how often, before it is not waited for");
}

/// Stochastic gradient push. Peer i has a mass (x_i, w_i), at first its initial model and 1;
/// its model is z_i = x_i / w_i. In round t it
///   1. trains from z_i:  x_i <- x_i - u_i,  u_i = z_i - train(z_i)  (gamma g with one plain
///      SGD step; no learning rate is known here),
///   2. sends 1 / (d_i + 1) of (x_i, w_i) to each of its d_i neighbors and keeps as much:
///      column-stochastic weights, which need no agreement between peers,
///   3. waits for every neighbor's message of round t - overlap,
///   4. adds what it has received: the sum of all x_i and of all w_i is kept.
/// Assran, Loizou, Ballas, Rabbat. Stochastic gradient push for distributed deep learning.
/// ICML 2019 (arXiv:1811.10792): SGP, and with overlap tau > 0 the variant OSGP.
///
/// Shares travel as running sums (push_sum.hpp), x as the model, w beside it: what a lost
/// message should have brought comes with the next one. The aggregator is not used: what is
/// received are increments of such sums, not models. The mixing matrix is not used either.
///
/// A neighbor that is not heard within `timeout` is sent the message again, in case both
/// messages were lost, and after `attempts` timeouts it is suspected: it gets no new mass and
/// is not waited for until it is heard from. Who waits for nobody any more, though neighbors
/// are there, does one round per timeout. Mass that is under way is missing at the peers:
/// a gradient moves z_i by u_i / w_i, and under much loss w_i is a fraction of 1 at times, so
/// the learning rate must leave room. A later message also serves earlier rounds; who has fallen
/// behind goes on with the newest round it has heard of. A peer that crashes keeps its mass and its
/// running sums, and does its round again; its model is z_i all along. A peer that comes, also
/// after losing its state, brings a mass of its own, (x, 1), and says hello in every round to those
/// that have not answered; the mass of one who leaves, dies or loses its state is lost, x and w
/// alike, with what was under way to it. A peer that has finished answers those that lag behind
/// with its last sums.
std::unique_ptr<Protocol> make_protocol(const SgpOptions& options, const PeerView& view);

}  // namespace hearsay
