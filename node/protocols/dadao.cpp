#include "node/protocols/dadao.hpp"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "node/base/check.hpp"
#include "node/protocols/dadao_state.hpp"
#include "node/protocols/pair_exchange.hpp"
#include "node/protocols/wake_clock.hpp"
#include "topologies/gossip_rates.hpp"

namespace hearsay {
namespace {

constexpr std::uint64_t kGradientTimer = 0;
constexpr std::uint64_t kMeetingTimer = 1;

const GossipPlan& plan_in(const PeerView& view) {
  HEARSAY_CHECK(view.plan != nullptr);
  return *view.plan;
}

ModelBuffer rounded(const Eigen::RowVectorXd& vector) {
  ModelBuffer buffer = ModelBuffer::uninitialized(static_cast<std::size_t>(vector.size()));
  std::ranges::transform(vector, buffer.writable().begin(),
                         [](double value) { return static_cast<float>(value); });
  return buffer;
}

/// a - b, exact.
Eigen::RowVectorXd difference(const ModelBuffer& a, const ModelBuffer& b) {
  Eigen::RowVectorXd result(static_cast<Eigen::Index>(a.size()));
  std::ranges::transform(a.values(), b.values(), result.begin(),
                         [](float x, float y) { return double{x} - double{y}; });
  return result;
}

DadaoConstants constants_for(const DadaoOptions& options, const PeerView& view) {
  const double chi1 = plan_in(view).constants.chi1;
  if (options.convexity > 0.0) {
    return dadao_constants(options.convexity * options.condition, options.convexity, chi1);
  }
  HEARSAY_CHECK(view.curvature.has_value());
  return dadao_constants(view.curvature->greatest, view.curvature->least, chi1);
}

class Dadao final : public Protocol {
 public:
  Dadao(const DadaoOptions& options, const PeerView& view)
      : options_(options),
        state_(constants_for(options, view)),
        exchange_({.kind = MessageKind::kTracker,
                   .timeout = options.timeout,
                   .attempts = options.attempts},
                  view),
        rng_(view.rng) {
    const std::span<const double> rates = plan_in(view).rates.of(view.self);
    HEARSAY_CHECK(rates.size() == view.neighbors.size());
    for (std::size_t k = 0; k < rates.size(); ++k) {
      if (view.neighbors[k] > view.self) total_rate_ += rates[k];
      rates_up_to_.push_back(total_rate_);
    }
  }

  void on_start(ModelBuffer model, StartKind how, Effects& effects) override {
    if (how != StartKind::kRestarted) state_.start(model.values());
    last_ = effects.now;
    snapshot_ = {};
    due_ = 0;
    exchange_.start(how, effects);
    if (is_done()) {
      finish(effects);
      return;
    }
    set_gradient_timer(effects);
    if (total_rate_ > 0.0) set_meeting_timer(effects);
  }

  Reception on_message(Message message, Effects& effects) override {
    advance(effects.now);
    std::optional<Meeting> meeting;
    const Reception reception =
        exchange_.on_message(std::move(message), rounded(state_.dual()), meeting, effects);
    if (has_finished_) return meeting ? Reception::kLate : reception;
    if (meeting) state_.meet(difference(meeting->own, meeting->other));
    if (is_done()) finish(effects);
    return reception;
  }

  void on_trained(ModelBuffer model, double, Effects& effects) override {
    advance(effects.now);
    state_.apply_gradient(difference(std::exchange(snapshot_, {}), model));
    ++gradients_;
    --due_;
    report(effects);
    if (is_done()) {
      exchange_.close();
      finish(effects);
    } else if (due_ > 0) {
      train(effects);
    }
  }

  void on_aggregated(ModelBuffer, Effects&) override {}

  void on_timer(std::uint64_t id, Effects& effects) override {
    if (id == kGradientTimer) {
      if (++due_ == 1) train(effects);
      if (options_.rounds == 0 || gradients_ + due_ < options_.rounds) set_gradient_timer(effects);
    } else if (id == kMeetingTimer) {
      if (is_done()) return;
      advance(effects.now);
      exchange_.begin_with(draw_neighbor(), rounded(state_.dual()), effects);
      set_meeting_timer(effects);
    } else {
      exchange_.on_timer(id, effects);
      if (is_done()) finish(effects);
    }
  }

