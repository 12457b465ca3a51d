#pragma once

#include <string>

#include "node/base/error.hpp"

namespace hearsay {

/// What the UserError thrown by `action` says; empty if it throws none.
template <class Action>
std::string user_error_of(Action&& action) {
  try {
    action();
  } catch (const UserError& error) {
    return error.what();
  }
  return "";
}

}  // namespace hearsay
