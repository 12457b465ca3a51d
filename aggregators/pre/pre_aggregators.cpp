#include "aggregators/pre/pre_aggregators.hpp"

#include <algorithm>
#include <type_traits>
#include <utility>

#include "aggregators/input_vectors.hpp"
#include "aggregators/weighting_rule.hpp"
#include "node/base/model_buffer.hpp"

namespace hearsay {
namespace {

constexpr std::size_t kBlock = 4096;  // Coordinates at a time: 512 KiB for 32 rows.

// Memory that a thread's calls leave to its later ones, until it ends: new pages take longer than
// what is written there.
std::vector<ModelBuffer>& idle_buffers() {
  thread_local std::vector<ModelBuffer> idle;
  return idle;
}

// The memory of one call, for vectors that are no original inputs. Stays on its thread.
class Storage {
 public:
  Storage() = default;
  Storage(const Storage&) = delete;
  Storage& operator=(const Storage&) = delete;
  ~Storage() {
    for (ModelBuffer& buffer : taken_) idle_buffers().push_back(std::move(buffer));
  }

  // Not initialized. Too small an idle buffer is given up, so that no more are kept than one call
  // has needed.
  std::span<float> take(std::size_t size) {
    std::vector<ModelBuffer>& idle = idle_buffers();
    ModelBuffer buffer;
    const auto largest = std::ranges::max_element(idle, {}, &ModelBuffer::size);
    if (largest != idle.end()) {
      buffer = std::move(*largest);
      idle.erase(largest);
    }
    if (buffer.empty() || buffer.size() < size) buffer = ModelBuffer::uninitialized(size);
    taken_.push_back(std::move(buffer));
    return taken_.back().writable().first(size);
  }

 private:
  std::vector<ModelBuffer> taken_;
};

// What the next step, or the rule, sees, and how it is made of the original inputs.
struct Stage {
  AggregationInput input;
  std::vector<ReceivedModel> received;
  std::vector<std::vector<double>> shares;  // Of all original rows in each row of now.
};

bool is_input_itself(const Mixture& mixture) {
  const std::size_t member = mixture.members.front();
  return mixture.weights[member] == 1.0 &&
         std::ranges::count(mixture.weights, 0.0) + 1 == std::ssize(mixture.weights);
}

// What the mixtures are. Those that are no input themselves are made in one pass over memory,
// into `storage`.
std::vector<std::span<const float>> mixed(Rows rows, const std::vector<Mixture>& mixtures,
                                          Storage& storage) {
  const std::size_t length = rows.front().size();
  std::vector<const Mixture*> made;
  for (const Mixture& mixture : mixtures) {
    if (!is_input_itself(mixture)) made.push_back(&mixture);
  }
  const std::span<float> all = storage.take(made.size() * length);
  for (std::size_t first = 0; first < length; first += kBlock) {
    const std::size_t size = std::min(kBlock, length - first);
    std::vector<std::span<const float>> parts;
    for (const std::span<const float> row : rows) parts.push_back(row.subspan(first, size));
    for (std::size_t m = 0; m < made.size(); ++m) {
      combine_rows(parts, made[m]->weights, all.subspan(m * length + first, size));
    }
  }
  std::vector<std::span<const float>> values;
  std::size_t next = 0;
  for (const Mixture& mixture : mixtures) {
    values.push_back(is_input_itself(mixture) ? rows[mixture.members.front()]
                                              : all.subspan(length * next++, length));
  }
  return values;
}

std::vector<double> composed(const Mixture& mixture,
                             const std::vector<std::vector<double>>& shares) {
  std::vector<double> total(shares.front().size(), 0.0);
  for (std::size_t i = 0; i < shares.size(); ++i) {
    for (std::size_t k = 0; k < total.size(); ++k) {
      total[k] += mixture.weights[i] * shares[i][k];
    }
  }
  return total;
}

// Whose place a mixture takes, but for its values.
class Places {
 public:
  Places(const AggregationInput& input, const InputVectors& x) : own_(x.own()) {
    for (const ReceivedModel& model : input.received) places_.push_back(model);
    places_.insert(places_.begin() + static_cast<std::ptrdiff_t>(own_),
                   ReceivedModel{.weight = input.own_weight, .samples = input.own_samples});
  }

  bool holds_own(const Mixture& mixture) const {
    return std::ranges::find(mixture.members, own_) != mixture.members.end();
  }

  ReceivedModel merged(const Mixture& mixture) const {
    ReceivedModel place = places_[mixture.members.front()];
    for (const std::size_t i : std::span(mixture.members).subspan(1)) {
      place.weight += places_[i].weight;
      place.samples += places_[i].samples;
      place.round = std::min(place.round, places_[i].round);
    }
    return place;
  }

