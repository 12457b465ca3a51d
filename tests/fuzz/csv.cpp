#include "node/base/csv.hpp"

#include "node/base/check.hpp"
#include "node/base/error.hpp"
#include "node/world/availability_trace.hpp"
#include "tests/fuzz/readers.hpp"

namespace hearsay::fuzz {
namespace {

constexpr int kPeers = 8;

bool takes_availability(const std::filesystem::path& path) {
  try {
    for (const Availability& availability : read_availability(path, kPeers)) {
      HEARSAY_CHECK(availability.peer >= 0 && availability.peer < kPeers);
      SimTime last{-1};
      for (const TimeInterval& up : availability.up) {
        HEARSAY_CHECK(last < up.begin && up.begin < up.end);
        last = up.end;
      }
    }
    return true;
  } catch (const UserError&) {
    return false;
  }
}

bool takes_steps(const std::filesystem::path& path) {
  try {
    const CsvTable table = read_csv(path, {"peer,step_ms", "peer,nth,step_ms"});
    const bool has_nth = table.header() == 1;
    for (std::size_t row = 0; row < table.num_rows(); ++row) {
      HEARSAY_CHECK(table.peer(row, 0, kPeers) < kPeers);
      if (has_nth) table.count(row, 1);
      HEARSAY_CHECK(table.number(row, has_nth ? 2 : 1) >= 0.0);
      HEARSAY_CHECK(table.time(row, has_nth ? 2 : 1, SimTime{1'000'000}) >= SimTime{});
    }
    return true;
  } catch (const UserError&) {
    return false;
  }
}

}  // namespace

bool takes_csv(std::span<const std::byte> bytes) {
  static const InputFile file("input.csv");
  const std::filesystem::path& path = file.holding(bytes);
  const bool is_availability = takes_availability(path);
  return takes_steps(path) || is_availability;
}

}  // namespace hearsay::fuzz
