#include <array>
#include <string>
#include <string_view>

#include "scenarios/quantities.hpp"

namespace hearsay {
namespace {

constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_/";
constexpr std::string_view kPlain =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_/0123456789.-";

/// Words that YAML 1.1 or 1.2 gives a meaning of their own.
constexpr std::array<std::string_view, 12> kReserved = {
    "null", "Null", "NULL", "true", "false", "yes", "no", "on", "off", "True", "False", "y"};

bool is_plain(std::string_view text) {
  if (text.empty() || kLetters.find(text.front()) == std::string_view::npos) return false;
  if (text.find_first_not_of(kPlain) != std::string_view::npos) return false;
  for (const std::string_view word : kReserved) {
    if (text == word) return false;
  }
  return true;
}

/// In double quotes, with what YAML and a terminal cannot show escaped.
std::string quoted(std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string result = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      result += '\\';
      result += c;
    } else if (c == '\n') {
      result += "\\n";
    } else if (c == '\t') {
      result += "\\t";
    } else if (byte < 0x20 || byte == 0x7f) {
      result += "\\x";
      result += kHex[byte / 16];
      result += kHex[byte % 16];
    } else {
      result += c;
    }
  }
  return result + "\"";
}

}  // namespace

std::string print_text(std::string_view text) {
  return is_plain(text) ? std::string(text) : quoted(text);
}

std::string shown(std::string_view text) {
  constexpr std::size_t kLongest = 60;
  return text.size() <= kLongest ? quoted(text) : quoted(text.substr(0, kLongest)) + " and more";
}

}  // namespace hearsay
