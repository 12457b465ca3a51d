#include "tests/tidy/blocks.hpp"

#include <algorithm>
#include <cctype>
#include <utility>

namespace hearsay::tidy {
namespace {

bool is_space(char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; }
bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

/// One past the bracket that matches the one at `at`; the end if there is none.
std::size_t end_of_bracket(std::string_view code, std::size_t at, char open, char close) {
  int depth = 0;
  for (std::size_t i = at; i < code.size(); ++i) {
    if (code[i] == open) ++depth;
    if (code[i] == close && --depth == 0) return i + 1;
  }
  return code.size();
}

/// Preprocessor lines, with their continuation lines, overwritten by spaces.
std::string blank_preprocessor(std::string_view code) {
  std::string blanked(code);
  bool directive = false;
  for (std::size_t start = 0; start < code.size();) {
    const std::size_t end = std::min(code.find('\n', start), code.size());
    const std::string_view line = trimmed(code.substr(start, end - start));
    directive = directive || line.starts_with('#');
    if (directive) std::fill_n(blanked.begin() + static_cast<long>(start), end - start, ' ');
    directive = directive && line.ends_with('\\');
    start = end + 1;
  }
  return blanked;
}

bool starts_with_word(std::string_view text, std::string_view word) {
  return text.starts_with(word) && (text.size() == word.size() || !is_word(text[word.size()]));
}

/// Past the spaces and access labels from `start` on.
std::size_t skip_labels(std::string_view code, std::size_t start, std::size_t end) {
  for (bool again = true; again;) {
    while (start < end && is_space(code[start])) ++start;
    again = false;
    for (const std::string_view label : {"public:", "private:", "protected:"}) {
      if (again || !code.substr(start).starts_with(label)) continue;
      start += label.size();
      again = true;
    }
  }
  return start;
}

/// The header without `template <...>` in front.
std::string_view without_template(std::string_view header) {
  while (starts_with_word(header, "template")) {
    header.remove_prefix(end_of_bracket(header, header.find('<'), '<', '>'));
    header = trimmed(header);
  }
  return header;
}

/// The first '=' of an initialiser: outside brackets and not part of an operator.
std::size_t find_initializer(std::string_view header) {
  int depth = 0;
  for (std::size_t i = 0; i < header.size(); ++i) {
    if (header[i] == '(' || header[i] == '[') ++depth;
    if (header[i] == ')' || header[i] == ']') --depth;
    if (header[i] != '=' || depth != 0) continue;
    const std::size_t name = header.substr(0, i).rfind("operator");
    const bool is_operator = name != std::string_view::npos &&
                             header.substr(name, i - name).find('(') == std::string_view::npos;
    if (!is_operator) return i;
  }
  return std::string_view::npos;
}

/// True for `Type::Type(...) : member_`, which a brace follows as an initialiser.
bool ends_in_member_initializer(std::string_view header) {
  const std::size_t parameters = header.find('(');
  const std::size_t after = end_of_bracket(header, parameters, '(', ')');
  const std::string_view tail = header.substr(after);
  const std::size_t colon = tail.find(':');
  if (colon == std::string_view::npos || tail.substr(colon).starts_with("::")) return false;
  return is_word(header.back()) || header.back() == '>';
}

BlockKind kind_of(std::string_view raw_header) {
  const std::string_view header = without_template(trimmed(raw_header));
  if (starts_with_word(header, "namespace") || header.starts_with("inline namespace") ||
      starts_with_word(header, "extern")) {
    return BlockKind::kNamespace;
  }
  if (starts_with_word(header, "enum")) return BlockKind::kEnum;
  for (const std::string_view word : {"class", "struct", "union"}) {
    if (starts_with_word(header, word)) return BlockKind::kClass;
  }
  const std::size_t initializer = find_initializer(header);
  if (initializer != std::string_view::npos) {
    const bool lambda = trimmed(header.substr(initializer + 1)).starts_with('[');
    return lambda ? BlockKind::kFunction : BlockKind::kOther;
  }
  if (header.find('(') == std::string_view::npos) return BlockKind::kOther;
  return ends_in_member_initializer(header) ? BlockKind::kOther : BlockKind::kFunction;
}

/// Collects the blocks of `code`, whose preprocessor lines are blank.
std::vector<Block> scan(std::string_view code) {
  std::vector<Block> blocks;
  std::size_t start = 0;
  for (std::size_t i = 0; i < code.size(); ++i) {
    if (code[i] == '(') {
      i = end_of_bracket(code, i, '(', ')') - 1;
    } else if (code[i] == ';' || code[i] == '}') {
      start = i + 1;
    } else if (code[i] == '{') {
      start = skip_labels(code, start, i);
      Block block{.kind = kind_of(code.substr(start, i - start)),
                  .header = std::string(code.substr(start, i - start)),
                  .header_at = start,
                  .open = i,
                  .close = end_of_bracket(code, i, '{', '}') - 1};
      const bool enters = block.kind == BlockKind::kNamespace || block.kind == BlockKind::kClass;
      if (!enters) i = block.close;
      if (block.kind != BlockKind::kOther) start = i + 1;
      blocks.push_back(std::move(block));
    }
  }
  return blocks;
}

}  // namespace

std::vector<Block> find_blocks(std::string_view code) { return scan(blank_preprocessor(code)); }

}  // namespace hearsay::tidy
