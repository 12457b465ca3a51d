#include "node/protocols/compass_scheduler.hpp"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "node/base/rng.hpp"

namespace hearsay {
namespace {

SimTime s(double seconds) { return SimTime::from_seconds(seconds); }
std::int64_t ns(double seconds) { return s(seconds).nanoseconds; }

constexpr CompassRule kRule{.q_min = 20, .q_max = 100, .lambda = 1.2, .momentum = 0.9};

TEST(CompassSpeed, IsTheFirstMeasurementThenAMovingAverage) {
  EXPECT_EQ(measured_speed(kRule, 0, s(40), 20), ns(2));
  // 0.1 * 2 s + 0.9 * 3 s
  EXPECT_EQ(measured_speed(kRule, ns(2), s(60), 20), ns(2.9));
  EXPECT_EQ(measured_speed(kRule, ns(2), s(40), 20), ns(2)) << "constant speeds stay exact";
  EXPECT_EQ(measured_speed(kRule, 0, SimTime{}, 20), 1);
  EXPECT_EQ(measured_speed(kRule, 0, s(1e9), 1), kSlowestStep);
}

TEST(CompassJoin, FloorsAndKeepsToTheBounds) {
  const Rendezvous there{.expected = s(120), .latest = s(150)};
  EXPECT_EQ(steps_to_join(kRule, there, ns(3), s(0)), 40);
  EXPECT_EQ(steps_to_join(kRule, there, ns(3), SimTime{1}), 39) << "a nanosecond too late";
  EXPECT_EQ(steps_to_join(kRule, there, ns(6), s(0)), 20);
  EXPECT_EQ(steps_to_join(kRule, there, ns(6), SimTime{1}), std::nullopt);
  EXPECT_EQ(steps_to_join(kRule, there, ns(1.2), s(0)), 100);
  EXPECT_EQ(steps_to_join(kRule, there, ns(1), s(0)), std::nullopt);
  EXPECT_EQ(steps_to_join(kRule, there, ns(1), s(121)), std::nullopt) << "it is over";
}

TEST(CompassCreate, MeetsTheNextArrivalOfTheFastestOfAGroup) {
  // Next arrivals: 100 + 100 * 1 = 200 and 100 + 100 * 2 = 300 seconds.
  const std::vector<Rendezvous> open{{.expected = s(90), .latest = s(100), .fastest = ns(1)},
                                     {.expected = s(90), .latest = s(100), .fastest = ns(2)}};
  EXPECT_EQ(steps_to_create(kRule, open, ns(4), s(0)), 75);
  EXPECT_EQ(steps_to_create(kRule, open, ns(2.5), s(0)), 80) << "120 would be too many";
  EXPECT_EQ(steps_to_create(kRule, open, ns(1), s(0)), 100) << "both would be";
  EXPECT_EQ(steps_to_create(kRule, open, ns(60), s(0)), 20) << "5 would be too few";
  EXPECT_EQ(steps_to_create(kRule, open, ns(4), s(100)), 100) << "both are over";
  EXPECT_EQ(steps_to_create(kRule, {}, ns(4), s(0)), 100);
}

TEST(CompassCreate, SetsTheTimesOfTheNewGroup) {
  const Rendezvous made = new_rendezvous(kRule, ns(24), 40, s(480));
  EXPECT_EQ(made.expected, s(480 + 960));
  EXPECT_EQ(made.latest, s(480 + 1152));
  EXPECT_EQ(made.fastest, ns(24));
}

// Clients 0, 1, ... whose first tasks take 20 s_i.
class Scheduler : public testing::Test {
 protected:
  void begin(const CompassRule& rule, const std::vector<double>& speeds) {
    scheduler_ = CompassScheduler(rule, static_cast<int>(speeds.size()));
    for (std::size_t i = 0; i < speeds.size(); ++i) {
      const int client = static_cast<int>(i);
      scheduler_.begin_first(client, s(0));
      EXPECT_EQ(scheduler_.arrive(client, s(speeds[i]) * rule.q_min),
                CompassScheduler::Arrival::kFirst);
    }
  }

