#pragma once

#include <string>

#include "node/command_tree.hpp"

namespace hearsay {

/// A script that makes a shell complete the commands, options and choices of the program; what
/// is none of these completes to names of files. For bash(1): `source <(...)`, or a file in
/// ~/.local/share/bash-completion/completions; for zsh(1) a file _hearsay in $fpath; for fish(1)
/// one in ~/.config/fish/completions.
std::string bash_completion(const CommandTree& tree);
std::string zsh_completion(const CommandTree& tree);
std::string fish_completion(const CommandTree& tree);

/// The one for a shell. @throws UserError if it is none of these.
std::string completion_for(const std::string& shell, const CommandTree& tree);

/// The manual page for man(1), in its language, of section 1.
std::string man_page(const CommandTree& tree);

}  // namespace hearsay
