#include <algorithm>
#include <bit>
#include <utility>
#include <vector>

#include "node/base/check.hpp"
#include "node/runtime/event_queue.hpp"

namespace hearsay {
namespace {

// A bucket at most this large is sorted rather than dealt out again.
constexpr std::size_t kSortLimit = 512;
// Events per bucket aimed at when a span is dealt out.
constexpr std::size_t kBucketAim = 128;

bool later(const Event& a, const Event& b) { return b < a; }

/// A span of time cut into equal buckets, those before `current` already taken.
class Rung {
 public:
  /// Deals `events` out over [low, high].
  void spread(std::vector<Event>& events, std::int64_t low, std::int64_t high) {
    start_ = low;
    const auto span = static_cast<std::uint64_t>(high - low);
    const std::uint64_t aim = std::max<std::uint64_t>(1, events.size() / kBucketAim);
    shift_ = static_cast<int>(std::bit_width(span / aim));
    used_ = static_cast<std::size_t>(span >> shift_) + 1;
    if (buckets_.size() < used_) buckets_.resize(used_);
    current_ = 0;
    for (const Event& event : events) buckets_[index_of(event)].push_back(event);
    events.clear();
  }

  /// True if the event belongs to a bucket that is still to come.
  bool accepts(const Event& event) const { return event.time.nanoseconds >= boundary(); }

  /// First instant of the buckets that are still to come; the last bucket may reach beyond
  /// the end of time.
  std::int64_t boundary() const {
    const std::uint64_t taken = static_cast<std::uint64_t>(current_) << shift_;
    const auto left = static_cast<std::uint64_t>(SimTime::max().nanoseconds - start_);
    return start_ + static_cast<std::int64_t>(std::min(taken, left));
  }

  void push(const Event& event) { buckets_[index_of(event)].push_back(event); }

  /// Swaps the next non-empty bucket into `events`. False if there is none left.
  bool take_bucket(std::vector<Event>& events) {
    while (current_ < used_) {
      std::vector<Event>& bucket = buckets_[current_++];
      if (bucket.empty()) continue;
      events.swap(bucket);
      return true;
    }
    return false;
  }

 private:
  std::size_t index_of(const Event& event) const {
    return static_cast<std::size_t>(event.time.nanoseconds - start_) >> shift_;
  }

  std::int64_t start_ = 0;
  int shift_ = 0;
  std::size_t used_ = 0;
  std::size_t current_ = 0;
  std::vector<std::vector<Event>> buckets_;  ///< Keeps its capacity between uses.
};

class LadderQueue final : public EventQueue {
 public:
  void push(const Event& event) override {
    const std::int64_t time = event.time.nanoseconds;
    HEARSAY_CHECK(time >= 0);
    if (event.time == SimTime::max()) return;
    if (time >= top_start_) {
      top_.push_back(event);
      top_low_ = std::min(top_low_, time);
      top_high_ = std::max(top_high_, time);
      return;
    }
    for (std::size_t k = 0; k < depth_; ++k) {
      if (rungs_[k].accepts(event)) return rungs_[k].push(event);
    }
    late_.push_back(event);
    std::push_heap(late_.begin(), late_.end(), later);
  }

  std::optional<Event> pop() override {
    if (next_ == bottom_.size() && late_.empty() && !refill()) return std::nullopt;
    if (late_.empty() || (next_ < bottom_.size() && bottom_[next_] < late_.front())) {
      return bottom_[next_++];
    }
    std::pop_heap(late_.begin(), late_.end(), later);
    const Event event = late_.back();
    late_.pop_back();
    return event;
  }

  const Event* upcoming(std::size_t ahead) const override {
    return next_ + ahead < bottom_.size() ? &bottom_[next_ + ahead] : nullptr;
  }

 private:
  // Makes bottom_ the sorted events of the next bucket. False if no event is left.
  bool refill() {
    while (true) {
      bottom_.clear();
      next_ = 0;
      if (depth_ == 0) {
        if (top_.empty()) return false;
        add_rung(top_, top_low_, top_high_);
        top_start_ = top_high_ + 1;
        top_low_ = SimTime::max().nanoseconds;
        top_high_ = 0;
      }
      if (!rungs_[depth_ - 1].take_bucket(bottom_)) {
        --depth_;
        continue;
      }
      if (bottom_.size() > kSortLimit) {
        const auto [low, high] = std::ranges::minmax_element(
            bottom_, {}, [](const Event& event) { return event.time.nanoseconds; });
        if (low->time != high->time) {
          // Up to the end of the bucket, not only to `high`: later pushes may fall between.
          add_rung(bottom_, low->time.nanoseconds, rungs_[depth_ - 1].boundary() - 1);
          continue;
        }
      }
      std::sort(bottom_.begin(), bottom_.end());
      return true;
    }
  }

  void add_rung(std::vector<Event>& events, std::int64_t low, std::int64_t high) {
    if (rungs_.size() == depth_) rungs_.emplace_back();
    rungs_[depth_++].spread(events, low, high);
  }

  std::vector<Event> top_;  ///< Unsorted, at or after top_start_.
  std::int64_t top_start_ = 0;
  std::int64_t top_low_ = SimTime::max().nanoseconds;
  std::int64_t top_high_ = 0;
  std::vector<Rung> rungs_;  ///< Coarse to fine; the first depth_ are in use.
  std::size_t depth_ = 0;
  std::vector<Event> bottom_;  ///< Sorted; those before next_ are taken.
  std::size_t next_ = 0;
  std::vector<Event> late_;  ///< A heap of events pushed into the span of bottom_.
};

}  // namespace

std::unique_ptr<EventQueue> make_ladder_queue() { return std::make_unique<LadderQueue>(); }

}  // namespace hearsay
