#include "results/tensorboard.hpp"

#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <fstream>

#include "node/base/error.hpp"
#include "tensorboard.pb.h"

namespace hearsay {
namespace {

static_assert(std::endian::native == std::endian::little, "records are copied as they lie");

std::uint32_t crc32c(std::string_view bytes) {
  constexpr std::uint32_t kReflectedPolynomial = 0x82f63b78U;
  std::uint32_t crc = 0xffffffffU;
  for (const char c : bytes) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) {
      crc = (crc >> 1) ^ ((crc & 1U) != 0 ? kReflectedPolynomial : 0U);
    }
  }
  return ~crc;
}

template <class Number>
std::string bytes_of(Number number) {
  std::string bytes(sizeof number, '\0');
  std::memcpy(bytes.data(), &number, sizeof number);
  return bytes;
}

/// metrics.csv calls its times and rounds columns too; they are the axes here.
bool is_axis(const std::string& column) { return column == "round" || column == "time_s"; }

}  // namespace

std::uint32_t masked_crc32c(std::string_view bytes) {
  constexpr std::uint32_t kDelta = 0xa282ead8U;
  return std::rotr(crc32c(bytes), 15) + kDelta;
}

std::string tf_record(std::string_view bytes) {
  const std::string length = bytes_of(std::uint64_t{bytes.size()});
  return length + bytes_of(masked_crc32c(length)) + std::string(bytes) +
         bytes_of(masked_crc32c(bytes));
}

std::string tensorboard_events(const FinishedRun& run) {
  tensorboard::EventLine version;
  version.set_file_version("brain.Event:2");
  std::string text = tf_record(version.SerializeAsString());
  const std::size_t round = *run.column("round");
  const std::size_t time = *run.column("time_s");
  for (const std::vector<double>& row : run.rows) {
    tensorboard::EventLine line;
    line.set_wall_time(row[time]);
    line.set_step(std::llround(row[round]));
    for (std::size_t c = 0; c < run.columns.size(); ++c) {
      if (is_axis(run.columns[c]) || std::isnan(row[c])) continue;
      tensorboard::Value& value = *line.mutable_summary()->add_value();
      value.set_tag(run.columns[c]);
      value.set_simple_value(static_cast<float>(row[c]));
    }
    text += tf_record(line.SerializeAsString());
  }
  return text;
}

std::filesystem::path write_tensorboard(const FinishedRun& run) {
  std::filesystem::path path = run.path / "events.out.tfevents.0.hearsay";
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << tensorboard_events(run) << std::flush;
  if (!file) throw UserError(path.string() + ": cannot be written");
  return path;
}

}  // namespace hearsay
