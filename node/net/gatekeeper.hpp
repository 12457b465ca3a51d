#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>

#include <zmq.hpp>

#include "node/net/refusal.hpp"

namespace hearsay {

/// Answers ZeroMQ's question, for every connection that asks to be let in, whether its key
/// may: the handler of the ZeroMQ Authentication Protocol (rfc.zeromq.org/spec/27) of one
/// context. Not for concurrent use.
class Gatekeeper {
 public:
  /// Bind it before the sockets that it guards. `process_of_key`: by public key, in Z85.
  Gatekeeper(zmq::context_t& context, std::map<std::string, int> process_of_key);

  void revoke(const std::set<std::string>& public_keys) { revoked_ = public_keys; }
  bool is_revoked(const std::string& public_key) const { return revoked_.contains(public_key); }

  /// Told who was turned away: an address and a key.
  using OnRefused = std::function<void(Refusal reason, const std::string& sender)>;

  /// Answers all questions that have come. Those let in bear the index of their process as
  /// User-Id.
  void answer(const OnRefused& on_refused);

  zmq::socket_t& socket() { return socket_; }

 private:
  zmq::socket_t socket_;
  std::map<std::string, int> process_of_key_;
  std::set<std::string> revoked_;
};

}  // namespace hearsay
