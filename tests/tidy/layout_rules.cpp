#include "tests/tidy/layout_rules.hpp"

#include <algorithm>
#include <cctype>
#include <string>

#include "tests/tidy/blocks.hpp"

namespace hearsay::tidy {
namespace {

/// Characters of a line, not bytes: continuation bytes of UTF-8 do not count.
int columns(std::string_view line) {
  return static_cast<int>(std::ranges::count_if(
      line, [](char c) { return (static_cast<unsigned>(c) & 0xC0U) != 0x80U; }));
}

bool is_blank(std::string_view line) {
  return line.find_first_not_of(" \t\r") == std::string_view::npos;
}

/// How often `virtual` declares a function other than a destructor in code[first, last).
int count_virtuals(std::string_view code, std::size_t first, std::size_t last) {
  constexpr std::string_view kWord = "virtual ";
  int count = 0;
  for (std::size_t at = code.find(kWord, first); at < last; at = code.find(kWord, at + 1)) {
    if (code[at + kWord.size()] != '~') ++count;
  }
  return count;
}

}  // namespace

std::vector<Violation> check_lines(const SourceFile& file) {
  std::vector<Violation> found;
  const auto lines = lines_of(file.text);
  const bool tabs_allowed = file.path.ends_with("Makefile");
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const auto report = [&](std::string message) {
      found.push_back({file.path, static_cast<int>(i) + 1, std::move(message)});
    };
    const std::string_view line = lines[i];
    if (columns(line) > kMaxColumns) {
      report(std::to_string(columns(line)) + " columns; the limit is 100");
    }
    if (!tabs_allowed && line.find('\t') != std::string_view::npos) report("tab; use spaces");
    if (line.ends_with(' ') || line.ends_with('\r')) report("space at the end of the line");
  }
  const int count = static_cast<int>(lines.size());
  if (count > kMaxLinesPerFile) {
    found.push_back({file.path, count, std::to_string(count) + " lines; the limit is 500"});
  }
  if (!file.text.empty() && file.text.back() != '\n') {
    found.push_back({file.path, count, "no line break at the end of the file"});
  }
  return found;
}

std::vector<Violation> check_function_lengths(const SourceFile& file) {
  std::vector<Violation> found;
  for (const Block& block : find_blocks(file.code)) {
    if (block.kind != BlockKind::kFunction) continue;
    const int first = line_at(file.code, block.header_at);
    const int length = line_at(file.code, block.close) - first + 1;
    if (length > kMaxLinesPerFunction) {
      found.push_back(
          {file.path, first, "function of " + std::to_string(length) + " lines; the limit is 70"});
    }
  }
  return found;
}

std::vector<Violation> check_interface_sizes(const SourceFile& file) {
  std::vector<Violation> found;
  const std::vector<Block> blocks = find_blocks(file.code);
  for (const Block& block : blocks) {
    if (block.kind != BlockKind::kClass) continue;
    int count = count_virtuals(file.code, block.open, block.close);
    for (const Block& inner : blocks) {
      const bool nested = inner.open > block.open && inner.close < block.close;
      if (nested && inner.kind == BlockKind::kClass) {
        count -= count_virtuals(file.code, inner.open, inner.close);
      }
    }
    // One function per occasion: who is told would else have to take occasions apart itself.
    const bool is_told = file.path == "node/protocols/protocol.hpp" ||
                         file.path == "node/runtime/simulation_observer.hpp";
    const int most = is_told ? kMaxVirtualsOfListener : kMaxVirtualsPerClass;
    if (count > most) {
      found.push_back(
          {file.path, line_at(file.code, block.header_at),
           std::to_string(count) + " virtual functions; the limit is " + std::to_string(most)});
    }
  }
  return found;
}

std::vector<Violation> check_pragma_once(const SourceFile& file) {
  if (!file.is_header()) return {};
  const auto lines = lines_of(file.code);
  const auto first = std::ranges::find_if_not(lines, is_blank);
  if (first != lines.end() && first->starts_with("#pragma once")) return {};
  return {{file.path, 1, "a header begins with #pragma once"}};
}

std::vector<Violation> check_scenario_comment(const SourceFile& file) {
  const bool is_scenario = file.is_in("scenarios/") && file.path.ends_with(".yaml");
  if (!is_scenario || file.text.starts_with('#')) return {};
  return {{file.path, 1, "a scenario begins with a comment: question, expected outcome, run time"}};
}

}  // namespace hearsay::tidy
