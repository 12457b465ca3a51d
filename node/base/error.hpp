#pragma once

#include <stdexcept>
#include <string>

namespace hearsay {

/// A mistake in what the user gave us: a scenario, a command line, a data file.
/// The message is one line that names the place, the value, the bound and, for
/// names, the nearest valid choice. `main` prints it and exits with code 2.
class UserError : public std::invalid_argument {
 public:
  using std::invalid_argument::invalid_argument;
};

}  // namespace hearsay