  CompassScheduler scheduler_{kRule, 0};
  using Arrival = CompassScheduler::Arrival;
};

TEST_F(Scheduler, JoinsTheGroupThatGivesTheMostSteps) {
  begin(kRule, {1, 2, 4});
  const auto first = scheduler_.assign(0, s(0));  // T_a = 100, T_max = 120.
  EXPECT_TRUE(first.is_new);
  EXPECT_EQ(first.steps, 100);
  EXPECT_EQ(first.latest, s(120));
  // 50 steps would fit, were it not later: (100 - 70) / 2 = 15; so T_a = 70 + 2 Q with
  // Q = (120 + 100 - 70) / 2 = 75: T_a = 220.
  const auto second = scheduler_.assign(1, s(70));
  EXPECT_TRUE(second.is_new);
  EXPECT_EQ(second.steps, 75);
  // 25 to the first (100 s), 55 to the second.
  const auto third = scheduler_.assign(2, s(0));
  EXPECT_FALSE(third.is_new);
  EXPECT_EQ(third.steps, 55);
  EXPECT_EQ(third.group, second.group);
}

TEST_F(Scheduler, AGroupIsCompleteWhenAllHaveArrivedAndClosesFastestFirst) {
  begin(kRule, {2, 1, 1.5});
  const std::int32_t group = scheduler_.assign(1, s(0)).group;  // T_a = 100.
  EXPECT_EQ(scheduler_.assign(0, s(0)).steps, 50);
  EXPECT_EQ(scheduler_.assign(2, s(0)).steps, 66);
  EXPECT_FALSE(scheduler_.has_arrivals(group));
  EXPECT_EQ(scheduler_.arrive(0, s(100)), Arrival::kInTime);
  EXPECT_EQ(scheduler_.arrive(2, s(99)), Arrival::kInTime);
  EXPECT_TRUE(scheduler_.has_arrivals(group));
  EXPECT_FALSE(scheduler_.is_complete(group));
  EXPECT_EQ(scheduler_.arrive(1, s(120)), Arrival::kInTime) << "at the latest moment";
  EXPECT_TRUE(scheduler_.is_complete(group));
  // Speeds are 2, 1.5 and now 0.1 * 1 + 0.9 * 1.2 = 1.18.
  EXPECT_EQ(scheduler_.close(group), (std::vector<int>{1, 2, 0}));
  EXPECT_FALSE(scheduler_.has_arrivals(group)) << "it is gone";
  EXPECT_EQ(scheduler_.group_of(1), CompassScheduler::kNoGroup);
}

TEST_F(Scheduler, WhoComesAfterTheLatestTimeOrTheGroupIsLate) {
  begin(kRule, {1, 2, 2});
  const std::int32_t group = scheduler_.assign(0, s(0)).group;
  scheduler_.assign(1, s(0));
  scheduler_.assign(2, s(0));
  EXPECT_EQ(scheduler_.arrive(0, s(100)), Arrival::kInTime);
  EXPECT_EQ(scheduler_.arrive(1, s(120) + SimTime{1}), Arrival::kLate);
  EXPECT_EQ(scheduler_.close(group), std::vector<int>{0});
  EXPECT_EQ(scheduler_.arrive(2, s(101)), Arrival::kLate) << "the group has gone on";
  EXPECT_FALSE(scheduler_.has_arrivals(group));
  EXPECT_TRUE(scheduler_.assign(1, s(130)).is_new) << "and it is gone";
}

TEST_F(Scheduler, NobodyJoinsAGroupThatHasGoneOn) {
  begin(kRule, {1, 2, 2});
  const std::int32_t group = scheduler_.assign(0, s(0)).group;
  scheduler_.assign(1, s(0));
  static_cast<void>(scheduler_.arrive(0, s(10)));
  scheduler_.close(group);
  EXPECT_NE(scheduler_.assign(2, s(10)).group, group) << "45 steps would fit";
}

TEST_F(Scheduler, AGroupThatIsAllLateVanishesWithItsLast) {
  begin(kRule, {1, 1});
  const std::int32_t group = scheduler_.assign(0, s(0)).group;
  EXPECT_EQ(scheduler_.assign(1, s(0)).group, group);
  EXPECT_FALSE(scheduler_.has_arrivals(group)) << "at 120 s nothing happens";
  EXPECT_EQ(scheduler_.arrive(0, s(121)), Arrival::kLate);
  EXPECT_EQ(scheduler_.arrive(1, s(122)), Arrival::kLate);
  EXPECT_EQ(scheduler_.assign(0, s(122)).group, group + 1);
}

TEST_F(Scheduler, WhoWithdrawsIsMissedByNobodyUnlessItHasArrived) {
  begin(kRule, {1, 2, 2});
  const std::int32_t group = scheduler_.assign(0, s(0)).group;
  scheduler_.assign(1, s(0));
  static_cast<void>(scheduler_.arrive(0, s(100)));
  scheduler_.withdraw(0);
  EXPECT_EQ(scheduler_.group_of(0), group);
  EXPECT_FALSE(scheduler_.is_complete(group));
  scheduler_.withdraw(1);
  EXPECT_TRUE(scheduler_.is_complete(group));
  EXPECT_EQ(scheduler_.group_of(1), CompassScheduler::kNoGroup);
}

// Constant speeds without noise, the events of the authors' Figure 1, played with the
// scheduler alone; times in whole seconds.
struct Played {
  struct Line {
    std::int64_t at = 0;
    int client = 0;
    int steps = 0;
    std::int32_t group = 0;
    bool is_new = false;

