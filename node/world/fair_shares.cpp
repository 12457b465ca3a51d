#include "node/world/fair_shares.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "node/base/check.hpp"

namespace hearsay {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kTolerance = 1e-12;

std::size_t index(std::int32_t number) { return static_cast<std::size_t>(number); }

}  // namespace

FairShares::FairShares(std::vector<double> capacities)
    : capacities_(std::move(capacities)),
      levels_(capacities_.size() + 1, kInfinity),
      targets_(capacities_.size(), kInfinity),
      seats_(capacities_.size()),
      is_changed_(capacities_.size()) {
  for (const double capacity : capacities_) {
    HEARSAY_CHECK(capacity > 0.0);
    HEARSAY_CHECK(capacity < kInfinity);
  }
}

void FairShares::add(std::int32_t flow, double weight, const Path& path) {
  HEARSAY_CHECK(weight > 0.0);
  if (index(flow) >= places_.size()) places_.resize(index(flow) + 1);
  Place& place = places_[index(flow)];
  place.path = path;
  for (std::size_t i = 0; i < kMaxLinks; ++i) {
    if (path[i] == none()) continue;
    Seat seat{.weight = weight, .flow = flow};
    std::ranges::copy(path.begin(), path.begin() + static_cast<std::ptrdiff_t>(i),
                      seat.others.begin());
    std::ranges::copy(path.begin() + static_cast<std::ptrdiff_t>(i) + 1, path.end(),
                      seat.others.begin() + static_cast<std::ptrdiff_t>(i));
    std::vector<Seat>& seats = seats_[index(path[i])];
    place.seat[i] = static_cast<std::int32_t>(seats.size());
    seats.push_back(seat);
    dirty_.push_back(path[i]);
  }
}

void FairShares::remove(std::int32_t flow) {
  const Place& place = places_[index(flow)];
  for (std::size_t i = 0; i < kMaxLinks; ++i) {
    const std::int32_t link = place.path[i];
    if (link == none()) continue;
    std::vector<Seat>& seats = seats_[index(link)];
    Place& last = places_[index(seats.back().flow)];
    last.seat[index(static_cast<std::int32_t>(std::ranges::find(last.path, link) -
                                              last.path.begin()))] = place.seat[i];
    seats[index(place.seat[i])] = seats.back();
    seats.pop_back();
    dirty_.push_back(link);
  }
}

std::int32_t FairShares::bottleneck(std::int32_t flow) const {
  return *std::ranges::min_element(places_[index(flow)].path, {},
                                   [&](std::int32_t link) { return level(link); });
}

double FairShares::rate(std::int32_t flow) const {
  const Place& place = places_[index(flow)];
  for (std::size_t i = 0; i < kMaxLinks; ++i) {
    if (place.path[i] == none()) continue;
    return seats(place.path[i])[index(place.seat[i])].weight * level(bottleneck(flow));
  }
  return 0.0;
}

void FairShares::update() {
  for (const std::int32_t link : changed_) is_changed_[index(link)] = 0;
  changed_.clear();
  std::ranges::sort(dirty_);
  const auto repeated = std::ranges::unique(dirty_);
  dirty_.erase(repeated.begin(), repeated.end());
  for (const std::int32_t link : dirty_) {
    touch(link);
    refresh(link);
  }
  dirty_.clear();
  while (!unsettled_.empty()) {
    const auto [key, link] = unsettled_.top();
    unsettled_.pop();
    // Entries are not taken back when a link's level or target changes.
    if (is_settled(link) || key != std::min(level_of(link), target_of(link))) continue;
    set_level(link, target_of(link));
  }
}

bool FairShares::is_settled(std::int32_t link) const {
  const double level = levels_[index(link)];
  const double target = targets_[index(link)];
  return level == target || std::abs(level - target) <= kTolerance * std::min(level, target);
}

// Starts as if no flow were limited elsewhere and fixes those that are until none is found.
// Levels rise from pass to pass (not just mathematically, for update() to end), so that the
// result depends on lower caps only, bit by bit.
double FairShares::solution(std::int32_t link) {
  const std::vector<Seat>& seats = seats_[index(link)];
  caps_.clear();
  for (const Seat& seat : seats) {
    caps_.push_back(std::min(level_of(seat.others[0]), level_of(seat.others[1])));
  }
  double level = 0.0;
  while (true) {
    double rest = capacities_[index(link)];
    double weight = 0.0;
    for (std::size_t i = 0; i < seats.size(); ++i) {
      if (caps_[i] < level) {
        rest -= seats[i].weight * caps_[i];
      } else {
        weight += seats[i].weight;
      }
    }
    if (weight == 0.0) return kInfinity;
    const double next = std::max(level, rest / weight);
    if (next == level) return level;
    level = next;
  }
}

void FairShares::touch(std::int32_t link) {
  if (is_changed_[index(link)] != 0) return;
  is_changed_[index(link)] = 1;
  changed_.push_back(link);
}

void FairShares::refresh(std::int32_t link) {
  target_of(link) = solution(link);
  if (!is_settled(link)) unsettled_.push({std::min(level_of(link), target_of(link)), link});
}

// A link whose target is below both the old and the new level does not depend on it.
void FairShares::set_level(std::int32_t link, double level) {
  const double lower = std::min(level, level_of(link));
  level_of(link) = level;
  touch(link);
  for (const Seat& seat : seats_[index(link)]) {
    for (const std::int32_t other : seat.others) {
      if (other != none() && lower < target_of(other)) refresh(other);
    }
  }
}

void FairShares::persist(Archive& archive) {
  archive.mark("fair shares");
  archive(levels_, targets_, seats_, places_, dirty_);
  const std::size_t links = capacities_.size();
  if (levels_.size() != links + 1 || targets_.size() != links || seats_.size() != links) {
    archive.mismatch("it has another number of links");
  }
  const auto is_link = [&](std::int32_t link) { return link >= 0 && link <= none(); };
  for (const Place& place : places_) {
    if (!std::ranges::all_of(place.path, is_link)) archive.mismatch("a flow over unknown links");
  }
  for (const auto& seats : seats_) {
    for (const Seat& seat : seats) {
      const bool is_known = seat.flow >= 0 && index(seat.flow) < places_.size();
      if (!is_known || !std::ranges::all_of(seat.others, is_link)) {
        archive.mismatch("a link with unknown flows");
      }
    }
  }
}

}  // namespace hearsay
