#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "node/base/time.hpp"
#include "node/net/batch.hpp"
#include "node/net/link_frame.hpp"
#include "node/net/refusal.hpp"
#include "node/net/silence_detector.hpp"

namespace hearsay {

/// One process of a deployment, as all others know it.
struct RemoteProcess {
  std::string name;
  std::string public_key;  ///< Z85; empty where nothing is encrypted.
  std::string address;     ///< ZeroMQ endpoint; empty: not known beforehand.
};

struct EndpointOptions {
  RunIdentity identity;
  std::vector<RemoteProcess> processes;  ///< All, this one included.
  int self = 0;                          ///< Which of them this one is.
  std::string secret_key;                ///< Z85; empty: plaintext, and senders are only claimed.

  /// Where to listen, e.g. "tcp://127.0.0.1:*" for any free port.
  std::string bind = "tcp://127.0.0.1:*";

  /// Bytes of the largest parcel, all frames together. Larger ones are refused; the socket
  /// cuts connections that announce a larger frame before it takes memory for it.
  std::size_t largest_parcel = std::size_t{64} << 20;

  /// Bytes that may be on the way to one process, unacknowledged; and bytes that may wait
  /// behind these. When more must wait, the oldest are dropped.
  std::size_t window_bytes = std::size_t{64} << 20;
  std::size_t queue_bytes = std::size_t{256} << 20;

  SimTime heartbeat{200'000'000};  ///< Time between two signs of life.
  SilenceOptions silence;
};

/// Something that was not taken, and from whom.
struct RefusedParcel {
  Refusal reason = Refusal::kTruncated;
  int process = -1;                  ///< Who owns the key; -1: nobody known.
  std::string sender;                ///< The process's name, or an address and a key.
  std::optional<Envelope> envelope;  ///< Of a single message.
};

/// Is told what an Endpoint meets, on the thread that polls it.
class EndpointListener {
 public:
  virtual ~EndpointListener() = default;

  /// A parcel from a process that has proved to own its key; `frames` without the link frame.
  /// May throw MessageRefused: that is counted and told like any other refusal.
  virtual void on_parcel(int process, ParcelKind kind, std::span<const Buffer> frames) = 0;

  virtual void on_refused(const RefusedParcel& refused) = 0;

  /// A process shows signs of life: for the first time, or again after on_lost.
  virtual void on_heard(int process) = 0;

  /// A process has been silent for longer than its deadline (silence_detector.hpp).
  virtual void on_lost(int process) = 0;
};

/// What an endpoint has done so far.
struct EndpointCounters {
  std::int64_t parcels_sent = 0;  ///< Without heartbeats; so below.
  std::int64_t parcels_received = 0;
  std::int64_t bytes_sent = 0;
  std::int64_t bytes_received = 0;
  std::int64_t parcels_dropped = 0;  ///< For want of credit, beyond queue_bytes.
  std::int64_t connections_cut = 0;  ///< Incoming ones that ended, for whatever reason.
  RefusalCounts refused;
};

/// One process's place in the network: a bound ROUTER receives from all other processes, one
/// DEALER for each of them sends. Nothing is received on the connecting sockets but credits.
///
/// Security. With a secret key every connection is encrypted and authenticated by CURVE: both
/// ends prove to own the key under which the deployment knows them. ZAP lets in the keys of
/// the deployment's processes alone and names the process to us with every message. Revoked
/// keys get no new connection, and nothing more is taken from the ones they have. What ends
/// before a key is proved is counted as kNoKey: a client that does not encrypt, one that breaks
/// CURVE's rules or says nothing for 30 s, and also an honest process that died just then.
///
/// Flow control. What is sent to a process but not yet taken by it never exceeds
/// `window_bytes`; each link frame tells how many bytes were sent before, the receiver
/// echoes that number on the same connection, and heartbeats do so where everything in
/// between was lost. What has to wait is bounded by `queue_bytes`. Sending never blocks.
///
/// Addresses. Heartbeats carry the addresses that a process knows. A process is believed
/// about its own address, others only where none is known. So a process that is told one
/// address finds all others, and one that comes back at another address is found again.
/// ZeroMQ reconnects with exponential back-off.
///
/// Not for concurrent use.
class Endpoint {
 public:
  /// The listener outlives the endpoint.
  /// @throws UserError if the address cannot be bound.
  Endpoint(EndpointOptions options, EndpointListener& listener);
  ~Endpoint();
  Endpoint(Endpoint&&) = delete;

  /// Where others can connect to: `bind` with the port that was chosen.
  std::string address() const;

  int processes() const;                          ///< This one included.
  const std::string& name_of(int process) const;  ///< As in the options.

  /// Hands frames over for a process other than this one. REQUIRES: kind != kHeartbeat.
  void send(int process, ParcelKind kind, Frames frames);

  /// Waits until something comes, `descriptor` (if >= 0) becomes readable, or `timeout` has
  /// passed; then handles what is there and sends heartbeats that are due.
  void poll(SimTime timeout, int descriptor = -1);

  /// Sends a heartbeat to everybody now.
  void beat();

  /// Bytes that wait for credit, or that `process` has not yet acknowledged.
  std::size_t backlog(int process) const;

  /// Whether signs of life came within the deadline; false before the first one.
  bool is_heard(int process) const;

  /// Whether the process was heard at some time, and lost since.
  bool is_lost(int process) const;

  /// Whether a process has said that it has done all it had to do; set_done() says so of this
  /// one.
  bool is_done(int process) const;
  void set_done();

  void revoke(const std::set<std::string>& public_keys);

  const EndpointCounters& counters() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace hearsay
