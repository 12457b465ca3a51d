#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
class ParseError;
}  // namespace CLI

namespace hearsay {

/// One option or argument of a command, as --help shows it.
struct OptionInfo {
  std::vector<std::string> names;  ///< "-c", "--out"; of an argument its name.
  std::string value;               ///< "FILE", "text|json"; empty: takes none.
  std::string description;
  bool is_argument = false;
  bool is_required = false;

  /// What the value is one of; empty if it can be anything.
  std::vector<std::string> choices() const;
};

struct CommandInfo {
  std::string name;
  std::string description;
  std::vector<OptionInfo> options;
};

/// The commands of the program and its own options: what completion and manual are made of.
struct CommandTree {
  std::string name;
  std::string description;
  std::string footer;
  std::vector<OptionInfo> options;
  std::vector<CommandInfo> commands;
};

CommandTree command_tree(const CLI::App& app);

/// What is wrong with the arguments. CLI11 does not name the commands where one is missing
/// or misspelt.
std::string explain(const CLI::App& app, const CLI::ParseError& error);

}  // namespace hearsay
