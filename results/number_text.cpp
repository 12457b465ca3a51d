#include "results/number_text.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <system_error>

#include "node/base/check.hpp"

namespace hearsay {
namespace {

std::string formatted(double value, std::chars_format format, int decimals) {
  if (std::isnan(value)) return "-";
  std::array<char, 400> text;  // 309 digits, sign, point and decimals.
  const auto result =
      std::to_chars(text.data(), text.data() + text.size(), value, format, decimals);
  HEARSAY_CHECK(result.ec == std::errc());
  return {text.data(), result.ptr};
}

// A number below 1,000 with three significant digits: "1.23", "45.6", "789".
std::string three_digits(double value) {
  const int decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
  return fixed(value, decimals);
}

}  // namespace

std::string shortest(double value) {
  if (std::isnan(value)) return "";
  std::array<char, 32> text;
  const auto result = std::to_chars(text.data(), text.data() + text.size(), value);
  return {text.data(), result.ptr};
}

std::string fixed(double value, int decimals) {
  return formatted(value, std::chars_format::fixed, decimals);
}

std::string measure_text(double value) {
  const double size = std::abs(value);
  if (size == 0.0 || (size >= 0.001 && size < 1e6)) return fixed(value, 4);
  return formatted(value, std::chars_format::scientific, 2);
}

std::string grouped(std::int64_t value) {
  std::string text = std::to_string(value);
  const std::size_t first = value < 0 ? 1 : 0;
  for (std::size_t at = text.size(); at > first + 3;) text.insert(at -= 3, 1, ',');
  return text;
}

std::string bytes_text(std::int64_t bytes) {
  if (bytes < 1000) return std::to_string(bytes) + " B";
  double value = static_cast<double>(bytes);
  std::size_t prefix = 0;
  constexpr std::array<const char*, 7> kUnits = {" B", " kB", " MB", " GB", " TB", " PB", " EB"};
  while (value >= 999.5) {
    value /= 1000.0;
    ++prefix;
  }
  return three_digits(value) + kUnits[prefix];
}

std::string duration_text(double seconds) {
  if (std::isnan(seconds)) return "-";
  if (seconds < 0.0) return duration_text(-seconds).insert(0, 1, '-');
  if (seconds == 0.0) return "0 s";
  if (std::isinf(seconds)) return "inf s";
  if (seconds < 0.9995e-3) return three_digits(seconds * 1e6) + " us";
  if (seconds < 0.9995) return three_digits(seconds * 1e3) + " ms";
  if (seconds < 59.95) return three_digits(seconds) + " s";
  if (seconds < 3599.5) {
    const std::int64_t whole = std::llround(seconds);
    return std::to_string(whole / 60) + " min " + std::to_string(whole % 60) + " s";
  }
  const std::int64_t minutes = std::llround(seconds / 60.0);
  return std::to_string(minutes / 60) + " h " + std::to_string(minutes % 60) + " min";
}

double exact_seconds(SimTime time) { return static_cast<double>(time.nanoseconds) / 1e9; }

}  // namespace hearsay
