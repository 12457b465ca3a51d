#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "results/finished_run.hpp"

namespace hearsay {

/// The metrics of a run as the contents of an event file that TensorBoard reads: one point per
/// evaluation and column of metrics.csv, without those that are missing. The step is the round;
/// the wall time is the virtual time, so that TensorBoard's relative axis shows that.
std::string tensorboard_events(const FinishedRun& run);

/// Writes them into the run directory, as events.out.tfevents.0.hearsay: `tensorboard --logdir`
/// finds it there. Returns its path.
/// @throws UserError if it cannot be written.
std::filesystem::path write_tensorboard(const FinishedRun& run);

/// One record of a TFRecord file: the length as 8 bytes, its masked CRC, the bytes, their masked
/// CRC; all numbers little-endian.
std::string tf_record(std::string_view bytes);

/// CRC-32C (Castagnoli; polynomial 0x1EDC6F41, reflected) as in RFC 3720, masked as TensorFlow
/// does: rotated right by 15 bits, plus 0xa282ead8.
std::uint32_t masked_crc32c(std::string_view bytes);

}  // namespace hearsay