    friend bool operator==(const Line&, const Line&) = default;
  };
  std::vector<Line> lines;
  std::map<std::int64_t, std::set<int>> closed;  ///< Who went on together, by time.
};

Played play(double lambda, const std::vector<int>& speeds, int until) {
  const CompassRule rule{.lambda = lambda};
  CompassScheduler scheduler(rule, static_cast<int>(speeds.size()));
  Played played;
  std::multimap<SimTime, int> arrivals;
  std::multimap<SimTime, std::int32_t> due;
  const auto assign = [&](int client, SimTime now) {
    const auto assigned = scheduler.assign(client, now);
    const std::int64_t at = now.nanoseconds / 1'000'000'000;
    played.lines.push_back({at, client + 1, assigned.steps, assigned.group, assigned.is_new});
    if (assigned.is_new) due.emplace(assigned.latest, assigned.group);
    arrivals.emplace(now + s(speeds[static_cast<std::size_t>(client)]) * assigned.steps, client);
  };
  const auto go_on = [&](std::int32_t group, SimTime now) {
    for (const int client : scheduler.close(group)) {
      played.closed[now.nanoseconds / 1'000'000'000].insert(client + 1);
      assign(client, now);
    }
  };
  for (std::size_t i = 0; i < speeds.size(); ++i) {
    scheduler.begin_first(static_cast<int>(i), s(0));
    arrivals.emplace(s(speeds[i]) * rule.q_min, static_cast<int>(i));
  }
  while (std::min(arrivals.begin()->first, due.empty() ? SimTime::max() : due.begin()->first) <=
         s(until)) {
    if (!due.empty() && due.begin()->first < arrivals.begin()->first) {
      const auto [now, group] = *due.begin();
      due.erase(due.begin());
      if (scheduler.has_arrivals(group)) go_on(group, now);
      continue;
    }
    const auto [now, client] = *arrivals.begin();
    arrivals.erase(arrivals.begin());
    const std::int32_t group = scheduler.group_of(client);
    switch (scheduler.arrive(client, now)) {
      case CompassScheduler::Arrival::kInTime:
        if (scheduler.is_complete(group)) go_on(group, now);
        break;
      default:
        assign(client, now);
        break;
    }
  }
  return played;
}

TEST(CompassFigure1, ToTheSecondWithLambda1) {
  const Played played = play(1.0, {6, 12, 15, 24, 30}, 33 * 60);
  const std::vector<Played::Line> expected{
      {120, 1, 100, 0, true},  {240, 2, 40, 0, false},  {300, 3, 28, 0, false},
      {480, 4, 35, 1, true},   {600, 5, 24, 1, false},  {720, 1, 100, 1, false},
      {720, 2, 50, 1, false},  {720, 3, 40, 1, false},  {1320, 1, 100, 2, true},
      {1320, 2, 50, 2, false}, {1320, 3, 40, 2, false}, {1320, 4, 25, 2, false},
      {1320, 5, 20, 2, false}, {1920, 1, 100, 3, true}, {1920, 2, 50, 3, false},
      {1920, 3, 40, 3, false}, {1920, 4, 25, 3, false}, {1920, 5, 20, 3, false}};
  EXPECT_EQ(played.lines, expected);
  const std::map<std::int64_t, std::set<int>> closed{
      {720, {1, 2, 3}}, {1320, {1, 2, 3, 4, 5}}, {1920, {1, 2, 3, 4, 5}}};
  EXPECT_EQ(played.closed, closed);
}

TEST(CompassFigure1, ToTheSecondWithLambda12) {
  const Played played = play(1.2, {6, 12, 15, 24, 30}, 33 * 60);
  const std::vector<Played::Line> expected{
      {120, 1, 100, 0, true}, {240, 2, 40, 0, false}, {300, 3, 28, 0, false},
      {480, 4, 40, 1, true},  {600, 5, 28, 1, false}, {720, 1, 100, 2, true},
      {720, 2, 60, 1, false}, {720, 3, 48, 1, false}, {1320, 1, 20, 1, false}};
  ASSERT_GE(played.lines.size(), expected.size() + 5);
  EXPECT_TRUE(std::equal(expected.begin(), expected.end(), played.lines.begin()));
  const std::map<std::int64_t, std::set<int>> closed{
      {720, {1, 2, 3}}, {1320, {1}}, {1440, {1, 2, 3, 4, 5}}};
  EXPECT_EQ(played.closed, closed);
}

TEST(CompassLimit, WithLambda1AndRatiosUpToQMaxOverQMinAllMeetInOneGroup) {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    Rng rng(seed);
    std::vector<int> speeds{1000};
    for (int i = 1; i < 5; ++i) speeds.push_back(1000 + static_cast<int>(rng.below(4001)));
    const Played played = play(1.0, speeds, 6'000'000);
    EXPECT_EQ(played.closed.rbegin()->second, (std::set<int>{1, 2, 3, 4, 5})) << seed;
    for (const Played::Line& line : played.lines) {
      EXPECT_GE(line.steps, 20);
      EXPECT_LE(line.steps, 100);
    }
  }
}

}  // namespace
}  // namespace hearsay
