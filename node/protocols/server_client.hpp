#pragma once

#include <memory>

#include "node/base/time.hpp"
#include "node/protocols/protocol.hpp"

namespace hearsay {

struct ServerClientOptions {
  PeerId server = 0;
  int rounds = 0;       ///< Versions that the server makes; 0: any number.
  SimTime ask_after{};  ///< How long it waits before it asks; 0: for ever.
};

/// A client of a server (server_tasks.hpp), the same for all such protocols. It begins with
/// waiting. Given a task, it reports the model as its newest, under its version, unless it
/// has had that one; trains it and sends the result to the server alone; and waits again. A
/// newer task ends the training under way. The final model ends its work.
///
/// A client that joins or restarts says hello, and so does one that has waited for
/// `ask_after`: then after twice that time, and so on, kMostAsks times or until the server is
/// heard. Then it waits for ever. One that leaves says goodbye. It has no use for a mixing
/// weight or an aggregator.
///
/// REQUIRES: the server is a neighbor.
std::unique_ptr<Protocol> make_server_client(const ServerClientOptions& options,
                                             const PeerView& view);

/// Asks without an answer until a client gives up.
inline constexpr int kMostAsks = 10;

}  // namespace hearsay
