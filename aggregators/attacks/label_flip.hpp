#pragma once

#include <array>
#include <memory>
#include <string_view>

#include "aggregators/attacks/attack.hpp"
#include "node/base/describe.hpp"
#include "node/base/quantity.hpp"

namespace hearsay {

/// Poisoned training data: an attacker trains on wrong labels and sends what comes of it. With
/// C classes, label y becomes C - 1 - y (mirrored) or y + 1 modulo C (next), in `share` of the
/// attacker's samples, drawn once.
/// Tolpegin, Truex, Gursoy, Liu. Data Poisoning Attacks Against Federated Learning Systems.
/// ESORICS 2020; mirrored as in Karimireddy, He, Jaggi, ICML 2021, next as in Bristle's code.
struct LabelFlipOptions {
  static constexpr std::string_view kKind = "label_flip";
  static constexpr std::string_view kSummary = "Training on wrong labels.";
  static constexpr std::string_view kReference = "Tolpegin et al., ESORICS 2020";

  /// What label y becomes.
  enum class Target { kMirrored, kNext };

  Fraction share{.value = 1.0};
  Target to = Target::kMirrored;

  friend bool operator==(const LabelFlipOptions&, const LabelFlipOptions&) = default;
};

constexpr auto enum_names(LabelFlipOptions::Target) {
  using Target = LabelFlipOptions::Target;
  return std::array{EnumName<Target>{Target::kMirrored, "mirrored"},
                    EnumName<Target>{Target::kNext, "next"}};
}

/// What `label` of so many classes becomes.
constexpr int flipped(const LabelFlipOptions& options, int label, int classes) {
  return options.to == LabelFlipOptions::Target::kNext ? (label + 1) % classes
                                                       : classes - 1 - label;
}

template <class Visitor>
void describe(Visitor& visit, LabelFlipOptions& options) {
  visit.required("share", options.share, Range{.low = 0, .high = 1, .low_open = true},
                 "of the attacker's training samples");
  visit("to", options.to, "what label y of C becomes: C - 1 - y, or the next one");
}

/// Null: it acts on data, not on messages.
inline std::unique_ptr<Attack> make_attack(const LabelFlipOptions&) { return nullptr; }

}  // namespace hearsay
