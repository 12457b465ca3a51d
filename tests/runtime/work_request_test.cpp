// What a protocol may ask of its peer's work and messages.
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "tests/runtime/simulation_fixture.hpp"
#include "tests/support/echo_problem.hpp"

namespace hearsay {
namespace {

SimTime ms(std::int64_t value) { return {value * 1'000'000}; }

/// What one peer went through, in order.
using Diary = std::vector<std::string>;

/// A protocol that does what the test says, and keeps a diary.
class Scripted final : public Protocol {
 public:
  using Script = std::function<void(const std::string& occasion, Effects&)>;

  Scripted(Diary& diary, Script script) : diary_(diary), script_(std::move(script)) {}

  void on_start(ModelBuffer model, StartKind, Effects& effects) override {
    model_ = std::move(model);
    note("start", effects);
  }
  Reception on_message(Message message, Effects& effects) override {
    const std::span<const std::byte> data = message.data.bytes();
    note("heard " + std::string(reinterpret_cast<const char*>(data.data()), data.size()) +
             (message.model.empty() ? "" : " and a model"),
         effects);
    return Reception::kAccepted;
  }
  void on_trained(ModelBuffer model, double, Effects& effects) override {
    note("trained to " + std::to_string(static_cast<int>(model.values()[0])), effects);
  }
  void on_aggregated(ModelBuffer, Effects&) override {}
  void on_timer(std::uint64_t id, Effects& effects) override {
    note("timer " + std::to_string(id), effects);
  }
  void on_leave(Effects&) override {}
  std::vector<PeerId> waiting_for() const override { return {}; }
  void persist(Archive&) override {}

 private:
  void note(const std::string& occasion, Effects& effects) {
    diary_.push_back(std::to_string(effects.now.nanoseconds / 1'000'000) + " ms: " + occasion);
    script_(occasion, effects);
  }

  Diary& diary_;
  Script script_;
  ModelBuffer model_;
};

struct Outcome {
  Diary diary;
  SimulationOutcome outcome;
};

/// Runs two peers; peer 1 follows the script, peer 0 only starts. A step takes 2 ms.
Outcome run_script(const Scripted::Script& script) {
  const EchoProblem problem;
  const SmallRun run;
  SmallWorld world(problem, 2, run);
  std::vector<Diary> diaries(2);
  ModelLog log(1, 2);
  Simulation simulation(world.with([&](PeerId peer, SimTime) {
    return std::make_unique<Scripted>(
        diaries[static_cast<std::size_t>(peer)],
        peer == 1 ? script : [](const std::string&, Effects&) {});
  }),
                        {}, log);
  Outcome result;
  result.outcome = simulation.run();
  result.diary = diaries[1];
  result.diary.insert(result.diary.end(), diaries[0].begin(), diaries[0].end());
  return result;
}

ModelBuffer model_of(float value) { return ModelBuffer::copy_of(std::span(&value, 1)); }

TEST(WorkRequest, TrainsAsManyStepsAsAskedFor) {
  const Outcome result = run_script([](const std::string& occasion, Effects& effects) {
    if (occasion == "start") effects.train = TrainRequest{model_of(10), 5};
    if (occasion == "trained to 15") effects.train = TrainRequest{model_of(20)};
  });
  EXPECT_EQ(result.diary,
            (Diary{"0 ms: start", "10 ms: trained to 15", "14 ms: trained to 22", "0 ms: start"}));
  EXPECT_EQ(result.outcome.totals.steps, 7);
}

TEST(WorkRequest, ATrainingThatIsGivenUpBringsNothing) {
  const Outcome result = run_script([](const std::string& occasion, Effects& effects) {
    if (occasion == "start") {
      effects.train = TrainRequest{model_of(10), 5};
      effects.timers = {{.delay = ms(3), .id = 1}};
    }
    if (occasion == "timer 1") {
      effects.stop_training = true;
      effects.train = TrainRequest{model_of(20), 1};
    }
  });
  EXPECT_EQ(result.diary,
            (Diary{"0 ms: start", "3 ms: timer 1", "5 ms: trained to 21", "0 ms: start"}));
  EXPECT_EQ(result.outcome.totals.steps, 1);
  EXPECT_EQ(result.outcome.totals.wasted_steps, 5);
  EXPECT_EQ(result.outcome.totals.busy, ms(5)) << "3 ms in vain, 2 ms for the other";
}

TEST(WorkRequest, AnotherTrainingMayOutlastTheOneGivenUp) {
  const Outcome result = run_script([](const std::string& occasion, Effects& effects) {
    if (occasion == "start") {
      effects.train = TrainRequest{model_of(10), 2};
      effects.timers = {{.delay = ms(3), .id = 1}};
    }
    if (occasion == "timer 1") {
      effects.stop_training = true;
      effects.train = TrainRequest{model_of(20), 2};
    }
  });
  EXPECT_EQ(result.diary,
            (Diary{"0 ms: start", "3 ms: timer 1", "7 ms: trained to 22", "0 ms: start"}));
}

TEST(WorkRequest, MessagesCarryData) {
  const auto bytes = [](std::string_view text) {
    return Buffer::copy_of(std::as_bytes(std::span(text)));
  };
  const Outcome result = run_script([&](const std::string& occasion, Effects& effects) {
    if (occasion != "start") return;
    effects.sends.push_back(
        {.to = 0, .kind = MessageKind::kPing, .model = {}, .data = bytes("a view")});
    effects.sends.push_back(
        {.to = 0, .kind = MessageKind::kModel, .model = model_of(1), .data = bytes("a weight")});
    effects.sends.push_back({.to = 0, .kind = MessageKind::kModel, .model = model_of(1)});
    effects.sends.push_back({.to = 0, .kind = MessageKind::kPing, .model = {}});
  });
  EXPECT_EQ(result.diary, (Diary{"0 ms: start", "0 ms: start", "1 ms: heard a view",
                                 "1 ms: heard a weight and a model", "1 ms: heard  and a model",
                                 "1 ms: heard "}));
  const std::int64_t empty = wire_bytes(0);
  EXPECT_EQ(result.outcome.totals.bytes_sent, 4 * empty + (6 + 4) + (4 + 8 + 4) + 4);
}

}  // namespace
}  // namespace hearsay
