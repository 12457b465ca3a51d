#include "node/runtime/aggregation.hpp"

#include <algorithm>
#include <optional>
#include <vector>

#include "node/base/check.hpp"
#include "node/runtime/peer_loop.hpp"

namespace hearsay {
namespace {

std::int64_t samples_owned(const SimulationWorld& world, PeerId peer, SimTime now) {
  return world.faults.owns_data(peer, now) ? world.problem.train_samples(peer) : 0;
}

std::vector<ReceivedModel> received_by(const SimulationWorld& world, SimTime now,
                                       const AggregationRequest& request) {
  std::vector<ReceivedModel> received;
  received.reserve(request.received.size());
  for (const HeardModel& heard : request.received) {
    received.push_back({.sender = heard.sender,
                        .weight = heard.weight,
                        .samples = samples_owned(world, heard.sender, now),
                        .round = heard.round,
                        .values = heard.model.values()});
  }
  return received;
}

std::span<const PeerId> attackers_in(const SimulationWorld& world) {
  if (world.adversaries == nullptr) return {};
  return world.adversaries->peers();
}

void add_influence(const Adversaries& adversaries, std::span<const ReceivedModel> received,
                   const AggregationReport& report, AggregationResult& result) {
  if (report.influence.empty()) return;
  HEARSAY_CHECK(report.influence.size() == received.size());
  const auto n = static_cast<double>(received.size() + 1);
  for (std::size_t i = 0; i < received.size(); ++i) {
    if (!adversaries.is_attacker(received[i].sender)) continue;
    ++result.attacks;
    result.influence += std::min(1.0, n * report.influence[i]);
  }
}

}  // namespace

void AggregationResult::persist(Archive& archive) {
  archive(model, round, incidents.not_finite, incidents.infeasible, attacks, influence);
}

double LearnerOracle::loss(std::span<const float> model) {
  return learner_.evaluate(ModelBuffer::copy_of(model), EvaluationSet::kValidation, peer_).loss;
}

std::vector<ClassScore> LearnerOracle::class_scores(std::span<const float> model) {
  return learner_.class_scores(ModelBuffer::copy_of(model), peer_);
}

AggregationResult aggregate(const SimulationWorld& world, PeerId peer, SimTime now,
                            const AggregationRequest& request, AggregatorState* state,
                            Learner* learner) {
  const std::vector<ReceivedModel> received = received_by(world, now, request);
  const bool is_watched = world.adversaries != nullptr && !world.adversaries->is_attacker(peer);
  std::optional<LearnerOracle> oracle;
  if (world.aggregator.needs_oracle()) oracle.emplace(*learner, peer);
  AggregationResult result{.model = ModelBuffer::uninitialized(request.own.size()),
                           .round = request.round};
  AggregationReport report;
  const AggregationContext context{.layout = world.problem.layout(),
                                   .peer = peer,
                                   .round = request.round,
                                   .stream = world.aggregation_rng,
                                   .state = state,
                                   .oracle = oracle ? &*oracle : nullptr,
                                   .report = is_watched ? &report : nullptr,
                                   .incidents = &result.incidents,
                                   .attackers = attackers_in(world)};
  world.aggregator.aggregate({.own_weight = request.own_weight,
                              .own_samples = samples_owned(world, peer, now),
                              .own = request.own.values(),
                              .previous = request.previous.values(),
                              .received = received},
                             context, result.model.writable());
  if (is_watched) add_influence(*world.adversaries, received, report, result);
  return result;
}

}  // namespace hearsay
