#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace hearsay::readme {

/// A fenced block ```sh run of a Markdown document, and the ```text output block behind
/// it, if only empty lines lie between the two.
struct Example {
  int line = 0;                       ///< Of the opening fence, from 1.
  std::string commands;               ///< Lines of shell.
  std::vector<std::string> expected;  ///< Lines; "..." stands for any and is left out.
};

/// The examples of a document, in order.
std::vector<Example> examples_of(std::string_view markdown);

/// A fenced block ```cpp from PATH, or of another language: lines that stand so in that file of
/// the repository.
struct Quote {
  int line = 0;      ///< Of the opening fence, from 1.
  std::string path;  ///< From the repository root.
  std::string text;
};

/// The quotes of a document, in order.
std::vector<Quote> quotes_of(std::string_view markdown);

/// A line of output, less what differs between two runs: every number becomes '#' (so
/// does a word of 16 hexadecimal digits, a digest), spaces and rules are one character.
std::string loosened(std::string_view line);

/// The expected lines that `output` lacks, compared loosely, in any order.
std::vector<std::string> missing_lines(const Example& example, std::string_view output);

struct Result {
  int exit_code = 0;
  std::string output;  ///< stdout and stderr together.
};

/// Where examples run.
struct Surroundings {
  std::filesystem::path folder;      ///< Working folder.
  std::filesystem::path program;     ///< What `hearsay` means.
  std::filesystem::path repository;  ///< Whose Makefile `make` means.
};

/// Runs the commands of one example in one shell that stops at the first failure. `make`
/// only checks that the Makefile has the targets: tests must not start the tests.
Result run(const Example& example, const Surroundings& surroundings);

}  // namespace hearsay::readme
