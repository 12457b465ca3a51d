#include "node/protocols/compass_scheduler.hpp"

#include <algorithm>
#include <cmath>

#include "node/base/check.hpp"

namespace hearsay {
namespace {

std::int64_t floored_quotient(SimTime span, std::int64_t speed) {
  return span < SimTime{} ? -1 : span.nanoseconds / speed;
}

}  // namespace

std::int64_t measured_speed(const CompassRule& rule, std::int64_t before, SimTime elapsed,
                            int steps) {
  HEARSAY_CHECK(steps > 0);
  const double s = static_cast<double>(elapsed.nanoseconds) / steps;
  const double m = before == 0 ? 1.0 : rule.momentum;
  const double speed = (1.0 - m) * static_cast<double>(before) + m * s;
  return std::clamp<std::int64_t>(std::llround(speed), 1, kSlowestStep);
}

std::optional<int> steps_to_join(const CompassRule& rule, const Rendezvous& there,
                                 std::int64_t speed, SimTime now) {
  const std::int64_t q = floored_quotient(there.expected - now, speed);
  if (q < rule.q_min || q > rule.q_max) return std::nullopt;
  return static_cast<int>(q);
}

int steps_to_create(const CompassRule& rule, std::span<const Rendezvous> open, std::int64_t speed,
                    SimTime now) {
  std::int64_t best = -1;
  for (const Rendezvous& there : open) {
    if (now >= there.latest) continue;
    const SimTime next = there.latest + SimTime{there.fastest} * rule.q_max;
    const std::int64_t q = floored_quotient(next - now, speed);
    if (q <= rule.q_max) best = std::max(best, q);
  }
  return best < 0 ? rule.q_max : static_cast<int>(std::max<std::int64_t>(best, rule.q_min));
}

Rendezvous new_rendezvous(const CompassRule& rule, std::int64_t speed, int steps, SimTime now) {
  const std::int64_t duration = speed * steps;
  const std::int64_t longest = std::llround(rule.lambda * static_cast<double>(duration));
  return {.expected = now + SimTime{duration},
          .latest = now + SimTime{std::max(duration, longest)},
          .fastest = speed};
}

CompassScheduler::CompassScheduler(const CompassRule& rule, int num_clients)
    : rule_(rule), members_(static_cast<std::size_t>(num_clients)) {
  HEARSAY_CHECK(rule.q_min >= 1);
  HEARSAY_CHECK(rule.q_max >= rule.q_min);
  HEARSAY_CHECK(rule.lambda >= 1.0);
}

void CompassScheduler::begin_first(int client, SimTime now) {
  Member& m = member(client);
  HEARSAY_CHECK(m.group == kNoGroup);
  m.steps = rule_.q_min;
  m.start = now;
}

CompassScheduler::Assignment CompassScheduler::assign(int client, SimTime now) {
  Member& m = member(client);
  HEARSAY_CHECK(m.group == kNoGroup);
  HEARSAY_CHECK(m.speed > 0);
  Group* best = nullptr;
  int steps = 0;
  std::vector<Rendezvous> open;
  for (Group& group : groups_) {
    if (group.is_closed) continue;
    Rendezvous there = group.rendezvous;
    there.fastest = fastest_of(group);
    open.push_back(there);
    const std::optional<int> q = steps_to_join(rule_, there, m.speed, now);
    if (!q || *q < steps) continue;
    best = &group;
    steps = *q;
  }
  const bool is_new = best == nullptr;
  if (is_new) {
    steps = steps_to_create(rule_, open, m.speed, now);
    groups_.push_back(
        {.id = next_group_++, .rendezvous = new_rendezvous(rule_, m.speed, steps, now)});
    best = &groups_.back();
  }
  best->under_way.push_back(client);
  m.group = best->id;
  m.steps = steps;
  m.start = now;
  return {.steps = steps, .group = best->id, .is_new = is_new, .latest = best->rendezvous.latest};
}

CompassScheduler::Arrival CompassScheduler::arrive(int client, SimTime now) {
  Member& m = member(client);
  m.speed = measured_speed(rule_, m.speed, now - m.start, m.steps);
  if (m.group == kNoGroup) return Arrival::kFirst;
  Group& group = groups_[index_of(m.group)];
  if (group.is_closed || now > group.rendezvous.latest) {
    m.group = kNoGroup;
    remove(group, client);
    return Arrival::kLate;
  }
  std::erase(group.under_way, client);
  group.arrived.push_back(client);
  return Arrival::kInTime;
}

void CompassScheduler::withdraw(int client) {
  Member& m = member(client);
  if (m.group == kNoGroup) return;
  Group& group = groups_[index_of(m.group)];
  if (std::ranges::find(group.arrived, client) != group.arrived.end()) return;
  m.group = kNoGroup;
  remove(group, client);
}

bool CompassScheduler::is_complete(std::int32_t id) const {
  return has_arrivals(id) && groups_[index_of(id)].under_way.empty();
}

bool CompassScheduler::has_arrivals(std::int32_t id) const {
  const std::size_t index = index_of(id);
  return index < groups_.size() && !groups_[index].is_closed && !groups_[index].arrived.empty();
}

std::vector<int> CompassScheduler::close(std::int32_t id) {
  Group& group = groups_[index_of(id)];
  group.is_closed = true;
  std::vector<int> arrived(group.arrived.begin(), group.arrived.end());
  std::ranges::stable_sort(arrived, {}, [this](int client) { return member(client).speed; });
  group.arrived.clear();
  for (const int client : arrived) member(client).group = kNoGroup;
  if (group.under_way.empty()) std::erase_if(groups_, [id](const Group& g) { return g.id == id; });
  return arrived;
}

void CompassScheduler::clear() {
  groups_.clear();
  for (Member& m : members_) m.group = kNoGroup;
}

std::size_t CompassScheduler::index_of(std::int32_t id) const {
  return static_cast<std::size_t>(std::ranges::find(groups_, id, &Group::id) - groups_.begin());
}

std::int64_t CompassScheduler::fastest_of(const Group& group) const {
  std::int64_t fastest = SimTime::max().nanoseconds;
  for (const std::int32_t client : group.under_way) {
    fastest = std::min(fastest, member(client).speed);
  }
  for (const std::int32_t client : group.arrived) fastest = std::min(fastest, member(client).speed);
  return fastest;
}

// A group without anybody is forgotten, unless it is still to be gone on with.
void CompassScheduler::remove(Group& group, int client) {
  std::erase(group.under_way, client);
  if (!group.under_way.empty() || !group.arrived.empty()) return;
  std::erase_if(groups_, [id = group.id](const Group& g) { return g.id == id; });
}

}  // namespace hearsay
