#include "node/world/availability_trace.hpp"

#include <map>
#include <string>
#include <utility>

#include "node/base/csv.hpp"

namespace hearsay {

std::vector<Availability> read_availability(const std::filesystem::path& path, int num_peers) {
  constexpr std::size_t kPeer = 0;
  constexpr std::size_t kFrom = 1;
  constexpr std::size_t kTo = 2;
  const CsvTable table = read_csv(path, {"peer,from,to"});
  struct Rows {
    std::vector<TimeInterval> up;
    std::size_t last = 0;
  };
  std::map<PeerId, Rows> rows_of_peer;
  for (std::size_t row = 0; row < table.num_rows(); ++row) {
    const TimeInterval next{table.time(row, kFrom), table.time(row, kTo)};
    const auto text = [&table](std::size_t of_row, std::size_t column) {
      return std::string(table.field(of_row, column));
    };
    const PeerId peer = table.peer(row, kPeer, num_peers);
    if (next.end <= next.begin) {
      table.fail(row, kTo, "must be after from " + text(row, kFrom) + ", got " + text(row, kTo));
    }
    auto& [up, last] = rows_of_peer[peer];
    if (!up.empty() && next.begin < up.back().end) {
      const bool backwards = next.begin < up.back().begin;
      table.fail(row, kFrom,
                 "rows of peer " + std::to_string(peer) +
                     (backwards ? " must ascend" : " must not overlap") + ", got " +
                     text(row, kFrom) + " after " + text(last, kFrom) + "," + text(last, kTo));
    }
    up.push_back(next);
    last = row;
  }
  std::vector<Availability> result;
  for (auto& [peer, rows] : rows_of_peer) result.push_back({peer, merged(std::move(rows.up))});
  return result;
}

}  // namespace hearsay
