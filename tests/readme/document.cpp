#include "tests/readme/document.hpp"

#include <sys/wait.h>

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <fstream>
#include <set>

namespace hearsay::readme {
namespace {

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

/// What to do with the lines of the current block.
enum class Block { kProse, kCommands, kOutput, kOther };

Block opened_by(std::string_view fence, bool behind_commands) {
  if (fence == "```sh run") return Block::kCommands;
  if (fence == "```text output" && behind_commands) return Block::kOutput;
  return Block::kOther;
}

bool is_digit(char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; }
bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

/// The length of the number that `text` begins with: digits, fraction, exponent.
std::size_t number_length(std::string_view text) {
  const auto digits = [&](std::size_t from) {
    while (from < text.size() && is_digit(text[from])) ++from;
    return from;
  };
  std::size_t end = digits(0);
  if (end + 1 < text.size() && text[end] == '.' && is_digit(text[end + 1])) end = digits(end + 1);
  if (end + 2 < text.size() && text[end] == 'e' && (text[end + 1] == '-' || text[end + 1] == '+') &&
      is_digit(text[end + 2])) {
    end = digits(end + 2);
  }
  return end;
}

/// 16 if `text` begins with a digest as to_hex writes it; else 0.
std::size_t digest_length(std::string_view text) {
  constexpr std::size_t kLength = 16;
  if (text.size() < kLength || (text.size() > kLength && is_word(text[kLength]))) return 0;
  const auto digest = text.substr(0, kLength);
  return digest.find_first_not_of("0123456789abcdef") == std::string_view::npos ? kLength : 0;
}

bool is_rule(char c) { return c == '-' || c == '=' || c == ' '; }

}  // namespace

std::vector<Example> examples_of(std::string_view markdown) {
  std::vector<Example> examples;
  Block block = Block::kProse;
  bool behind_commands = false;
  int number = 0;
  for (const std::string& line : lines_of(markdown)) {
    ++number;
    if (line.starts_with("```") && block == Block::kProse) {
      block = opened_by(line, behind_commands);
      behind_commands = false;
      if (block == Block::kCommands)
        examples.push_back({.line = number, .commands = {}, .expected = {}});
    } else if (line.starts_with("```")) {
      behind_commands = block == Block::kCommands;
      block = Block::kProse;
    } else if (block == Block::kCommands) {
      examples.back().commands += line + "\n";
    } else if (block == Block::kOutput && !line.empty() && line != "...") {
      examples.back().expected.push_back(line);
    } else if (block == Block::kProse && !line.empty()) {
      behind_commands = false;
    }
  }
  return examples;
}

std::vector<Quote> quotes_of(std::string_view markdown) {
  constexpr std::string_view kFence = "```";
  constexpr std::string_view kFrom = " from ";
  std::vector<Quote> quotes;
  bool inside = false;
  int number = 0;
  for (const std::string& line : lines_of(markdown)) {
    ++number;
    const std::size_t from = line.find(kFrom);
    if (line.starts_with(kFence) && from != std::string::npos) {
      quotes.push_back({.line = number, .path = line.substr(from + kFrom.size()), .text = {}});
      inside = true;
    } else if (line.starts_with(kFence)) {
      inside = false;
    } else if (inside) {
      quotes.back().text += line + "\n";
    }
  }
  return quotes;
}

std::string loosened(std::string_view line) {
  std::string result;
  while (!line.empty()) {
    const bool starts_word = result.empty() || !is_word(result.back());
    std::size_t length = starts_word ? digest_length(line) : 0;
    if (length == 0 && is_digit(line.front())) length = number_length(line);
    if (length > 0) {
      result += '#';
    } else {
      length = 1;
      const bool repeats = is_rule(line.front()) && result.ends_with(line.front());
      if (!repeats) result += line.front();
    }
    line.remove_prefix(length);
  }
  const std::size_t first = result.find_first_not_of(' ');
  if (first == std::string::npos) return {};
  return result.substr(first, result.find_last_not_of(' ') - first + 1);
}

std::vector<std::string> missing_lines(const Example& example, std::string_view output) {
  std::set<std::string> present;
  for (const std::string& line : lines_of(output)) present.insert(loosened(line));
  std::vector<std::string> missing;
  std::ranges::copy_if(example.expected, std::back_inserter(missing),
                       [&](const auto& line) { return !present.contains(loosened(line)); });
  return missing;
}

Result run(const Example& example, const Surroundings& surroundings) {
  const std::filesystem::path script = surroundings.folder / "example.sh";
  std::ofstream(script) << "set -e\n"
                        << "unset MAKEFLAGS MAKELEVEL\n"
                        << "PATH=" << surroundings.program.parent_path() << ":$PATH\n"
                        << "make() { command make -n -C " << surroundings.repository
                        << " \"$@\" >/dev/null; }\n"
                        << "cd " << surroundings.folder << "\n"
                        << example.commands;
  FILE* pipe = popen(("sh '" + script.string() + "' 2>&1 </dev/null").c_str(), "r");
  if (pipe == nullptr) return {.exit_code = -1, .output = "sh could not be started"};
  Result result;
  char chunk[4096];
  for (std::size_t n = 0; (n = fread(chunk, 1, sizeof chunk, pipe)) > 0;) {
    result.output.append(chunk, n);
  }
  const int status = pclose(pipe);
  result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return result;
}

}  // namespace hearsay::readme
