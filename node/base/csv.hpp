#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "node/base/peer_id.hpp"
#include "node/base/time.hpp"

namespace hearsay {

/// The rows of a CSV file of the user, such as a trace. Rows and columns count from 0;
/// lines, in messages only, from 1. The parsing functions read one field each and throw
///   UserError "FILE:LINE: column NAME: what is wrong"
/// Immutable, movable; what field() returns lives as long as the table does.
class CsvTable {
 public:
  CsvTable(CsvTable&&) = default;
  CsvTable& operator=(CsvTable&&) = default;
  CsvTable(const CsvTable&) = delete;
  CsvTable& operator=(const CsvTable&) = delete;

  std::size_t num_rows() const { return lines_.size(); }
  std::size_t num_columns() const { return columns_.size(); }

  /// Which of the headers that read_csv was given the file has.
  std::size_t header() const { return header_; }

  /// REQUIRES, here and below: row < num_rows(), column < num_columns().
  std::string_view field(std::size_t row, std::size_t column) const;

  /// One of the peers 0 .. num_peers - 1.
  PeerId peer(std::size_t row, std::size_t column, int num_peers) const;

  /// A whole number, at least 0.
  std::uint64_t count(std::size_t row, std::size_t column) const;

  /// A finite number, at least 0, decimal or scientific.
  double number(std::size_t row, std::size_t column) const;

  /// A time, at least 0 and below 9e9 seconds, written as a number of seconds (or of
  /// what `unit` is); rounded to the nearest nanosecond.
  SimTime time(std::size_t row, std::size_t column, SimTime unit = {1'000'000'000}) const;

  /// For what only the caller can judge, e.g. that times ascend.
  [[noreturn]] void fail(std::size_t row, std::size_t column, std::string_view message) const;

 private:
  friend CsvTable read_csv(const std::filesystem::path& path,
                           std::initializer_list<std::string_view> headers, std::size_t max_bytes);
  CsvTable() = default;

  void read_text(std::size_t max_bytes);
  void parse(std::initializer_list<std::string_view> headers);
  void parse_header(std::string_view line, int number,
                    std::initializer_list<std::string_view> headers);
  void parse_row(std::string_view line, int number);

  std::string file_;
  std::vector<char> text_;  ///< The fields' characters; unlike a string's they stay in a move.
  std::size_t header_ = 0;
  std::vector<std::string> columns_;
  std::vector<std::string_view> fields_;  ///< Row by row, into text_.
  std::vector<int> lines_;                ///< Of each row.
};

inline constexpr std::size_t kMaxCsvBytes = std::size_t{64} << 20;

/// Reads a file of at most `max_bytes` (REQUIRES: below 2 GiB). Its first line is one of
/// `headers`, each written as in a file:
///   read_csv(path, {"peer,from,to"})
///   read_csv(path, {"peer,step_ms", "peer,nth,step_ms"})
/// Every other line is a row with as many fields. Empty lines, and lines that begin with
/// '#', are skipped wherever they are; lines may end in CR LF. Nothing else is forgiven:
/// spaces belong to their field, and quotes are NOT supported, since no field that we
/// read needs a comma. A file without rows is no error here.
/// @throws UserError "FILE: ..." for a file that cannot be read or is too large,
/// "FILE:LINE: ..." for a wrong header or a row with another number of fields.
CsvTable read_csv(const std::filesystem::path& path,
                  std::initializer_list<std::string_view> headers,
                  std::size_t max_bytes = kMaxCsvBytes);

}  // namespace hearsay
