#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "node/base/class_score.hpp"
#include "node/base/parameter_layout.hpp"
#include "node/base/peer_id.hpp"
#include "node/base/rng.hpp"

namespace hearsay {

class Archive;

/// One model that a neighbor sent, as the rule sees it.
struct ReceivedModel {
  PeerId sender = 0;
  double weight = 0.0;       ///< W(own, sender) of the mixing matrix.
  std::int64_t samples = 0;  ///< Training samples the sender owns.
  int round = 0;             ///< The sender's round when it sent.
  std::span<const float> values;
};

/// What a rule combines. All spans have the layout's size.
struct AggregationInput {
  double own_weight = 0.0;                  ///< W(own, own).
  std::int64_t own_samples = 0;             ///< Training samples the peer itself owns.
  std::span<const float> own;               ///< Own model after local training.
  std::span<const float> previous;          ///< Own model before local training; empty
                                            ///< unless needs_previous().
  std::span<const ReceivedModel> received;  ///< Ascending by sender, each sender once.
};

/// What a rule remembers of one peer's former aggregations, keyed by peer ids, never by
/// positions.
class AggregatorState {
 public:
  virtual ~AggregatorState() = default;

  /// Saves or restores it.
  virtual void persist(Archive& archive) = 0;
};

/// Tries models on samples of the aggregating peer's own that it does not train on. Costs a
/// pass over these samples per call, in virtual time too.
class ModelOracle {
 public:
  virtual ~ModelOracle() = default;

  /// Mean loss. REQUIRES: model.size() is the layout's.
  virtual double loss(std::span<const float> model) = 0;

  /// One entry per class.
  virtual std::vector<ClassScore> class_scores(std::span<const float> model) = 0;
};

/// What a rule made of its inputs.
struct AggregationReport {
  /// The part of each received model in the result, parallel to `received`: weights for
  /// linear rules, else the mean over coordinates of the weight that its value has there.
  /// With the own model's part they sum to 1, unless the rule shrinks. Empty: not known.
  std::vector<double> influence;
};

/// What was wrong with an aggregation's inputs, as its guard found (guard.hpp).
struct AggregationIncidents {
  /// Whose models were left out because some of their numbers were not finite, ascending. The
  /// aggregating peer itself, if its own model was replaced for that reason.
  std::vector<PeerId> not_finite;

  /// Why the rule could not work on the rest, if it could not and something else was done.
  std::optional<std::string> infeasible;
};

/// What surrounds an aggregation.
struct AggregationContext {
  const ParameterLayout& layout;
  PeerId peer = 0;
  int round = 0;
  const Rng& stream;                          ///< All aggregations' stream; rules draw from rng().
  AggregatorState* state = nullptr;           ///< This peer's, from make_state(); null if that is.
  ModelOracle* oracle = nullptr;              ///< Null unless needs_oracle().
  AggregationReport* report = nullptr;        ///< To be filled, if not null; may cost time.
  AggregationIncidents* incidents = nullptr;  ///< Likewise, by the guard; rules leave it alone.

  /// Who attacks, ascending: for rules that are told on purpose, to compare with a theory that
  /// knows. Empty where nobody does, and where nobody can know.
  std::span<const PeerId> attackers = {};

  /// A stream of this peer and round alone.
  Rng rng() const {
    return stream.split("peer", static_cast<std::uint64_t>(peer))
        .split("round", static_cast<std::uint64_t>(round));
  }
};

/// An aggregation rule: how a peer turns its own model and those received from its
/// neighbors into its next model. One object serves all peers, on several threads
/// at once.
///
/// Contract, checked for every rule by tests/aggregators/contract_test.cpp. A rule
/// MUST
///   1. be a pure function of its arguments (and of `state`): no clock, no global;
///   2. not depend on the order of `received`, but for rounding and for ties;
///   3. write `own` when every input equals `own`, up to rounding (rules that by
///      definition do not are listed in the test with the reason);
///   4. write only finite numbers when all inputs are finite;
///   5. return `own` when nothing was received;
///   6. write all of `result` and nothing else; `result` never overlaps an input.
class Aggregator {
 public:
  virtual ~Aggregator() = default;

  /// REQUIRES: result.size() == context.layout.size(), as have all input spans.
  virtual void aggregate(const AggregationInput& input, const AggregationContext& context,
                         std::span<float> result) const = 0;

  /// True if the rule reads `previous`. Keeping it costs every peer one more model and
  /// forbids training in place.
  virtual bool needs_previous() const { return false; }

  /// True if the rule tries models on samples.
  virtual bool needs_oracle() const { return false; }

  /// A new peer's state; null for rules that remember nothing.
  virtual std::unique_ptr<AggregatorState> make_state() const { return nullptr; }

  /// Why the rule cannot work on `inputs` models, the own one included, with the numbers and
  /// the bound; nothing if it can. aggregate() is not called where it cannot.
  virtual std::optional<std::string> infeasible(int inputs) const {
    static_cast<void>(inputs);
    return std::nullopt;
  }
};

}  // namespace hearsay
