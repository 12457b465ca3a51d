#include "scenarios/faults.hpp"

#include <type_traits>

namespace hearsay {

std::string_view action_of(const Fault& fault) {
  return std::visit([](const auto& action) { return std::decay_t<decltype(action)>::kKind; },
                    fault.action);
}

const PeerSelector* selector_of(const Fault& fault) {
  return std::visit(
      [](const auto& action) -> const PeerSelector* {
        if constexpr (requires { action.peers; }) return &action.peers;
        return nullptr;
      },
      fault.action);
}

std::string_view selector_key(const Fault& fault) {
  if (selector_of(fault) == nullptr) return "";
  return std::holds_alternative<SessionsFault>(fault.action) ? "peers" : action_of(fault);
}

}  // namespace hearsay
