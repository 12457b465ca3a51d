#include "node/learning/batch_sampler.hpp"

#include <algorithm>

#include "node/base/check.hpp"

namespace hearsay {

std::span<const std::uint32_t> BatchSampler::batch(std::int64_t step,
                                                   std::span<const std::uint32_t> owned,
                                                   int batch_size, const Rng& stream) {
  HEARSAY_CHECK(!owned.empty());
  HEARSAY_CHECK(batch_size >= 1);
  const auto samples = static_cast<std::int64_t>(owned.size());
  const std::int64_t per_epoch = steps_per_epoch(samples, batch_size);
  const std::int64_t epoch = step / per_epoch;
  if (epoch != epoch_) {
    order_.assign(owned.begin(), owned.end());
    Rng rng = stream.split("epoch", static_cast<std::uint64_t>(epoch));
    rng.shuffle(std::span(order_));
    epoch_ = epoch;
  }
  const std::int64_t first = (step % per_epoch) * batch_size;
  const std::int64_t count = std::min<std::int64_t>(batch_size, samples - first);
  return std::span(order_).subspan(static_cast<std::size_t>(first),
                                   static_cast<std::size_t>(count));
}

}  // namespace hearsay
