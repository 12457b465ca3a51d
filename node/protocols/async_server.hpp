#pragma once

#include <memory>

#include "node/protocols/protocol.hpp"
#include "node/protocols/staleness.hpp"

namespace hearsay {

/// What tells asynchronous servers apart.
struct AsyncServerOptions {
  /// What of a client's answer x_i, trained from x_tau, goes into the next model.
  enum class Offer {
    kModel,   ///< x_i itself.
    kChange,  ///< x_i - x_tau.
  };

  int rounds = 0;  ///< Models to make; 0: any number.
  int buffer = 1;  ///< Answers per model. REQUIRES: 1 if models are offered.
  double factor = 1.0;
  Offer offer = Offer::kModel;
  StalenessOptions staleness;
};

/// A server that gives every client the newest model as soon as it has answered, and makes
/// the next model w, by the aggregator, whenever `buffer` answers have come: of the only one
/// with weight a_i and w with 1 - a_i, or of changes as update_mixing.hpp says; a_i = factor
/// * s(v - v_i) for an answer made from model v_i, when v is the newest. All clients work
/// all the time. Answers that come during an aggregation are taken up after it, in the order
/// in which they came; who filled the buffer is answered after it.
///
/// It reports every model it makes and finishes after `rounds` of them, with the final one
/// sent to all clients. A client that says hello is given the newest model, unless its answer
/// is being dealt with. A goodbye makes its task void, not what it has sent. After a restart
/// the server goes on from its last model, has lost the answers that it had not yet used,
/// and gives all clients new tasks. It never waits for a certain client.
std::unique_ptr<Protocol> make_async_server(const AsyncServerOptions& options,
                                            const PeerView& view);

}  // namespace hearsay
