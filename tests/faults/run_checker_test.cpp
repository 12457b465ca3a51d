// That the checkers of the sweep notice what they are there for: runs that go wrong, by hand.
#include "tests/faults/run_checker.hpp"

#include <gtest/gtest.h>

#include <functional>

#include "scenarios/experiment.hpp"
#include "scenarios/loader.hpp"

namespace hearsay {
namespace {

SimTime ms(std::int64_t value) { return {value * 1'000'000}; }

using Deed = std::function<void(Effects&)>;

/// Does what it is told, whatever happens.
class Puppet final : public Protocol {
 public:
  explicit Puppet(Deed& deed) : deed_(deed) {}

  void on_start(ModelBuffer, StartKind, Effects& effects) override { deed_(effects); }
  Reception on_message(Message, Effects& effects) override {
    deed_(effects);
    return Reception::kAccepted;
  }
  void on_trained(ModelBuffer, double, Effects& effects) override { deed_(effects); }
  void on_aggregated(ModelBuffer, Effects& effects) override { deed_(effects); }
  void on_timer(std::uint64_t, Effects& effects) override { deed_(effects); }
  void on_leave(Effects& effects) override { deed_(effects); }
  std::vector<PeerId> waiting_for() const override { return {}; }
  void persist(Archive&) override {}

 private:
  Deed& deed_;
};

// Peer 0 of a ring of four quadratics that start from one model and stay there; it is
// frozen from 50 to 60 ms and down from 100 ms on, and cut off from peer 1 from 30 to 40 ms. A
// test plays the runtime.
class RunCheckerTest : public testing::Test {
 protected:
  RunCheckerTest() { call_at(ms(0)).on_start(model(), StartKind::kTogether, effects_); }

  // The peer's protocol, ready for a call at this time.
  Protocol& call_at(SimTime now) {
    effects_ = {};
    effects_.now = now;
    return *peer_;
  }

  ModelBuffer model() const { return experiment_.problem().initial_model(0); }

  Message hello(PeerId from) const { return {.from = from, .to = 0, .kind = MessageKind::kHello}; }

  // A call that is in order, but for what the peer does then.
  void let_it(Deed deed, SimTime now = ms(1)) {
    deed_ = std::move(deed);
    call_at(now).on_timer(0, effects_);
    deed_ = [](Effects&) {};
  }

  void report(int round, ModelBuffer model, PeerCounters counters = {}) {
    checker_.on_round({.peer = 0, .round = round, .model = std::move(model), .counters = counters});
  }

  void expect_complaint(const std::string& text) const {
    for (const std::string& complaint : checker_.complaints()) {
      if (complaint.find(text) != std::string::npos) return;
    }
    ADD_FAILURE() << "no complaint that a peer " << text;
  }

