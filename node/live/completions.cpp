#include "node/live/completions.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <stdexcept>
#include <utility>

#include "node/base/check.hpp"

namespace hearsay {

Completions::Completions() : descriptor_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  if (descriptor_ < 0) throw std::runtime_error("no descriptor left for an event");
}

Completions::~Completions() { close(descriptor_); }

void Completions::push(Completion completion) {
  const std::lock_guard lock(mutex_);
  done_.push_back(std::move(completion));
  const std::uint64_t one = 1;
  HEARSAY_CHECK(write(descriptor_, &one, sizeof(one)) == sizeof(one));
}

std::vector<Completion> Completions::take() {
  const std::lock_guard lock(mutex_);
  std::uint64_t count = 0;
  // Nothing to read means that nothing is there.
  if (read(descriptor_, &count, sizeof(count)) != sizeof(count)) return {};
  return std::exchange(done_, {});
}

}  // namespace hearsay
