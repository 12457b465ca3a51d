#include "node/runtime/round_evaluator.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "aggregators/vector_kernels.hpp"
#include "node/base/check.hpp"
#include "node/base/stopwatch.hpp"

namespace hearsay {
namespace {

constexpr std::size_t kBlock = 1024;  // Entries whose sums stay in the first-level cache.

// Behind all jobs that the simulation itself waits for.
constexpr SimTime kWhenIdle = SimTime::max();

void add_time(std::atomic<std::int64_t>& total, const CpuStopwatch& watch) {
  total.fetch_add(static_cast<std::int64_t>(watch.seconds() * 1e9), std::memory_order_relaxed);
}

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

RoundEvaluator::RoundEvaluator(EvaluationPlan plan, JobPool& pool, Sink sink)
    : plan_(std::move(plan)),
      pool_(pool),
      sink_(std::move(sink)),
      nanoseconds_(std::make_shared<std::atomic<std::int64_t>>(0)) {
  HEARSAY_CHECK(plan_.every_rounds >= 1);
}

bool RoundEvaluator::is_evaluated(int round) const {
  return round % plan_.every_rounds == 0 || round == plan_.last_round;
}

RoundEvaluator::EvaluationTask RoundEvaluator::submit(const ModelBuffer& model, EvaluationSet set,
                                                      PeerId peer) {
  return pool_.submit(kWhenIdle, [model, set, peer, total = nanoseconds_](Learner& learner) {
    const CpuStopwatch watch;
    const Evaluation evaluation = learner.evaluate(model, set, peer);
    add_time(*total, watch);
    return evaluation;
  });
}

void RoundEvaluator::add(const RoundNotice& notice) {
  if (!is_evaluated(notice.round)) return;
  Round& round = open_[notice.round];
  round.models.resize(static_cast<std::size_t>(plan_.num_peers));
  ModelBuffer& slot = round.models[static_cast<std::size_t>(notice.peer)];
  HEARSAY_CHECK(slot.empty());
  HEARSAY_CHECK(!notice.model.empty());
  slot = notice.model;
  round.result.round = notice.round;
  round.result.time = std::max(round.result.time, notice.time);
  round.result.totals += notice.counters;
  if (std::ranges::binary_search(plan_.peers, notice.peer)) {
    round.peers.push_back(start_tests(notice));
  }
  if (++round.result.peers == plan_.num_peers) {
    auto node = open_.extract(notice.round);
    complete(std::move(node.mapped()));
  }
}

RoundEvaluator::PendingPeer RoundEvaluator::start_tests(const RoundNotice& notice) {
  const PeerId peer = notice.peer;
  PendingPeer pending{.result = {.peer = peer, .time = notice.time, .counters = notice.counters},
                      .test = submit(notice.model, EvaluationSet::kTest, peer)};
  if (plan_.before_mixing) {
    pending.before_mixing = submit(notice.trained, EvaluationSet::kTest, peer);
  }
  if (plan_.local) pending.local = submit(notice.model, EvaluationSet::kLocalTest, peer);
  if (plan_.validation && notice.round == plan_.last_round) {
    pending.validation = submit(notice.model, EvaluationSet::kValidation, peer);
  }
  return pending;
}

void RoundEvaluator::complete(Round round) {
  settle();
  const bool test_mean = plan_.mean_model;
  // Before the jobs of the next round: they can work in place once the models are free.
  const SimTime due = round.result.time;
  auto models = std::make_shared<std::vector<ModelBuffer>>(std::move(round.models));
  round.summary =
      pool_.submit(due, [models, test_mean, total = nanoseconds_](Learner& learner) {
        const CpuStopwatch watch;
        const Consensus consensus = consensus_of(*models);
        models->clear();
        Summary summary{.consensus_distance = consensus.distance, .mean_model = {}};
        if (test_mean) {
          summary.mean_model = learner.evaluate(consensus.mean, EvaluationSet::kTest, 0);
        }
        add_time(*total, watch);
        return summary;
      });
  complete_ = std::move(round);
}

void RoundEvaluator::settle() {
  if (!complete_) return;
  Round round = std::move(*complete_);
  complete_.reset();
  const Summary summary = pool_.take(round.summary);
  round.result.consensus_distance = summary.consensus_distance;
  round.result.mean_model = summary.mean_model;
  std::ranges::sort(round.peers, {},
                    [](const PendingPeer& pending) { return pending.result.peer; });
  for (PendingPeer& pending : round.peers) {
    pending.result.test = pool_.take(pending.test);
    if (pending.before_mixing) pending.result.before_mixing = pool_.take(pending.before_mixing);
    if (pending.local) pending.result.local = pool_.take(pending.local);
    if (pending.validation) pending.result.validation = pool_.take(pending.validation);
    round.result.tested.push_back(pending.result);
  }
  sink_(round.result);
}

int RoundEvaluator::finish() {
  settle();
  const int dropped = static_cast<int>(open_.size());
  open_.clear();
  return dropped;
}

}  // namespace hearsay
