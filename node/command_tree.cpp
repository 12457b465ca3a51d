#include "node/command_tree.hpp"

#include <CLI/CLI.hpp>

#include <cctype>
#include <sstream>
#include <string_view>

#include "scenarios/nearest_name.hpp"

namespace hearsay {
namespace {

std::vector<OptionInfo> options_of(const CLI::App& app) {
  std::vector<OptionInfo> options;
  for (const CLI::Option* option : app.get_options()) {
    OptionInfo info{.names = {},
                    .value = option->get_option_text(),
                    .description = option->get_description(),
                    .is_argument = option->get_positional(),
                    .is_required = option->get_required()};
    if (info.is_argument) info.names.push_back(option->get_single_name());
    for (const std::string& name : option->get_snames()) info.names.push_back("-" + name);
    for (const std::string& name : option->get_lnames()) info.names.push_back("--" + name);
    options.push_back(std::move(info));
  }
  return options;
}

}  // namespace

std::vector<std::string> OptionInfo::choices() const {
  std::vector<std::string> choices;
  // In capitals stands what the user fills in.
  if (value.find('|') == std::string::npos || value.find('=') != std::string::npos) return choices;
  std::istringstream text(value);
  for (std::string choice; std::getline(text, choice, '|');) choices.push_back(choice);
  return choices;
}

CommandTree command_tree(const CLI::App& app) {
  CommandTree tree{.name = app.get_name(),
                   .description = app.get_description(),
                   .footer = app.get_footer(),
                   .options = options_of(app),
                   .commands = {}};
  for (const CLI::App* command : app.get_subcommands({})) {
    tree.commands.push_back(
        {command->get_name(), command->get_description(), options_of(*command)});
  }
  return tree;
}

std::string explain(const CLI::App& app, const CLI::ParseError& error) {
  if (!app.get_subcommands().empty()) return error.what();
  const std::vector<std::string> rest = app.remaining();
  if (!rest.empty() && rest.front().starts_with('-')) return "no option " + rest.front();
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands({})) names.push_back(command->get_name());
  if (rest.empty()) {
    std::string text = "a command is missing: " + names.front();
    for (std::size_t i = 1; i < names.size(); ++i) {
      text += (i + 1 < names.size() ? ", " : " or ") + names[i];
    }
    return text;
  }
  return "no command \"" + rest.front() + "\"; " +
         suggestion(rest.front(), std::vector<std::string_view>(names.begin(), names.end()));
}

}  // namespace hearsay
