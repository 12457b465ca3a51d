#include "node/protocols/pairwise_averaging.hpp"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "node/base/check.hpp"
#include "node/protocols/linear.hpp"
#include "node/protocols/wake_clock.hpp"

namespace hearsay {
namespace {

constexpr std::uint64_t kIdleTimer = 0;
constexpr std::uint64_t kExchangeTimer = 1;

// What the newest training counts in the mean time from one training to the next.
constexpr double kPaceWeight = 0.5;

class PairwiseAveraging final : public Protocol {
 public:
  PairwiseAveraging(const PairwiseOptions& options, const PeerView& view)
      : options_(options), exchange_(options.exchange, view), rng_(view.rng) {
    HEARSAY_CHECK(options.idle > SimTime{});
  }

  void on_start(ModelBuffer model, StartKind how, Effects& effects) override {
    if (how != StartKind::kRestarted) {
      x_ = std::move(model);
      if (options_.momentum) other_x_ = x_;
    }
    last_ = effects.now;
    exchange_.start(how, effects);
    if (is_done()) {
      finish(effects);
      return;
    }
    if (options_.rate && pace_ > 0.0) set_exchange_timer(effects);
    train(effects);
  }

  Reception on_message(Message message, Effects& effects) override {
    advance(effects.now);
    std::optional<Meeting> meeting;
    const Reception reception = exchange_.on_message(std::move(message), x_, meeting, effects);
    if (has_finished_) return meeting ? Reception::kLate : reception;
    if (meeting) {
      x_ = after_meeting(x_, 0.5, *meeting);
      if (options_.momentum) {
        other_x_ = after_meeting(other_x_, options_.momentum->alpha, *meeting);
      }
      report(effects);
    }
    if (is_done()) finish(effects);
    return reception;
  }

  void on_trained(ModelBuffer model, double, Effects& effects) override {
    advance(effects.now);
    if (options_.momentum) {
      other_x_ = combine({{1.0, &other_x_}, {-1.0, &snapshot_}, {1.0, &model}});
    }
    if (x_.buffer().shares_with(snapshot_.buffer())) {
      x_ = std::move(model);
    } else {
      x_ = combine({{1.0, &x_}, {-1.0, &snapshot_}, {1.0, &model}});
    }
    snapshot_ = {};
    ++trainings_;
    report(effects);
    if (is_done()) {
      exchange_.close();
      finish(effects);
    } else if (effects.now == began_) {
      effects.timers.push_back({.delay = options_.idle, .id = kIdleTimer});
    } else {
      conclude_training(effects);
    }
  }

  void on_aggregated(ModelBuffer, Effects&) override {}

  void on_timer(std::uint64_t id, Effects& effects) override {
    if (id == kIdleTimer) {
      conclude_training(effects);
      return;
    }
    if (id == kExchangeTimer) {
      if (is_done()) return;
      advance(effects.now);
      exchange_.begin_with_any(x_, rng_, effects);
      set_exchange_timer(effects);
      return;
    }
    exchange_.on_timer(id, effects);
    if (is_done()) finish(effects);
  }

  void on_leave(Effects& effects) override { exchange_.neighborhood().say_goodbye(effects); }

  std::vector<PeerId> waiting_for() const override {
    return is_done() && !has_finished_ ? exchange_.awaited() : std::vector<PeerId>();
  }

  void persist(Archive& archive) override {
    archive(x_, other_x_, snapshot_, last_, began_, pace_, trainings_, models_, has_finished_,
            exchange_, rng_);
  }

 private:
  static ModelBuffer after_meeting(const ModelBuffer& x, double weight, const Meeting& meeting) {
    return combine({{1.0, &x}, {-weight, &meeting.own}, {weight, &meeting.other}});
  }

  bool is_done() const { return options_.rounds > 0 && trainings_ == options_.rounds; }

  /// Mixes x and x~ for the time since they were looked at last.
  void advance(SimTime now) {
    const SimTime elapsed = now - std::exchange(last_, now);
    if (!options_.momentum || pace_ <= 0.0 || elapsed <= SimTime{}) return;
    const double tau = elapsed.seconds() / pace_;
    const double d = -std::expm1(-2.0 * options_.momentum->eta * tau) / 2.0;
    const ModelBuffer x = x_;
    x_ = combine({{1.0 - d, &x}, {d, &other_x_}});
    other_x_ = combine({{d, &x}, {1.0 - d, &other_x_}});
  }

  /// A training lies behind the peer, with the pause after it: the next one.
  void conclude_training(Effects& effects) {
    advance(effects.now);
    const double took = (effects.now - began_).seconds();
    const bool is_first = pace_ <= 0.0;
    pace_ = is_first ? took : (1.0 - kPaceWeight) * pace_ + kPaceWeight * took;
    if (options_.rate && is_first) set_exchange_timer(effects);
    train(effects);
  }

  void train(Effects& effects) {
    began_ = effects.now;
    snapshot_ = x_;
    effects.train = TrainRequest{x_};
    if (!options_.rate && !exchange_.is_awaiting()) exchange_.begin_with_any(x_, rng_, effects);
  }

  void set_exchange_timer(Effects& effects) {
    const SimTime mean{std::max<std::int64_t>(1, std::llround(pace_ / *options_.rate * 1e9))};
    effects.timers.push_back({.delay = exponential_delay(mean, rng_), .id = kExchangeTimer});
  }

  void finish(Effects& effects) {
    if (exchange_.is_awaiting()) return;
    if (!effects.completed) report(effects);
    has_finished_ = effects.finished = true;
  }

  void report(Effects& effects) {
    effects.completed = RoundReport{.round = ++models_, .model = x_};
  }

  PairwiseOptions options_;
  PairExchange exchange_;
  Rng rng_;
  ModelBuffer x_;
  ModelBuffer other_x_;   ///< x~; empty without momentum.
  ModelBuffer snapshot_;  ///< What the training under way began with.
  SimTime last_;          ///< When x and x~ were mixed last.
  SimTime began_;         ///< When the training under way began.
  double pace_ = 0.0;     ///< Mean seconds from one training to the next; 0: not known yet.
  int trainings_ = 0;     ///< Done.
  int models_ = 0;        ///< Reported.
  bool has_finished_ = false;
};

}  // namespace

std::unique_ptr<Protocol> make_pairwise_averaging(const PairwiseOptions& options,
                                                  const PeerView& view) {
  return std::make_unique<PairwiseAveraging>(options, view);
}

}  // namespace hearsay
