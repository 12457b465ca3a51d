#pragma once

#include <array>
#include <memory>
#include <string_view>

#include "aggregators/aggregator.hpp"
#include "aggregators/space.hpp"
#include "node/base/describe.hpp"

namespace hearsay {

struct BristleOptions {
  static constexpr std::string_view kKind = "bristle";
  static constexpr std::string_view kSummary =
      "Bristle: output layers by class, weighted by their scores on the peer's own classes.";
  static constexpr std::string_view kReference =
      "Verbraeken, de Vos, Pouwelse, arXiv:2110.11006, 2021";
  static constexpr Space kSpace = Space::kModel;

  /// Which models the distance-based prioritizer lets through.
  enum class Prioritizer { kRandom, kNearest, kAll };

  /// Whose version of the performance-based integrator.
  enum class Integrator { kAuthors, kFelmDa };

  Prioritizer prioritizer = Prioritizer::kRandom;
  double alpha = 0.4;
  int beta = 10;
  Integrator integrator = Integrator::kAuthors;
  int phi = 3;
  bool bound_foreign = false;
  bool center = true;

  friend bool operator==(const BristleOptions&, const BristleOptions&) = default;
};

constexpr auto enum_names(BristleOptions::Prioritizer) {
  using Prioritizer = BristleOptions::Prioritizer;
  return std::array{EnumName<Prioritizer>{Prioritizer::kRandom, "random"},
                    EnumName<Prioritizer>{Prioritizer::kNearest, "nearest"},
                    EnumName<Prioritizer>{Prioritizer::kAll, "all"}};
}

constexpr auto enum_names(BristleOptions::Integrator) {
  using Integrator = BristleOptions::Integrator;
  return std::array{EnumName<Integrator>{Integrator::kAuthors, "authors"},
                    EnumName<Integrator>{Integrator::kFelmDa, "felm_da"}};
}

template <class Visitor>
void describe(Visitor& visit, BristleOptions& options) {
  visit("prioritizer", options.prioritizer,
        "models taken of each third by distance: random or nearest ones; or all models");
  visit("alpha", options.alpha, between(0, 1), "exploration: 0 = near models only, 1 = far only");
  visit("beta", options.beta, at_least(1), "models that the prioritizer aims at");
  visit("integrator", options.integrator, "weights as in the authors' code or in FELM-DA's");
  visit("phi", options.phi, at_least(1), "classes that count, those that a model knows best");
  visit("bound_foreign", options.bound_foreign,
        "bound class scores below by -100 before summing them, too");
  visit("center", options.center, "make every class's weights average 0 afterwards");
}

/// Bristle, for classifiers: only the output layer is combined, class by class; all else stays
/// the own model's. The output layer is the layout's last weight tensor, C x F (a row per
/// class), with the bias of length C behind it, if any.
///
/// Prioritizer. With d_j = ||head_i - head_j||_2 the n received models, nearest first, are
/// divided at floor(n / 3) and floor(2 n / 3); of the near, middle and far third
///   round((1 - alpha)^2 beta), round(2 alpha (1 - alpha) beta), round(alpha^2 beta)
/// models are kept, or all there are: drawn at random, or the nearest ones.
///
/// Integrator. Classes of which the peer has samples of its own are familiar, the rest foreign.
/// Each kept head, in place of the own one, and the own one are tried on these samples;
/// F_j(c) = 2 correct / (samples + predicted) is the F1 score of familiar class c. With S_j
/// the phi familiar classes of the highest F_j (of equal ones the lowest) and mean and
/// population deviation over these:
///   sig(s) = max(0, 10 / (1 + exp(-s / 100)) - 4),      delta = 10 |F_i(c) - F_j(c)|
///   authors:  certainty_j = max(0, mean F_j - deviation F_j), own weight s_i = 1,
///     score_jc = delta^(3 + F_i(c)) if F_j(c) > F_i(c), else -delta^(4 + F_i(c)),
///     a_jc = sig(max(-100, score_jc)) certainty_j for familiar c in S_j, else 0,
///     b_j = sig(sum_{c in S_j} score_jc) certainty_j     (bound_foreign: of max(-100, score))
///   felm_da:  certainty_j = max(mean F_j - deviation F_j, 1 / kept models), s_i = certainty_i,
///     score_jc = delta^3 if F_j(c) >= F_i(c), else -infinity,
///     a and b as above, but max(0.001, ...) for max(0, ...) in sig, and the sum unbounded.
///   head[c] = (s_i head_i[c] + sum_j w_jc head_j[c]) / (s_i + sum_j w_jc),
/// w_jc = a_jc for familiar, b_j for foreign classes c.
///
/// With `center`, the mean of each row of weights is subtracted at the end: then models that all
/// agree change, unless centered.
///
/// The whole method. Layers below the output layer are pre-trained on other classes and frozen,
/// only heads are sent, and of its own training a peer keeps what concerns its own classes
/// (CWR*): scenarios/bristle.yaml has it all, by model.pretraining, output_bias: false,
/// training.layers: head and training.classes: own. The rule alone works on any classifier.
///
/// Space: model (F1 scores are those of models). Influence of j: the mean over all parameters
/// of its part, 0 in the frozen ones.
/// aggregate() @throws UserError where the model has no output layer, or it does not have as
/// many rows as the samples have classes.
///
/// Verbraeken, de Vos, Pouwelse. Bristle: Decentralized Federated Learning in Byzantine, Non-i.i.d.
/// Environments. arXiv:2110.11006, 2021. `authors`: code of github.com/jverbraeken/
/// trustchain-superapp, whose far third is the last floor(n / 3): it may leave one model out;
/// `felm_da`: github.com/Lumos598/FELM-DA, another reading of the paper.
std::unique_ptr<Aggregator> make_aggregator(const BristleOptions& options);

}  // namespace hearsay
