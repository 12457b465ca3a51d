#pragma once

#include <memory>
#include <variant>

#include "node/protocols/dpsgd.hpp"
#include "node/protocols/protocol.hpp"

namespace hearsay {

/// Every protocol there is. To add one, add its options here.
using ProtocolOptions = std::variant<DpsgdOptions>;

/// Builds one peer's state machine of the chosen protocol.
inline std::unique_ptr<Protocol> make_chosen(const ProtocolOptions& options, const PeerView& view) {
  return std::visit([&](const auto& chosen) { return make_protocol(chosen, view); }, options);
}

}  // namespace hearsay
