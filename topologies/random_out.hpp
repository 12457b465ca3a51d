#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "node/base/describe.hpp"
#include "node/base/rng.hpp"
#include "topologies/graph.hpp"
#include "topologies/link_schedule.hpp"

namespace hearsay {

/// How the receivers of a round are drawn.
enum class OutDraw {
  kRegular,  ///< Jointly, so that every peer has as many senders as receivers.
  kLocal,    ///< By each peer for itself: the number of its senders varies, down to none.
};

constexpr auto enum_names(OutDraw) {
  return std::array{EnumName{OutDraw::kRegular, "regular"}, EnumName{OutDraw::kLocal, "local"}};
}

/// The random s-out digraphs of Epidemic Learning: in every round each peer sends to s others,
/// drawn anew from a common seed. It weighs what it hears and its own model equally.
///   regular (EL-Oracle)  a random digraph with s receivers and s senders for everybody: W is
///                        doubly stochastic. Receivers are dealt at random, swapped until
///                        nobody sends to itself or twice to one peer, then swapped at random
///                        4 times each; above s = (n - 1) / 2 the complement is dealt.
///                        Relabelling peers does not change a digraph's chance; all are nearly
///                        equally likely, NOT guaranteed exactly.
///   local (EL-Local)     each peer draws s others uniformly: W is row-stochastic only, doubly
///                        stochastic in expectation. Peer i's draw is made from the stream
///                        ("round", t), ("peer", i).
///
/// The graph is complete, since every link may occur: protocols that do not follow the
/// rounds' links see a complete graph, and memory grows with the square of the peers (64 MB
/// for D-PSGD with 1,000). n (n - 1) / 2 edges; one peer admits no s.
///
/// de Vos, Farhadkhani, Guerraoui, Kermarrec, Pires, Sharma. Epidemic Learning: Boosting
/// Decentralized Learning with Randomized Communication. NeurIPS 2023.
struct RandomOutOptions {
  static constexpr std::string_view kKind = "random_out";
  static constexpr std::string_view kSummary =
      "Every round each peer sends to `degree` others, drawn anew.";

  int degree = 4;  ///< s, 1 <= s < num_peers.
  OutDraw draw = OutDraw::kRegular;

  friend bool operator==(const RandomOutOptions&, const RandomOutOptions&) = default;
};

template <class Visitor>
void describe(Visitor& visit, RandomOutOptions& options) {
  visit("degree", options.degree, at_least(1), "peers that each one sends to in a round");
  visit("draw", options.draw, "how: everybody hears as many as well, or each draws for itself");
}

/// Says so if degree < 1, degree >= num_peers, or the complete graph has more than kMaxEdges.
std::optional<std::string> infeasible(const RandomOutOptions& options, int num_peers);

/// The complete graph. Draws nothing from `rng`. REQUIRES: num_peers >= 1.
/// @throws UserError if infeasible.
Graph make_graph(const RandomOutOptions& options, int num_peers, Rng rng);

/// Round t is drawn from rng.split("round", t). REQUIRES: feasible.
std::unique_ptr<LinkSchedule> make_schedule(const RandomOutOptions& options, int num_peers,
                                            Rng rng);

}  // namespace hearsay
