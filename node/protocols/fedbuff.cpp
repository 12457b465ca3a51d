#include "node/protocols/fedbuff.hpp"

#include "node/protocols/async_server.hpp"
#include "node/protocols/server_client.hpp"
#include "node/protocols/server_tasks.hpp"

namespace hearsay {

std::unique_ptr<Protocol> make_protocol(const FedbuffOptions& options, const PeerView& view) {
  if (view.self != options.server) {
    return make_server_client(
        {.server = options.server, .rounds = options.rounds, .ask_after = options.timeout}, view);
  }
  return make_async_server({.rounds = options.rounds,
                            .buffer = options.buffer,
                            .factor = options.server_lr / options.buffer,
                            .offer = AsyncServerOptions::Offer::kChange,
                            .staleness = options.staleness},
                           view);
}

std::optional<std::string> unfit(const FedbuffOptions& options, const Graph& graph) {
  return unfit_for_server(options.server, graph);
}

}  // namespace hearsay