  Scenario scenario_ = parse_scenario(
      "{name: x, peers: 4, model: {kind: quadratic}, training: {optimizer: {kind: sgd, lr: "
      "1e-30}}, faults: "
      "[{at: 50ms, freeze: [0], until: 60ms}, {at: 100ms, crash: [0]}, {at: 30ms, link_down: [[0, "
      "1]], until: 40ms}]}",
      "x");
  Experiment experiment_{scenario_, choose_kernels(false)};
  std::atomic<bool> stop_{false};
  RunChecker checker_{scenario_, experiment_.problem(), experiment_.faults(), stop_};
  Deed deed_ = [](Effects& effects) {
    for (int i = 0; i < 9; ++i) effects.timers.push_back({.delay = ms(1), .id = 0});
  };
  std::unique_ptr<Protocol> peer_ =
      checker_.watch([this](PeerId, SimTime) { return std::make_unique<Puppet>(deed_); })(0, {});
  Effects effects_;
};

TEST_F(RunCheckerTest, HasNothingAgainstAPeerThatBehaves) {
  let_it([this](Effects& effects) {
    effects.train = TrainRequest{model()};
    effects.sends.push_back({.to = 1, .kind = MessageKind::kHello});
  });
  call_at(ms(3)).on_trained(model(), 0.0, effects_);
  let_it([this](Effects& effects) { effects.aggregate = {.own_weight = 1.0, .own = model()}; },
         ms(3));
  call_at(ms(4)).on_aggregated(model(), effects_);
  report(1, model());
  EXPECT_EQ(checker_.complaints(), std::vector<std::string>{});
}

TEST_F(RunCheckerTest, NoticesWhatIsDoneTwice) {
  let_it([this](Effects& effects) { effects.train = TrainRequest{model()}; });
  let_it([this](Effects& effects) { effects.train = TrainRequest{model()}; });
  expect_complaint("trains twice");
  let_it([this](Effects& effects) { effects.aggregate = {.own_weight = 1.0, .own = model()}; });
  let_it([this](Effects& effects) { effects.aggregate = {.own_weight = 1.0, .own = model()}; });
  expect_complaint("aggregates twice");
  let_it([this](Effects& effects) { effects.completed = {.round = 1, .model = model()}; });
  let_it([this](Effects& effects) { effects.completed = {.round = 1, .model = model()}; });
  expect_complaint("does round 1 again");
}

TEST_F(RunCheckerTest, NoticesWhatNobodyAskedFor) {
  call_at(ms(1)).on_trained(model(), 0.0, effects_);
  expect_complaint("a training it did not ask for");
  call_at(ms(1)).on_aggregated(model(), effects_);
  expect_complaint("an aggregation it did not ask for");
  call_at(ms(1)).on_timer(7, effects_);
  expect_complaint("a timer early, or one it did not set");
}

TEST_F(RunCheckerTest, NoticesMessagesOutOfNowhere) {
  (void)call_at(ms(1)).on_message(hello(1), effects_);
  expect_complaint("hears from 1 what it did not send");
  let_it([](Effects& effects) { effects.sends.push_back({.to = 2, .kind = MessageKind::kHello}); });
  expect_complaint("sends to 2, who is no neighbor");
}

TEST_F(RunCheckerTest, NoticesMessagesOverLinksThatAreDown) {
  auto peer_1 =
      checker_.watch([this](PeerId, SimTime) { return std::make_unique<Puppet>(deed_); })(1, {});
  Effects effects{.now = ms(0)};
  deed_ = [](Effects&) {};
  peer_1->on_start(model(), StartKind::kTogether, effects);
  deed_ = [](Effects& done) { done.sends.push_back({.to = 0, .kind = MessageKind::kHello}); };
  effects.now = ms(35);
  (void)peer_1->on_message({.from = 0, .to = 1, .kind = MessageKind::kHello}, effects);
  deed_ = [](Effects&) {};
  (void)call_at(ms(45)).on_message(hello(1), effects_);
  expect_complaint("hears from 1 over a link that was down");
}

TEST_F(RunCheckerTest, NoticesCallsOfThoseWhoCannotHear) {
  let_it([](Effects&) {}, ms(55));
  expect_complaint("is called while it is frozen");
  checker_.on_change(0, {.time = ms(70), .kind = PeerChangeKind::kCrash});
  let_it([](Effects&) {}, ms(80));
  expect_complaint("is called while it is down");
  let_it([](Effects&) {}, ms(100));
  expect_complaint("acts at a time when it is down");
  let_it([](Effects&) {}, ms(99));
  expect_complaint("sees its clock run backwards");
}

TEST_F(RunCheckerTest, NoticesWeightsThatAreNotOneInAll) {
  let_it([this](Effects& effects) {
    effects.aggregate = {.own_weight = 0.5, .own = model(), .received = {}};
    effects.aggregate->received.push_back({.sender = 1, .weight = 0.4, .model = model()});
  });
  expect_complaint("combines with weights of 0.9 in all");
}

TEST_F(RunCheckerTest, NoticesAModelThatHasLeftItsSpan) {
  ModelBuffer other = model();
  other.make_writable();
  other.writable()[3] += 0.01F;
  report(1, std::move(other));
  expect_complaint("has left what the initial models span: parameter 3");
}

TEST_F(RunCheckerTest, NoticesAPeerBusyForLongerThanUp) {
  report(1, model(), {.busy = ms(2), .up = ms(1)});
  expect_complaint("was busy longer than up");
}

TEST_F(RunCheckerTest, NoticesMessagesAndPeersThatAreMissing) {
  let_it([](Effects& effects) { effects.sends.push_back({.to = 1, .kind = MessageKind::kHello}); });
  SimulationOutcome outcome{.model_digest = 1};
  outcome.totals.messages_sent = 1;
  checker_.conclude(outcome);
  expect_complaint("fates of messages: 0 counted, 1 seen");
  expect_complaint("stalls without a reason");
  expect_complaint("0 peers wait, not 1");
}

}  // namespace
}  // namespace hearsay
