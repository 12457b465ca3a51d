#include "node/protocols/ad_psgd.hpp"

#include "node/protocols/pairwise_averaging.hpp"

namespace hearsay {

std::unique_ptr<Protocol> make_protocol(const AdPsgdOptions& options, const PeerView& view) {
  return make_pairwise_averaging(
      {.rounds = options.rounds,
       .idle = options.idle,
       .exchange = {.timeout = options.timeout, .attempts = options.attempts}},
      view);
}

}  // namespace hearsay
