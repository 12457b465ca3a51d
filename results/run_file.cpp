#include "results/run_file.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <system_error>

#include "node/base/error.hpp"
#include "results/records.hpp"

namespace hearsay {

bool RunFile::exists() const {
  std::error_code ignored;
  return std::filesystem::exists(path_, ignored);
}

std::ifstream RunFile::open() const {
  std::ifstream file(path_, std::ios::binary);
  if (!file) fail("cannot be read");
  return file;
}

std::string RunFile::text() const {
  std::ifstream file = open();
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

nlohmann::json RunFile::json() const {
  std::ifstream file = open();
  nlohmann::json json = nlohmann::json::parse(file, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) fail("is no JSON object, which a run writes");
  return json;
}

void RunFile::fail_line(int line, const std::string& what) const {
  fail("line " + std::to_string(line) + ": " + what);
}

void RunFile::fail(const std::string& what) const { throw UserError(path_.string() + ": " + what); }

std::vector<std::string_view> cells_of(std::string_view line) {
  std::vector<std::string_view> cells;
  for (std::size_t start = 0; start <= line.size();) {
    const std::size_t end = std::min(line.find(',', start), line.size());
    cells.push_back(line.substr(start, end - start));
    start = end + 1;
  }
  return cells;
}

std::optional<double> number_in(std::string_view cell) {
  if (cell.empty()) return kMissing;
  double number = 0.0;
  const char* const end = cell.data() + cell.size();
  const auto [stop, error] = std::from_chars(cell.data(), end, number);
  return error == std::errc() && stop == end ? std::optional(number) : std::nullopt;
}

}  // namespace hearsay
