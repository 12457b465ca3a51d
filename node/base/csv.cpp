#include "node/base/csv.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstring>
#include <fstream>
#include <limits>
#include <optional>
#include <system_error>

#include "node/base/check.hpp"
#include "node/base/error.hpp"

namespace hearsay {
namespace {

/// In quotes, on one line, cut after 60 characters.
std::string shown(std::string_view text) {
  constexpr std::size_t kLongest = 60;
  std::string result = "\"";
  for (const char c : text.substr(0, kLongest)) {
    const auto byte = static_cast<unsigned char>(c);
    result += byte < 0x20 || byte == 0x7f ? '?' : c;
  }
  return result + (text.size() > kLongest ? "\" and more" : "\"");
}

std::vector<std::string_view> split_fields(std::string_view line) {
  std::vector<std::string_view> fields;
  while (true) {
    const std::size_t comma = line.find(',');
    fields.push_back(line.substr(0, comma));
    if (comma == std::string_view::npos) return fields;
    line.remove_prefix(comma + 1);
  }
}

/// All of `text` as a number; nothing else.
template <class Number>
std::optional<Number> parsed(std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

std::string_view CsvTable::field(std::size_t row, std::size_t column) const {
  HEARSAY_CHECK(row < num_rows());
  HEARSAY_CHECK(column < num_columns());
  return fields_[row * num_columns() + column];
}

PeerId CsvTable::peer(std::size_t row, std::size_t column, int num_peers) const {
  const auto value = parsed<PeerId>(field(row, column));
  if (!value || *value < 0 || *value >= num_peers) {
    fail(row, column,
         "expected a peer, 0 to " + std::to_string(num_peers - 1) + ", got " +
             shown(field(row, column)));
  }
  return *value;
}

std::uint64_t CsvTable::count(std::size_t row, std::size_t column) const {
  const auto value = parsed<std::uint64_t>(field(row, column));
  if (!value) {
    fail(row, column, "expected a whole number, at least 0, got " + shown(field(row, column)));
  }
  return *value;
}

double CsvTable::number(std::size_t row, std::size_t column) const {
  const auto value = parsed<double>(field(row, column));
  if (!value || !std::isfinite(*value) || *value < 0.0) {
    fail(row, column, "expected a finite number, at least 0, got " + shown(field(row, column)));
  }
  return *value + 0.0;  // Minus zero becomes zero.
}

SimTime CsvTable::time(std::size_t row, std::size_t column, SimTime unit) const {
  constexpr double kEnd = 9e18;
  const double nanoseconds = number(row, column) * static_cast<double>(unit.nanoseconds);
  if (nanoseconds >= kEnd) {
    fail(row, column, "must be below 9e9 seconds, got " + shown(field(row, column)));
  }
  return {std::llround(nanoseconds)};
}

void CsvTable::fail(std::size_t row, std::size_t column, std::string_view message) const {
  HEARSAY_CHECK(row < num_rows());
  HEARSAY_CHECK(column < num_columns());
  throw UserError(file_ + ":" + std::to_string(lines_[row]) + ": column " + columns_[column] +
                  ": " + std::string(message));
}

void CsvTable::read_text(std::size_t max_bytes) {
  std::error_code error;
  const bool regular = std::filesystem::is_regular_file(file_, error);
  if (error) throw UserError(file_ + ": cannot be read (" + error.message() + ")");
  if (!regular) throw UserError(file_ + ": is not a file, expected a CSV file");
  const std::uintmax_t size = std::filesystem::file_size(file_, error);
  if (error) throw UserError(file_ + ": cannot be read (" + error.message() + ")");
  if (size > max_bytes) {
    throw UserError(file_ + ": has " + std::to_string(size) + " bytes, at most " +
                    std::to_string(max_bytes) + " are read");
  }
  errno = 0;
  std::ifstream file(file_, std::ios::binary);
  if (!file) throw UserError(file_ + ": cannot be opened (" + std::strerror(errno) + ")");
  text_.resize(size);
  file.read(text_.data(), static_cast<std::streamsize>(size));
  if (file.bad()) throw UserError(file_ + ": cannot be read (" + std::strerror(errno) + ")");
  text_.resize(static_cast<std::size_t>(file.gcount()));
}

void CsvTable::parse_header(std::string_view line, int number,
                            std::initializer_list<std::string_view> headers) {
  const auto* const found = std::ranges::find(headers, line);
  if (found == headers.end()) {
    std::string valid;
    for (const std::string_view header : headers) {
      if (!valid.empty()) valid += " or ";
      valid += header;
    }
    throw UserError(file_ + ":" + std::to_string(number) + ": expected the header " + valid +
                    ", got " + shown(line));
  }
  header_ = static_cast<std::size_t>(found - headers.begin());
  for (const std::string_view name : split_fields(line)) columns_.emplace_back(name);
}

void CsvTable::parse_row(std::string_view line, int number) {
  const std::string place = file_ + ":" + std::to_string(number) + ": ";
  if (line.find('"') != std::string_view::npos) {
    throw UserError(place + "quotes are not supported, got " + shown(line));
  }
  const auto found = static_cast<std::size_t>(std::ranges::count(line, ',')) + 1;
  if (found != num_columns()) {
    throw UserError(place + "expected " + std::to_string(num_columns()) + " fields, got " +
                    std::to_string(found) + " in " + shown(line));
  }
  for (const std::string_view field : split_fields(line)) fields_.push_back(field);
  lines_.push_back(number);
}

void CsvTable::parse(std::initializer_list<std::string_view> headers) {
  std::string_view rest(text_.data(), text_.size());
  for (int number = 1; !rest.empty(); ++number) {
    const std::size_t end = rest.find('\n');
    std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty() || line.starts_with('#')) continue;
    if (columns_.empty()) {
      parse_header(line, number, headers);
    } else {
      parse_row(line, number);
    }
  }
  if (columns_.empty()) {
    throw UserError(file_ + ": is empty, expected the header " + std::string(*headers.begin()));
  }
}

CsvTable read_csv(const std::filesystem::path& path,
                  std::initializer_list<std::string_view> headers, std::size_t max_bytes) {
  HEARSAY_CHECK(headers.size() > 0);
  HEARSAY_CHECK(max_bytes < std::numeric_limits<int>::max());
  CsvTable table;
  table.file_ = path.string();
  table.read_text(max_bytes);
  table.parse(headers);
  return table;
}

}  // namespace hearsay
