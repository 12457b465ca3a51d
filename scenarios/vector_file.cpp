#include "scenarios/vector_file.hpp"

#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <iterator>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "node/base/error.hpp"

namespace hearsay {
namespace {

using Json = nlohmann::json;

/// What goes wrong is told with the file's name.
class VectorFile {
 public:
  explicit VectorFile(const std::filesystem::path& path) : path_(path) {
    errno = 0;
    std::ifstream file(path, std::ios::binary);
    bytes_.assign(std::istreambuf_iterator<char>(file), {});
    if (!file.is_open() || file.bad()) fail("cannot be read: " + std::string(strerror(errno)));
  }

  VectorRows read() const {
    VectorRows rows = path_.extension() == ".npy" ? read_npy() : read_json();
    if (rows.rows == 0) fail("holds no vector");
    if (rows.dimension == 0) fail("its vectors are empty");
    return rows;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw UserError(path_.string() + ": " + what);
  }

  VectorRows read_json() const {
    const Json json = Json::parse(bytes_, nullptr, false);
    if (json.is_discarded()) fail("is no JSON");
    if (!json.is_object() || !json.contains("vectors") || !json["vectors"].is_array()) {
      fail("expected {\"vectors\": [[...], ...]}");
    }
    VectorRows rows;
    for (const Json& row : json["vectors"]) {
      if (!row.is_array()) fail("vector " + std::to_string(rows.rows) + " is no list of numbers");
      if (rows.rows == 0) rows.dimension = row.size();
      if (row.size() != rows.dimension) {
        fail("vector " + std::to_string(rows.rows) + " has " + std::to_string(row.size()) +
             " entries, vector 0 has " + std::to_string(rows.dimension));
      }
      for (const Json& value : row) rows.values.push_back(number(value, rows.rows));
      ++rows.rows;
    }
    return rows;
  }

  float number(const Json& value, std::size_t row) const {
    if (value.is_number()) return static_cast<float>(value.get<double>());
    constexpr float kInfinity = std::numeric_limits<float>::infinity();
    if (value == "inf") return kInfinity;
    if (value == "-inf") return -kInfinity;
    if (value == "nan") return std::numeric_limits<float>::quiet_NaN();
    fail("vector " + std::to_string(row) + ": expected a number, got " + value.dump());
  }

  VectorRows read_npy() const {
    constexpr std::string_view kMagic = "\x93NUMPY";
    if (!bytes_.starts_with(kMagic) || bytes_.size() < 10) fail("is no .npy file");
    const bool is_short = bytes_[6] == 1;
    const std::size_t start = is_short ? 10 : 12;
    std::uint32_t length = 0;
    if (bytes_.size() < start) fail("is cut short");
    std::memcpy(&length, bytes_.data() + 8, is_short ? 2 : 4);
    if (length > bytes_.size() - start) fail("is cut short");
    const std::string_view header = std::string_view(bytes_).substr(start, length);
    VectorRows rows;
    read_shape(header, rows);
    fill(header, std::string_view(bytes_).substr(start + length), rows);
    return rows;
  }

  /// The text behind `'key': ` in a header.
  std::string_view after(std::string_view header, std::string_view key) const {
    const std::string quoted = "'" + std::string(key) + "': ";
    const std::size_t at = header.find(quoted);
    if (at == std::string_view::npos) fail("its header has no " + std::string(key));
    return header.substr(at + quoted.size());
  }

  void read_shape(std::string_view header, VectorRows& rows) const {
    if (after(header, "fortran_order").starts_with("True")) {
      fail("is in Fortran order; write it with numpy.ascontiguousarray");
    }
    const std::string_view shape = after(header, "shape");
    const char* const end = shape.data() + shape.size();
    // A header may end anywhere.
    const char* const begin = shape.starts_with('(') ? shape.data() + 1 : end;
    const auto first = std::from_chars(begin, end, rows.rows);
    const bool has_second =
        first.ec == std::errc() && std::string_view(first.ptr, end).starts_with(", ");
    const auto second = has_second ? std::from_chars(first.ptr + 2, end, rows.dimension) : first;
    if (!has_second || second.ec != std::errc() ||
        !std::string_view(second.ptr, end).starts_with(')')) {
      fail("expected an array of two dimensions, n x d");
    }
  }

  void fill(std::string_view header, std::string_view data, VectorRows& rows) const {
    const std::string_view type = after(header, "descr");
    const bool is_float = type.starts_with("'<f4'");
    if (!is_float && !type.starts_with("'<f8'")) fail("expected float32 or float64 numbers");
    const std::size_t size = is_float ? sizeof(float) : sizeof(double);
    const std::size_t count = data.size() / size;
    const bool fits = rows.dimension == 0 || rows.rows <= count / rows.dimension;
    if (!fits || rows.rows * rows.dimension != count || data.size() % size != 0) {
      fail("its header says " + std::to_string(rows.rows) + " x " + std::to_string(rows.dimension) +
           " numbers, but it holds " + std::to_string(count));
    }
    rows.values.resize(count);
    for (std::size_t i = 0; i < count; ++i) {
      double wide = 0.0;
      float narrow = 0.0F;
      if (is_float) {
        std::memcpy(&narrow, data.data() + i * size, size);
      } else {
        std::memcpy(&wide, data.data() + i * size, size);
        narrow = static_cast<float>(wide);
      }
      rows.values[i] = narrow;
    }
  }

  const std::filesystem::path& path_;
  std::string bytes_;
};

}  // namespace

VectorRows read_vectors(const std::filesystem::path& path) { return VectorFile(path).read(); }

}  // namespace hearsay
