#include "node/completion.hpp"

#include "node/base/error.hpp"

namespace hearsay {
namespace {

std::string joined(const std::vector<std::string>& words, const char* between = " ") {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : between) + word;
  return text;
}

std::vector<std::string> names_of(const std::vector<OptionInfo>& options) {
  std::vector<std::string> names;
  for (const OptionInfo& option : options) {
    if (option.is_argument) continue;
    names.insert(names.end(), option.names.begin(), option.names.end());
  }
  return names;
}

/// Within single quotes of a shell.
std::string quoted(const std::string& text) {
  std::string result;
  for (const char c : text) result += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return "'" + result + "'";
}

/// Text in which the marks of zsh's _arguments mean nothing.
std::string plain_for_zsh(const std::string& text) {
  std::string result;
  for (const char c : text) {
    if (c == '[' || c == ']' || c == ':' || c == '\\') result += '\\';
    result += c;
  }
  return result;
}

std::string zsh_option(const OptionInfo& option) {
  std::string values = ":_files";
  const std::vector<std::string> choices = option.choices();
  if (!choices.empty()) values = ":(" + joined(choices) + ")";
  if (option.is_argument) return quoted("*:" + option.value + values);
  const std::string help = "[" + plain_for_zsh(option.description) + "]";
  std::string text;
  for (const std::string& name : option.names) {
    const std::string value =
        option.value.empty() ? "" : ":" + plain_for_zsh(option.value) + values;
    text += (text.empty() ? "" : " ") + quoted("*" + name + help + value);
  }
  return text;
}

std::string fish_option(const std::string& condition, const OptionInfo& option) {
  if (option.is_argument) return "";
  std::string line = "complete -c hearsay " + condition;
  for (const std::string& name : option.names) {
    line += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
  }
  const std::vector<std::string> choices = option.choices();
  if (!choices.empty()) {
    line += " -x -a " + quoted(joined(choices));
  } else if (!option.value.empty()) {
    line += " -r";
  }
  return line + " -d " + quoted(option.description) + "\n";
}

/// Text as it stands in a manual: no hyphen for a minus, no line that is a command.
std::string roff(const std::string& text) {
  std::string result;
  for (const char c : text) {
    if (c == '\\') {
      result += "\\e";
    } else if (c == '-') {
      result += "\\-";
    } else if (c == '\'') {
      result += "\\(aq";
    } else {
      result += c;
    }
  }
  return result.starts_with('.') ? "\\&" + result : result;
}

std::string man_options(const std::vector<OptionInfo>& options) {
  std::string text;
  for (const OptionInfo& option : options) {
    text += ".TP\n";
    if (!option.is_argument) text += "\\fB" + roff(joined(option.names, ", ")) + "\\fR ";
    text += "\\fI" + roff(option.value) + "\\fR\n" + roff(option.description) + "\n";
  }
  return text;
}

}  // namespace

std::string bash_completion(const CommandTree& tree) {
  std::vector<std::string> first = names_of(tree.options);
  std::string values;
  std::string options;
  for (const CommandInfo& command : tree.commands) {
    first.push_back(command.name);
    options +=
        "    " + command.name + ") words=" + quoted(joined(names_of(command.options))) + " ;;\n";
    for (const OptionInfo& option : command.options) {
      if (option.choices().empty()) continue;
      // An argument with choices is the first, behind the command itself.
      for (const std::string& name :
           option.is_argument ? std::vector{command.name} : option.names) {
        values += "    \"" + command.name + " " + name +
                  "\") words=" + quoted(joined(option.choices())) + " ;;\n";
      }
    }
  }
  return "_hearsay() {\n"
         "  local current=${COMP_WORDS[COMP_CWORD]} words=\n"
         "  local previous=${COMP_WORDS[COMP_CWORD - 1]} command=${COMP_WORDS[1]}\n"
         "  COMPREPLY=()\n"
         "  if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
         "    COMPREPLY=($(compgen -W " +
         quoted(joined(first)) +
         " -- \"$current\"))\n"
         "    return\n"
         "  fi\n"
         "  case \"$command $previous\" in\n" +
         values +
         "  esac\n"
         "  if [[ -z $words && $current == -* ]]; then\n"
         "    case \"$command\" in\n" +
         options +
         "    esac\n"
         "  fi\n"
         "  [ -z \"$words\" ] || COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n"
         "}\n"
         "complete -o default -o bashdefault -F _hearsay hearsay\n";
}

std::string zsh_completion(const CommandTree& tree) {
  std::string commands;
  std::string cases;
  for (const CommandInfo& command : tree.commands) {
    commands += "    " +
                quoted(plain_for_zsh(command.name) + ":" + plain_for_zsh(command.description)) +
                "\n";
    std::vector<std::string> options;
    for (const OptionInfo& option : command.options) options.push_back(zsh_option(option));
    cases += "    " + command.name + ") _arguments " + joined(options) + " ;;\n";
  }
  return "#compdef hearsay\n"
         "_hearsay() {\n"
         "  local -a commands=(\n" +
         commands +
         "  )\n"
         "  if (( CURRENT == 2 )); then\n"
         "    _describe command commands\n"
         "    return\n"
         "  fi\n"
         "  local command=$words[2]\n"
         "  shift words\n"
         "  (( CURRENT-- ))\n"
         "  case $command in\n" +
         cases +
         "  esac\n"
         "}\n"
         "compdef _hearsay hearsay\n";
}

std::string fish_completion(const CommandTree& tree) {
  std::string text;
  for (const OptionInfo& option : tree.options) {
    text += fish_option("-n __fish_use_subcommand", option);
  }
  for (const CommandInfo& command : tree.commands) {
    text += "complete -c hearsay -n __fish_use_subcommand -f -a " + command.name + " -d " +
            quoted(command.description) + "\n";
    for (const OptionInfo& option : command.options) {
      text += fish_option("-n '__fish_seen_subcommand_from " + command.name + "'", option);
    }
  }
  return text;
}

std::string completion_for(const std::string& shell, const CommandTree& tree) {
  if (shell == "bash") return bash_completion(tree);
  if (shell == "zsh") return zsh_completion(tree);
  if (shell == "fish") return fish_completion(tree);
  throw UserError("completion: no shell \"" + shell + "\"; valid: bash, fish, zsh");
}

std::string man_page(const CommandTree& tree) {
  std::string text = ".TH HEARSAY 1\n.SH NAME\nhearsay \\- " +
                     roff(tree.description.substr(tree.description.find(' ') + 1)) +
                     "\n.SH SYNOPSIS\n.B hearsay\n.I COMMAND\n[\\fIARGUMENTS\\fR]\n.SH OPTIONS\n" +
                     man_options(tree.options) + ".SH COMMANDS\n";
  for (const CommandInfo& command : tree.commands) {
    text += ".SS \"hearsay " + roff(command.name);
    for (const OptionInfo& option : command.options) {
      if (!option.is_argument) continue;
      text += option.is_required ? " " + roff(option.value) : " [" + roff(option.value) + "]";
    }
    text += "\"\n" + roff(command.description) + "\n" + man_options(command.options);
  }
  return text + ".SH EXIT STATUS\n" + roff(tree.footer) + "\n";
}

}  // namespace hearsay