  void on_leave(Effects& effects) override { exchange_.neighborhood().say_goodbye(effects); }

  std::vector<PeerId> waiting_for() const override {
    return is_done() && !has_finished_ ? exchange_.awaited() : std::vector<PeerId>();
  }

  void persist(Archive& archive) override {
    archive(state_, exchange_, rng_, last_, snapshot_, gradients_, due_, has_finished_);
  }

 private:
  bool is_done() const { return options_.rounds > 0 && gradients_ == options_.rounds; }

  void advance(SimTime now) {
    const SimTime elapsed = now - std::exchange(last_, now);
    state_.advance(elapsed.seconds() / options_.period.seconds());
  }

  void train(Effects& effects) {
    advance(effects.now);
    snapshot_ = rounded(state_.rows().row(DadaoState::kX));
    effects.train = TrainRequest{snapshot_};
  }

  /// Among the higher neighbors, each with a probability in proportion to its edge's rate.
  std::size_t draw_neighbor() {
    const double drawn = rng_.uniform() * total_rate_;
    const auto found = std::ranges::upper_bound(rates_up_to_, drawn);
    return static_cast<std::size_t>(std::min(found, rates_up_to_.end() - 1) - rates_up_to_.begin());
  }

  void set_gradient_timer(Effects& effects) {
    effects.timers.push_back(
        {.delay = exponential_delay(options_.period, rng_), .id = kGradientTimer});
  }

  void set_meeting_timer(Effects& effects) {
    const double mean = options_.period.seconds() / total_rate_ * 1e9;
    const SimTime rounded_mean{std::max<std::int64_t>(1, std::llround(mean))};
    effects.timers.push_back({.delay = exponential_delay(rounded_mean, rng_), .id = kMeetingTimer});
  }

  void finish(Effects& effects) {
    if (exchange_.is_awaiting()) return;
    if (!effects.completed) report(effects);
    has_finished_ = effects.finished = true;
  }

  void report(Effects& effects) const {
    effects.completed =
        RoundReport{.round = gradients_, .model = rounded(state_.rows().row(DadaoState::kX))};
  }

  DadaoOptions options_;
  DadaoState state_;
  PairExchange exchange_;
  Rng rng_;
  std::vector<double> rates_up_to_;  ///< By position, of edges to higher neighbors, summed up.
  double total_rate_ = 0.0;          ///< Of these, per period.
  SimTime last_;                     ///< The time of the state.
  ModelBuffer snapshot_;             ///< What the gradient under way is taken at.
  int gradients_ = 0;                ///< Done.
  int due_ = 0;                      ///< Not done, the one under way included.
  bool has_finished_ = false;
};

}  // namespace

std::unique_ptr<Protocol> make_protocol(const DadaoOptions& options, const PeerView& view) {
  return std::make_unique<Dadao>(options, view);
}

std::optional<GossipPlan> plan_of(const DadaoOptions& options, const Graph& graph) {
  if (graph.num_peers() == 1) {
    return GossipPlan{.rates = EdgeRates::uniform(graph, 0.0), .constants = {}};
  }
  const EdgeRates unit = EdgeRates::uniform(graph, 1.0);
  const EdgeRates rates = options.rates == DadaoRates::kOptimal
                              ? optimal_rates(graph)
                              : unit.scaled(sufficient_rate(gossip_constants(unit)));
  return GossipPlan{.rates = rates, .constants = gossip_constants(rates)};
}

std::optional<std::string> unfit(const DadaoOptions&, const Graph& graph) {
  return unfit_for_plan(graph);
}

std::optional<std::string> unfit(const DadaoOptions& options,
                                 const std::optional<Curvature>& curvature) {
  if (options.convexity > 0.0 && options.condition < 1.0) {
    return ".condition: " + std::to_string(options.condition) +
           ", with a convexity given it must be at least 1";
  }
  if (options.convexity > 0.0) return std::nullopt;
  if (options.condition > 0.0) return ".convexity: missing; give it beside condition";
  if (curvature) return std::nullopt;
  return ".convexity: missing; the training does not tell how the objectives bend, so give "
         "convexity and condition, or take a model with an objective of its own and one plain "
         "step of sgd";
}

}  // namespace hearsay
