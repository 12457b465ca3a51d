#pragma once

#include <memory>
#include <string_view>

#include "aggregators/attacks/attack.hpp"
#include "node/base/describe.hpp"
#include "node/base/quantity.hpp"

namespace hearsay {

/// Poisoned training data: an attacker trains on wrong labels and sends what comes of it. With
/// C classes, label y becomes C - 1 - y, in `share` of the attacker's samples, drawn once.
/// Tolpegin, Truex, Gursoy, Liu. Data Poisoning Attacks Against Federated Learning Systems.
/// ESORICS 2020; the mapping as in Karimireddy, He, Jaggi, ICML 2021.
struct LabelFlipOptions {
  static constexpr std::string_view kKind = "label_flip";
  static constexpr std::string_view kSummary = "Training on wrong labels: C - 1 - y for y.";
  static constexpr std::string_view kReference = "Tolpegin et al., ESORICS 2020";

  Fraction share{.value = 1.0};

  friend bool operator==(const LabelFlipOptions&, const LabelFlipOptions&) = default;
};

template <class Visitor>
void describe(Visitor& visit, LabelFlipOptions& options) {
  visit.required("share", options.share, Range{.low = 0, .high = 1, .low_open = true},
                 "of the attacker's training samples");
}

/// Null: it acts on data, not on messages.
inline std::unique_ptr<Attack> make_attack(const LabelFlipOptions&) { return nullptr; }

}  // namespace hearsay
