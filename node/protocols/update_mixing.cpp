#include "node/protocols/update_mixing.hpp"

#include <algorithm>
#include <utility>

#include "node/base/check.hpp"
#include "node/protocols/linear.hpp"

namespace hearsay {
namespace {

struct WeighedUpdate {
  const Update* update = nullptr;
  double weight = 0.0;
};

// All updates of one sender.
HeardModel offer(std::span<const WeighedUpdate> updates, const UpdateMix& mix) {
  HeardModel offered{.sender = updates[0].update->sender, .model = {}};
  for (const WeighedUpdate& item : updates) {
    offered.weight += item.weight;
    offered.round = std::max(offered.round, item.update->version);
  }
  std::vector<Term> terms{{1.0, &mix.model}};
  for (const WeighedUpdate& item : updates) {
    // A weight may be so small that it is 0.
    const double share = offered.weight > 0.0 ? item.weight / offered.weight : 0.0;
    terms.push_back({share, &item.update->change});
  }
  offered.model = linear_combination(terms);
  return offered;
}

}  // namespace

AggregationRequest request_for(std::span<const Update> updates, const UpdateMix& mix,
                               const StalenessOptions& staleness) {
  HEARSAY_CHECK(!updates.empty());
  std::vector<WeighedUpdate> weighed;
  for (const Update& update : updates) {
    const double weight = mix.factor * staleness_weight(staleness, mix.version - update.version);
    weighed.push_back({&update, weight});
  }
  std::ranges::stable_sort(weighed, {},
                           [](const WeighedUpdate& item) { return item.update->sender; });
  AggregationRequest request{.round = mix.version,
                             .own_weight = 1.0,
                             .own = mix.model,
                             .previous = mix.keep_previous ? mix.model : ModelBuffer{},
                             .received = {}};
  for (auto first = weighed.begin(); first != weighed.end();) {
    const auto last = std::find_if(first, weighed.end(), [&](const WeighedUpdate& item) {
      return item.update->sender != first->update->sender;
    });
    request.received.push_back(offer({first, last}, mix));
    request.own_weight -= request.received.back().weight;
    first = last;
  }
  return request;
}

}  // namespace hearsay
