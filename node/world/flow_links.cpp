#include "node/world/flow_links.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "node/base/check.hpp"

namespace hearsay {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

}  // namespace

FlowLinks::FlowLinks(const std::vector<double>& capacities)
    : shares_(capacities),
      links_(capacities.size()),
      schedule_(2 * std::max<std::size_t>(1, capacities.size()), SimTime::max()) {}

void FlowLinks::start(std::int32_t number, double bytes, double weight, const Path& path,
                      SimTime now) {
  HEARSAY_CHECK(bytes > 0.0);
  HEARSAY_CHECK(now >= now_);
  now_ = now;
  is_settled_ = false;
  if (static_cast<std::size_t>(number) >= flows_.size()) {
    flows_.resize(static_cast<std::size_t>(number) + 1);
  }
  flow(number) = {.weight = weight, .end = bytes / weight, .path = path};
  shares_.add(number, weight, path);
  for (const std::int32_t crossed : path) {
    if (crossed == none()) continue;
    if (link(crossed).flows++ == 0) link(crossed).since = now;
  }
}

SimTime FlowLinks::next_end() {
  if (!is_settled_) settle();
  return schedule_[1];
}

void FlowLinks::finish(SimTime now, std::vector<std::int32_t>& flows) {
  HEARSAY_CHECK(is_settled_);
  HEARSAY_CHECK(now == schedule_[1]);
  const auto first = static_cast<std::ptrdiff_t>(flows.size());
  while (schedule_[1] == now) {
    const std::int32_t number = first_link();
    for (const FairShares::Seat& seat : shares_.seats(number)) {
      const Flow& candidate = flow(seat.flow);
      const bool ends =
          candidate.bottleneck == number && end_time(link(number), candidate.end) <= now;
      if (ends) flows.push_back(seat.flow);
    }
    schedule(number, SimTime::max());
  }
  now_ = now;
  is_settled_ = false;
  for (auto number = flows.begin() + first; number != flows.end(); ++number) {
    shares_.remove(*number);
    for (const std::int32_t crossed : flow(*number).path) {
      if (crossed == none()) continue;
      Link& left = link(crossed);
      if (--left.flows == 0) left.busy = left.busy + (now - left.since);
    }
  }
}

SimTime FlowLinks::busiest() const {
  SimTime busiest{};
  for (const Link& candidate : links_) {
    const SimTime running = candidate.flows > 0 ? now_ - candidate.since : SimTime{};
    busiest = std::max(busiest, candidate.busy + running);
  }
  return busiest;
}

void FlowLinks::settle() {
  shares_.update();
  for (const std::int32_t number : shares_.changed()) {
    Link& changed = link(number);
    wind(changed);
    const double level = shares_.level(number);
    changed.level = level == kInfinity ? 0.0 : level;
    // Numbers near 0 are the most precise.
    if (changed.flows == 0) changed.clock = 0.0;
  }
  unscheduled_.assign(shares_.changed().begin(), shares_.changed().end());
  for (const std::int32_t number : shares_.changed()) {
    for (const FairShares::Seat& seat : shares_.seats(number)) assign(seat.flow);
  }
  std::ranges::sort(unscheduled_);
  const auto repeated = std::ranges::unique(unscheduled_);
  unscheduled_.erase(repeated.begin(), repeated.end());
  for (const std::int32_t number : unscheduled_) reschedule(number);
  is_settled_ = true;
}

/// Brings a link's clock up to now.
void FlowLinks::wind(Link& link) {
  link.clock += link.level * (now_ - link.at).seconds();
  link.at = now_;
}

/// Moves a flow to its bottleneck.
void FlowLinks::assign(std::int32_t number) {
  Flow& moved = flow(number);
  const std::int32_t bottleneck = shares_.bottleneck(number);
  if (bottleneck == moved.bottleneck) return;
  if (moved.bottleneck >= 0) {
    wind(link(moved.bottleneck));
    moved.end -= link(moved.bottleneck).clock;
    unscheduled_.push_back(moved.bottleneck);
  }
  wind(link(bottleneck));
  moved.end += link(bottleneck).clock;
  moved.bottleneck = bottleneck;
  unscheduled_.push_back(bottleneck);
}

void FlowLinks::reschedule(std::int32_t number) {
  double first = kInfinity;
  for (const FairShares::Seat& seat : shares_.seats(number)) {
    if (flow(seat.flow).bottleneck == number) first = std::min(first, flow(seat.flow).end);
  }
  schedule(number, first == kInfinity ? SimTime::max() : end_time(link(number), first));
}

void FlowLinks::schedule(std::int32_t number, SimTime time) {
  auto node = static_cast<std::size_t>(number) + links_.size();
  schedule_[node] = time;
  for (node /= 2; node >= 1; node /= 2) {
    const SimTime earlier = std::min(schedule_[2 * node], schedule_[2 * node + 1]);
    if (schedule_[node] == earlier) break;
    schedule_[node] = earlier;
  }
}

/// The link that is scheduled first.
std::int32_t FlowLinks::first_link() const {
  std::size_t node = 1;
  while (node < links_.size()) {
    node *= 2;
    if (schedule_[node] != schedule_[node / 2]) ++node;
  }
  return static_cast<std::int32_t>(node - links_.size());
}

SimTime FlowLinks::end_time(const Link& link, double end) const {
  constexpr double kNoise = 1e-3;
  const double nanoseconds = std::ceil((end - link.clock) / link.level * 1e9 - kNoise);
  return add_saturating(link.at, SimTime::from_nanoseconds(nanoseconds < 0.0 ? 0.0 : nanoseconds));
}

void FlowLinks::persist(Archive& archive) {
  archive.mark("flow links");
  archive(shares_, flows_, links_, schedule_, now_, is_settled_);
  const auto links = static_cast<std::size_t>(shares_.num_links());
  if (links_.size() != links || schedule_.size() != 2 * std::max<std::size_t>(1, links)) {
    archive.mismatch("it has another number of links");
  }
}

}  // namespace hearsay
