#include "aggregators/input_vectors.hpp"

#include "node/base/check.hpp"

namespace hearsay {

InputVectors::InputVectors(const AggregationInput& input, const AggregationContext& context) {
  bool placed = false;
  const auto place_own = [&] {
    own_ = rows_.size();
    rows_.push_back(input.own);
    senders_.push_back(context.peer);
    placed = true;
  };
  for (const ReceivedModel& model : input.received) {
    if (!placed && model.sender > context.peer) place_own();
    rows_.push_back(model.values);
    senders_.push_back(model.sender);
  }
  if (!placed) place_own();
}

void InputVectors::report(std::span<const double> shares, const AggregationContext& context) const {
  HEARSAY_CHECK(shares.size() == rows_.size());
  if (context.report == nullptr) return;
  std::vector<double>& influence = context.report->influence;
  influence.assign(shares.begin(), shares.end());
  influence.erase(influence.begin() + static_cast<std::ptrdiff_t>(own_));
}

std::optional<std::string> too_few_inputs(std::string_view rule, int n, int f,
                                          std::string_view bound, int least) {
  if (n >= least) return std::nullopt;
  return std::string(rule) + ": n = " + std::to_string(n) +
         " inputs are too few for f = " + std::to_string(f) +
         ": it needs n >= " + std::string(bound) + " = " + std::to_string(least);
}

}  // namespace hearsay
