#include "node/protocols/relaysum.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "node/protocols/linear.hpp"
#include "node/protocols/synchronous_rounds.hpp"

namespace hearsay {
namespace {

/// A mean that came from a neighbor's side of the tree.
struct Relay {
  PeerId from = 0;
  std::int32_t count = 0;
  ModelBuffer mean;

  void persist(Archive& archive) { archive(from, count, mean); }
};

class RelaySum final : public RoundMethod {
 public:
  Letter adapt(const ModelBuffer&, ModelBuffer trained) override {
    return {.model = std::move(trained)};
  }

  Letter letter_to(PeerId neighbor, const Letter& own) const override {
    std::int64_t sum = 1;
    for (const Relay& relay : relays_) {
      if (relay.from != neighbor) sum += relay.count;
    }
    if (sum == 1) return own;
    const double total = static_cast<double>(sum);
    std::vector<Term> terms{{1.0 / total, &own.model}};
    for (const Relay& relay : relays_) {
      if (relay.from == neighbor) continue;
      terms.push_back({relay.count / total, &relay.mean});
    }
    // No more than this in an honest run: a faulty neighbor must not make this one look faulty.
    const auto count = std::min<std::int64_t>(sum, Letter::kMostModels);
    return {.model = linear_combination(terms),
            .round = own.round,
            .count = static_cast<std::int32_t>(count)};
  }

  void mix(AggregationRequest& request, const Letter&, const HeardLetters& heard) override {
    next_relays_.clear();
    double total = 1.0;
    for (std::size_t k = 0; k < heard.letters.size(); ++k) {
      next_relays_.push_back({.from = request.received[k].sender,
                              .count = heard.letters[k].count,
                              .mean = heard.letters[k].model});
      total += heard.letters[k].count;
    }
    request.own_weight = 1.0 / total;
    for (std::size_t k = 0; k < heard.letters.size(); ++k) {
      request.received[k].weight = heard.letters[k].count / total;
    }
  }

  ModelBuffer conclude(ModelBuffer mixed) override {
    relays_ = std::exchange(next_relays_, {});
    return mixed;
  }

  void persist(Archive& archive) override { archive(relays_, next_relays_); }

 private:
  std::vector<Relay> relays_;       ///< m_{k->i}^{t-1} / c and c, ascending by sender.
  std::vector<Relay> next_relays_;  ///< Of this round, until it is concluded.
};

}  // namespace

std::unique_ptr<Protocol> make_protocol(const RelaySumOptions& options, const PeerView& view) {
  PeerView tree = view;
  std::shared_ptr<const RoundLinks> links;
  std::vector<double> unused_weights;
  if (view.schedule != nullptr) {
    links = view.schedule->links(0);
    tree.schedule = nullptr;
    tree.neighbors = links->receivers(view.self);
    unused_weights.resize(tree.neighbors.size());
    tree.weights = unused_weights;
  }
  return make_synchronous(options, tree, std::make_unique<RelaySum>(), {.count = true});
}

}  // namespace hearsay
