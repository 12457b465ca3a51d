#include "tests/tidy/literals.hpp"

#include <algorithm>
#include <cctype>

namespace hearsay::tidy {
namespace {

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

/// True if the quote at `at` separates digits, as in 1'000'000 or 0xffff'ffff.
bool separates_digits(std::string_view text, std::size_t at) {
  std::size_t start = at;
  while (start > 0 && (is_word(text[start - 1]) || text[start - 1] == '\'')) --start;
  return start < at && std::isdigit(static_cast<unsigned char>(text[start])) != 0;
}

/// One past the literal that the quote at `at` opens; an unclosed one ends with its line.
std::size_t end_of_quoted(std::string_view text, std::size_t at) {
  for (std::size_t i = at + 1; i < text.size() && text[i] != '\n'; ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == text[at]) {
      return i + 1;
    }
  }
  return std::min(text.find('\n', at), text.size());
}

/// One past the raw string whose opening quote is at `at`.
std::size_t end_of_raw(std::string_view text, std::size_t at) {
  const std::size_t parenthesis = text.find('(', at);
  if (parenthesis == std::string_view::npos) return text.size();
  std::string close(1, ')');
  close.append(text.substr(at + 1, parenthesis - at - 1)).push_back('"');
  const std::size_t end = text.find(close, parenthesis);
  return end == std::string_view::npos ? text.size() : end + close.size();
}

/// One past what starts at `at`, if that is a comment or a literal; else `at`.
std::size_t end_of_literal(std::string_view text, std::size_t at) {
  const std::string_view rest = text.substr(at);
  if (rest.starts_with("//")) return std::min(text.find('\n', at), text.size());
  if (rest.starts_with("/*")) {
    const std::size_t end = text.find("*/", at + 2);
    return end == std::string_view::npos ? text.size() : end + 2;
  }
  if (rest.starts_with('"')) {
    const bool raw = at > 0 && text[at - 1] == 'R' && (at == 1 || !is_word(text[at - 2]));
    return raw ? end_of_raw(text, at) : end_of_quoted(text, at);
  }
  if (rest.starts_with('\'') && !separates_digits(text, at)) return end_of_quoted(text, at);
  return at;
}

}  // namespace

std::string blank_literals(std::string_view text) {
  std::string code(text);
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = end_of_literal(text, at);
    const bool quoted = text[at] == '"' || text[at] == '\'';
    for (std::size_t i = at; i < end; ++i) {
      const bool is_quote = quoted && (i == at || i + 1 == end);
      if (text[i] != '\n' && !is_quote) code[i] = ' ';
    }
    at = std::max(end, at + 1);
  }
  return code;
}

}  // namespace hearsay::tidy
