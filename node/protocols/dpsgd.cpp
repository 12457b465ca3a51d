#include "node/protocols/dpsgd.hpp"

#include "node/protocols/synchronous_rounds.hpp"

namespace hearsay {

std::unique_ptr<Protocol> make_protocol(const DpsgdOptions& options, const PeerView& view) {
  return make_synchronous({.rounds = options.rounds,
                           .missing = options.missing,
                           .timeout = options.timeout,
                           .missing_weight = options.missing_weight},
                          view);
}

}  // namespace hearsay
