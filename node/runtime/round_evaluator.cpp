#include "node/runtime/round_evaluator.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "aggregators/vector_kernels.hpp"
#include "node/base/check.hpp"
#include "node/base/stopwatch.hpp"

namespace hearsay {

static void persist(Archive& archive, ComponentEvaluation& evaluation) {
  archive(evaluation.component, evaluation.peers, evaluation.consensus_distance);
}

namespace {

constexpr std::size_t kBlock = 1024;  // Entries whose sums stay in the first-level cache.

/// A model, and the component of its peer.
struct ComponentModel {
  PeerId component = 0;
  ModelBuffer model;
};

}  // namespace

// One pass: deviations are taken from the first model, which is about as far from the mean
// as the others, so that sum and squares lose no digits against each other.
Consensus consensus_of(const std::vector<ModelBuffer>& models) {
  HEARSAY_CHECK(!models.empty());
  const std::size_t size = models[0].size();
  const auto n = static_cast<double>(models.size());
  Consensus result{.distance = 0.0, .mean = ModelBuffer::uninitialized(size)};
  const std::span<float> mean = result.mean.writable();
  std::vector<double> sums(kBlock);
  std::vector<double> squares(kBlock);
  double total = 0.0;
  for (std::size_t first = 0; first < size; first += kBlock) {
    const std::size_t count = std::min(kBlock, size - first);
    const std::span<double> sum = std::span(sums).first(count);
    const std::span<double> square = std::span(squares).first(count);
    std::ranges::fill(sum, 0.0);
    std::ranges::fill(square, 0.0);
    const std::span<const float> origin = models[0].values().subspan(first, count);
    for (const ModelBuffer& model : models) {
      add_deviations(model.values().subspan(first, count), origin, sum, square);
    }
    for (std::size_t i = 0; i < count; ++i) {
      mean[first + i] = static_cast<float>(origin[i] + sum[i] / n);
      total += std::max(0.0, square[i] - sum[i] * sum[i] / n);
    }
  }
  result.distance = std::sqrt(total / n);
  return result;
}

namespace {

// Consensus distances over all models and within components; `mean` is that of all.
template <class Summary>
Summary summary_of(const std::vector<ComponentModel>& models, ModelBuffer& mean) {
  std::vector<ModelBuffer> all;
  std::map<PeerId, std::vector<ModelBuffer>> by_component;
  for (const ComponentModel& item : models) {
    all.push_back(item.model);
    by_component[item.component].push_back(item.model);
  }
  const Consensus overall = consensus_of(all);
  mean = overall.mean;
  Summary summary;
  summary.consensus_distance = summary.consensus_distance_within = overall.distance;
  double squares = 0.0;
  for (const auto& [component, members] : by_component) {
    const double distance =
        by_component.size() == 1 ? overall.distance : consensus_of(members).distance;
    squares += distance * distance * static_cast<double>(members.size());
    summary.components.push_back({.component = component,
                                  .peers = static_cast<int>(members.size()),
                                  .consensus_distance = distance});
  }
  if (by_component.size() > 1) {
    summary.consensus_distance_within = std::sqrt(squares / static_cast<double>(models.size()));
  }
  return summary;
}

}  // namespace

RoundEvaluator::RoundEvaluator(EvaluationPlan plan, JobPool& pool, Sink sink)
    : plan_(std::move(plan)),
      pool_(pool),
      sink_(std::move(sink)),
      round_of_(static_cast<std::size_t>(plan_.num_peers), 0),
      is_up_(static_cast<std::size_t>(plan_.num_peers), true),
      nanoseconds_(std::make_shared<std::atomic<std::int64_t>>(0)) {
  HEARSAY_CHECK(plan_.every_rounds >= 0);
  for (const PeerId peer : plan_.absent) is_up_[static_cast<std::size_t>(peer)] = false;
}

bool is_evaluated(const EvaluationPlan& plan, int round) {
  if (plan.every_rounds == 0) return false;
  return round % plan.every_rounds == 0 || round == plan.last_round;
}

bool RoundEvaluator::is_evaluated(int round) const { return hearsay::is_evaluated(plan_, round); }

bool RoundEvaluator::tests(PeerId peer) const {
  return std::ranges::binary_search(plan_.peers, peer);
}

RoundEvaluator::Round& RoundEvaluator::open(int number) {
  const auto [found, is_new] = open_.try_emplace(number);
  Round& round = found->second;
  if (is_new) {
    for (std::size_t peer = 0; peer < round_of_.size(); ++peer) {
      if (is_up_[peer] && round_of_[peer] < number) ++round.missing;
    }
  }
  return round;
}

void RoundEvaluator::add(const RoundNotice& notice) {
  int& round_of = round_of_[static_cast<std::size_t>(notice.peer)];
  const bool takes_part = notice.round > last_complete_ && is_evaluated(notice.round);
  if (takes_part) open(notice.round);
  for (auto& [number, round] : open_) {
    if (number > round_of && number <= notice.round) --round.missing;
  }
  round_of = notice.round;
  if (takes_part) {
    HEARSAY_CHECK(!notice.model.empty());
    Entry& entry = open_.at(notice.round).entries[notice.peer];
    entry = entry_of(notice, notice.round == plan_.last_round);
    entry.for_each_test([&](ModelTest& test) { test.start(pool_, nanoseconds_); });
  }
  complete_ready();
}

void RoundEvaluator::add(const SampleNotice& notice) {
  if (notice.peers.empty()) return;
  Round round;
  int newest = 0;
  for (const PeerSample& peer : notice.peers) {
    newest = std::max(newest, peer.round);
    round.entries[peer.peer] = entry_of({.peer = peer.peer,
                                         .time = notice.time,
                                         .round = peer.round,
                                         .model = peer.model,
                                         .trained = {},
                                         .counters = peer.counters},
                                        notice.is_last);
  }
  round.for_each_test([&](ModelTest& test) { test.start(pool_, nanoseconds_); });
  round.result.totals = notice.totals;
  complete(newest, std::move(round));
}

void RoundEvaluator::remove(PeerId peer) {
  is_up_[static_cast<std::size_t>(peer)] = false;
  for (auto& [number, round] : open_) {
    if (number > round_of_[static_cast<std::size_t>(peer)]) --round.missing;
    round.entries.erase(peer);
  }
  complete_ready();
}

void RoundEvaluator::readmit(PeerId peer, int round) {
  is_up_[static_cast<std::size_t>(peer)] = true;
  round_of_[static_cast<std::size_t>(peer)] = round;
  for (auto& [number, other] : open_) {
    if (number > round) ++other.missing;
  }
}

RoundEvaluator::Entry RoundEvaluator::entry_of(const RoundNotice& notice, bool is_last) const {
  const PeerId peer = notice.peer;
  Entry entry{.model = notice.model,
              .result = {.peer = peer, .time = notice.time, .counters = notice.counters}};
  if (!tests(peer)) return entry;
  entry.test = ModelTest(notice.model, EvaluationSet::kTest, peer);
  if (plan_.before_mixing && !notice.trained.empty()) {
    entry.before_mixing = ModelTest(notice.trained, EvaluationSet::kTest, peer);
  }
  if (plan_.local) entry.local = ModelTest(notice.model, EvaluationSet::kLocalTest, peer);
  if (plan_.validation && is_last) {
    entry.validation = ModelTest(notice.model, EvaluationSet::kValidation, peer);
  }
  return entry;
}

// A later round lacks every peer that an earlier one lacks.
void RoundEvaluator::complete_ready() {
  while (!open_.empty() && open_.begin()->second.missing == 0) {
    auto node = open_.extract(open_.begin());
    last_complete_ = node.key();
    Round& round = node.mapped();
    if (round.entries.empty()) continue;
    for (const auto& [peer, entry] : round.entries) round.result.totals += entry.result.counters;
    complete(node.key(), std::move(round));
  }
}

void RoundEvaluator::complete(int number, Round round) {
  settle();
  RoundEvaluation& result = round.result;
  result.round = number;
  result.peers = static_cast<int>(round.entries.size());
  result.live_peers = static_cast<int>(std::ranges::count(is_up_, true));
  auto models = std::make_shared<std::vector<ComponentModel>>();
  for (auto& [peer, entry] : round.entries) {
    result.time = std::max(result.time, entry.result.time);
  }
  const std::vector<PeerId> component_of =
      plan_.components ? plan_.components(result.time) : std::vector<PeerId>();
  for (auto& [peer, entry] : round.entries) {
    if (plan_.components) entry.result.component = component_of[static_cast<std::size_t>(peer)];
    if (std::ranges::binary_search(plan_.attackers, peer)) {
      entry.model = {};
      continue;
    }
    models->push_back({entry.result.component, std::exchange(entry.model, {})});
  }
  complete_ = std::move(round);
  if (models->empty()) return;
  // Before the jobs of the next round: they can work in place once the models are free.
  complete_->summary =
      pool_.submit(complete_->result.time,
                   [models, test_mean = plan_.mean_model, total = nanoseconds_](Learner& learner) {
                     const CpuStopwatch watch;
                     ModelBuffer mean;
                     Summary summary = summary_of<Summary>(*models, mean);
                     models->clear();
                     if (test_mean)
                       summary.mean_model = learner.evaluate(mean, EvaluationSet::kTest, 0);
                     watch.add_to(*total);
                     return summary;
                   });
}

void RoundEvaluator::Entry::settle(JobPool& pool) {
  const auto take = [&pool](ModelTest& each) {
    return each.exists() ? std::optional(each.result(pool)) : std::nullopt;
  };
  result.test = test.result(pool);
  result.before_mixing = take(before_mixing);
  result.local = take(local);
  result.validation = take(validation);
}

void RoundEvaluator::Round::take_summary(JobPool& pool) {
  if (summary == nullptr) return;
  Summary taken = pool.take(std::exchange(summary, nullptr));
  result.consensus_distance = taken.consensus_distance;
  result.consensus_distance_within = taken.consensus_distance_within;
  result.components = std::move(taken.components);
  result.mean_model = taken.mean_model;
}

void RoundEvaluator::settle() {
  if (!complete_) return;
  Round round = std::move(*complete_);
  complete_.reset();
  round.take_summary(pool_);
  for (auto& [peer, entry] : round.entries) {
    if (!entry.test.exists()) continue;
    entry.settle(pool_);
    round.result.tested.push_back(entry.result);
  }
  sink_(round.result);
}

int RoundEvaluator::finish() {
  settle();
  const int dropped = static_cast<int>(open_.size());
  open_.clear();
  return dropped;
}

void RoundEvaluator::Entry::persist(Archive& archive) {
  archive(model, result.peer, result.component, result.time, result.counters, test, before_mixing,
          local, validation);
}

void RoundEvaluator::Round::persist(Archive& archive) {
  archive(entries, missing, result.round, result.time, result.peers, result.live_peers,
          result.totals, result.consensus_distance, result.consensus_distance_within,
          result.components, result.mean_model);
}

void RoundEvaluator::persist(Archive& archive) {
  archive.mark("evaluation");
  const auto for_each_test = [this](auto function) {
    if (complete_) complete_->for_each_test(function);
    for (auto& [number, round] : open_) round.for_each_test(function);
  };
  if (!archive.is_loading()) {
    if (complete_) complete_->take_summary(pool_);
    for_each_test([this](ModelTest& test) { test.hold(pool_); });
  }
  archive(round_of_, is_up_, last_complete_, open_, complete_);
  if (archive.is_loading()) {
    for_each_test([this](ModelTest& test) { test.start(pool_, nanoseconds_); });
  }
}

}  // namespace hearsay
