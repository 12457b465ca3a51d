#pragma once

#include <cstddef>
#include <optional>
#include <set>

#include "node/runtime/event_queue.hpp"

namespace hearsay {

/// The obvious event queue: a sorted set. What the fast one is compared with.
class ReferenceQueue final : public EventQueue {
 public:
  void push(const Event& event) override { events_.insert(event); }

  std::optional<Event> pop() override {
    if (events_.empty()) return std::nullopt;
    const Event event = *events_.begin();
    events_.erase(events_.begin());
    return event;
  }

  const Event* upcoming(std::size_t) const override { return nullptr; }

 private:
  std::multiset<Event> events_;
};

}  // namespace hearsay