 private:
  std::size_t own_;
  std::vector<ReceivedModel> places_;
};

Stage apply(const PreAggregator& step, const Stage& before, const AggregationContext& context,
            Storage& storage) {
  const InputVectors x(before.input, context);
  const Places places(before.input, x);
  const std::vector<Mixture> mixtures = step.mix(x, context);
  Stage after{.input = before.input};
  const auto values = mixed(x.rows(), mixtures, storage);
  std::vector<double> own_shares;
  for (std::size_t m = 0; m < mixtures.size(); ++m) {
    ReceivedModel place = places.merged(mixtures[m]);
    std::vector<double> shares = composed(mixtures[m], before.shares);
    if (places.holds_own(mixtures[m])) {
      after.input.own = values[m];
      after.input.own_weight = place.weight;
      after.input.own_samples = place.samples;
      own_shares = std::move(shares);
    } else {
      place.values = values[m];
      after.received.push_back(place);
      after.shares.push_back(std::move(shares));
    }
  }
  after.input.received = after.received;
  const auto own = static_cast<std::ptrdiff_t>(InputVectors(after.input, context).own());
  after.shares.insert(after.shares.begin() + own, std::move(own_shares));
  return after;
}

class PreAggregated final : public Aggregator {
 public:
  PreAggregated(std::unique_ptr<Aggregator> rule, std::vector<std::unique_ptr<PreAggregator>> steps)
      : rule_(std::move(rule)), steps_(std::move(steps)) {}

  void aggregate(const AggregationInput& input, const AggregationContext& context,
                 std::span<float> result) const override {
    Storage storage;
    Stage stage = first_stage(input);
    for (const auto& step : steps_) {
      if (stage.input.received.empty()) break;
      stage = apply(*step, stage, context, storage);
    }
    rule_->aggregate(stage.input, context, result);
    if (context.report != nullptr) translate(stage, input, context);
  }

  bool needs_previous() const override { return rule_->needs_previous(); }
  bool needs_oracle() const override { return rule_->needs_oracle(); }
  std::unique_ptr<AggregatorState> make_state() const override { return rule_->make_state(); }

  std::optional<std::string> infeasible(int inputs) const override {
    for (const auto& step : steps_) {
      if (auto why = step->infeasible(inputs)) return why;
      inputs = step->outputs(inputs);
    }
    return rule_->infeasible(inputs);
  }

 private:
  static Stage first_stage(const AggregationInput& input) {
    const std::size_t n = input.received.size() + 1;
    Stage stage{.input = input};
    stage.shares.assign(n, std::vector<double>(n, 0.0));
    for (std::size_t i = 0; i < n; ++i) stage.shares[i][i] = 1.0;
    return stage;
  }

  // From shares of what the rule saw to shares of the original inputs.
  static void translate(const Stage& stage, const AggregationInput& input,
                        const AggregationContext& context) {
    std::vector<double>& influence = context.report->influence;
    if (influence.size() != stage.input.received.size()) return;
    double own_share = 1.0;
    for (const double share : influence) own_share -= share;
    const std::size_t own = InputVectors(stage.input, context).own();
    influence.insert(influence.begin() + static_cast<std::ptrdiff_t>(own), own_share);
    std::vector<double> shares(input.received.size() + 1, 0.0);
    for (std::size_t v = 0; v < influence.size(); ++v) {
      for (std::size_t i = 0; i < shares.size(); ++i) {
        shares[i] += influence[v] * stage.shares[v][i];
      }
    }
    InputVectors(input, context).report(shares, context);
  }

  std::unique_ptr<Aggregator> rule_;
  std::vector<std::unique_ptr<PreAggregator>> steps_;
};

}  // namespace

Space space_of(const std::vector<PreAggregationOptions>& steps) {
  const auto is_update = [](const PreAggregationOptions& options) {
    return std::visit(
        [](const auto& step) { return space_of<std::decay_t<decltype(step)>>() == Space::kUpdate; },
        options.step);
  };
  return std::ranges::any_of(steps, is_update) ? Space::kUpdate : Space::kModel;
}

std::unique_ptr<Aggregator> make_pre_aggregated(std::unique_ptr<Aggregator> rule,
                                                const std::vector<PreAggregationOptions>& steps) {
  if (steps.empty()) return rule;
  std::vector<std::unique_ptr<PreAggregator>> made;
  for (const PreAggregationOptions& options : steps) {
    made.push_back(
        std::visit([](const auto& step) { return make_pre_aggregator(step); }, options.step));
  }
  return std::make_unique<PreAggregated>(std::move(rule), std::move(made));
}

}  // namespace hearsay
