#include "node/runtime/event_queue.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "node/base/rng.hpp"
#include "tests/reference/reference_queue.hpp"

namespace hearsay {
namespace {

bool same(const Event& a, const Event& b) { return !(a < b) && !(b < a); }

TEST(Event, IsOrderedByTimeKindReceiverSenderSequence) {
  const Event base{
      .time = {5}, .sequence = 5, .receiver = 5, .sender = 5, .kind = EventKind::kAggregated};
  const auto less = [&base](auto change) {
    Event smaller = base;
    change(smaller);
    // Everything of lower rank is larger: the higher rank decides.
    return smaller < base && !(base < smaller);
  };
  EXPECT_TRUE(less([](Event& e) {
    e = {.time = {4}, .sequence = 9, .receiver = 9, .sender = 9, .kind = EventKind::kDelivered};
  }));
  EXPECT_TRUE(less([](Event& e) {
    e.kind = EventKind::kTrained;
    e.receiver = e.sender = 9;
  }));
  EXPECT_TRUE(less([](Event& e) {
    e.receiver = 4;
    e.sender = 9;
    e.sequence = 9;
  }));
  EXPECT_TRUE(less([](Event& e) {
    e.sender = 4;
    e.sequence = 9;
  }));
  EXPECT_TRUE(less([](Event& e) { e.sequence = 4; }));
}

/// How far ahead events are pushed.
struct Pattern {
  std::string name;
  std::int64_t (*delay)(Rng&);
};

class LadderQueue : public testing::TestWithParam<Pattern> {};

TEST_P(LadderQueue, PopsInTheOrderOfASortedSet) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    Rng rng(seed);
    const std::unique_ptr<EventQueue> queue = make_ladder_queue();
    ReferenceQueue reference;
    std::int64_t now = 0;
    std::uint64_t sequence = 0;
    const auto push = [&] {
      const Event event{.time = {now + GetParam().delay(rng)},
                        .sequence = ++sequence,
                        .receiver = static_cast<PeerId>(rng.below(10)),
                        .sender = static_cast<PeerId>(rng.below(10)),
                        .kind = static_cast<EventKind>(rng.below(5))};
      queue->push(event);
      reference.push(event);
    };
    for (int i = 0; i < 3000; ++i) push();
    // Grows, then shrinks to nothing.
    for (int step = 0; step < 20'000; ++step) {
      const std::optional<Event> expected = reference.pop();
      const std::optional<Event> event = queue->pop();
      ASSERT_EQ(event.has_value(), expected.has_value()) << "seed " << seed;
      if (!event) break;
      ASSERT_TRUE(same(*event, *expected)) << "seed " << seed << " step " << step;
      now = event->time.nanoseconds;
      const std::uint64_t pushes = step < 8000 ? rng.below(3) : rng.below(2);
      for (std::uint64_t k = 0; k < pushes; ++k) push();
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Delays, LadderQueue,
    testing::Values(
        Pattern{"AllAtOnce", [](Rng&) -> std::int64_t { return 0; }},
        Pattern{"Constant", [](Rng&) -> std::int64_t { return 20'000'000; }},
        Pattern{"FewInstants",
                [](Rng& rng) { return static_cast<std::int64_t>(rng.below(3)) * 1000; }},
        Pattern{"Uniform", [](Rng& rng) { return static_cast<std::int64_t>(rng.below(1 << 30)); }},
        Pattern{"HeavyTail",
                [](Rng& rng) { return static_cast<std::int64_t>(1) << rng.below(60); }},
        Pattern{"ClustersFarApart",
                [](Rng& rng) {
                  return static_cast<std::int64_t>(rng.below(2) * 1'000'000'000'000 +
                                                   rng.below(50));
                }}),
    [](const auto& tested) { return tested.param.name; });

TEST(LadderQueue, KeepsTheOrderUpToTheEndOfTime) {
  Rng rng(1);
  const std::unique_ptr<EventQueue> queue = make_ladder_queue();
  ReferenceQueue reference;
  for (std::uint64_t i = 0; i < 10'000; ++i) {
    const auto end = static_cast<std::uint64_t>(SimTime::max().nanoseconds);
    const Event event{.time = {static_cast<std::int64_t>(end - 1 - (rng.next() >> (2 + i % 60)))},
                      .sequence = i};
    queue->push(event);
    reference.push(event);
    if (i % 3 == 0) {
      ASSERT_TRUE(same(*queue->pop(), *reference.pop())) << i;
    }
  }
  while (const std::optional<Event> expected = reference.pop()) {
    ASSERT_TRUE(same(*queue->pop(), *expected));
  }
  EXPECT_FALSE(queue->pop());
}

TEST(LadderQueue, DropsWhatNeverHappens) {
  const std::unique_ptr<EventQueue> queue = make_ladder_queue();
  queue->push({.time = SimTime::max()});
  EXPECT_FALSE(queue->pop());
}

TEST(LadderQueue, IsEmptyAtFirstAndAfterTheLastEvent) {
  const std::unique_ptr<EventQueue> queue = make_ladder_queue();
  EXPECT_FALSE(queue->pop());
  queue->push({.time = {3}});
  EXPECT_TRUE(queue->pop());
  EXPECT_FALSE(queue->pop());
  queue->push({.time = {3}});
  EXPECT_TRUE(queue->pop());
}

}  // namespace
}  // namespace hearsay
