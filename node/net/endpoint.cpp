#include "node/net/endpoint.hpp"

#include <zmq.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstring>
#include <map>
#include <utility>

#include <zmq.hpp>

#include "node/base/check.hpp"
#include "node/base/error.hpp"
#include "node/net/address_book.hpp"
#include "node/net/gatekeeper.hpp"
#include "node/net/outlet.hpp"
#include "node/net/zmq_frames.hpp"

namespace hearsay {
namespace {

constexpr const char* kMonitorAddress = "inproc://monitor";
constexpr int kWatched = ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL |
                         ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL;

// What encryption adds to a frame, and more.
constexpr std::size_t kFrameSlack = 1024;

// Parcels handled before timers and other sockets get their turn.
constexpr int kMostAtOnce = 256;

// A credit is due when this share of the window has been taken.
constexpr std::uint64_t kCreditsPerWindow = 8;

SimTime steady_now() {
  return {std::chrono::duration_cast<std::chrono::nanoseconds>(
              std::chrono::steady_clock::now().time_since_epoch())
              .count()};
}

// The User-Id that the gatekeeper gave to the connection; nothing where nothing is encrypted.
std::string user_of(const zmq::message_t& message) {
  const char* const user = zmq_msg_gets(message.handle(), "User-Id");
  return user == nullptr ? std::string() : std::string(user);
}

std::map<std::string, int> process_of_key(const EndpointOptions& options) {
  std::map<std::string, int> processes;
  for (std::size_t i = 0; i < options.processes.size(); ++i) {
    processes.emplace(options.processes[i].public_key, static_cast<int>(i));
  }
  return processes;
}

}  // namespace

class Endpoint::Impl {
 public:
  Impl(EndpointOptions options, EndpointListener& listener)
      : options_(std::move(options)),
        listener_(listener),
        gatekeeper_(context_, process_of_key(options_)),
        router_(context_, zmq::socket_type::router),
        monitor_(context_, zmq::socket_type::pair),
        book_(options_.processes.size(), options_.self) {
    HEARSAY_CHECK(options_.self >= 0 && index(options_.self) < options_.processes.size());
    listen();
    for (const RemoteProcess& process : options_.processes) {
      outlets_.emplace_back(context_, keys_towards(process), options_.window_bytes,
                            options_.queue_bytes);
      others_.emplace_back(options_.silence, steady_now());
    }
    book_.learn(options_.self, options_.self, address());
    for (std::size_t i = 0; i < outlets_.size(); ++i) {
      const std::string& address = options_.processes[i].address;
      if (!is_self(i) && !address.empty()) learn(options_.self, static_cast<int>(i), address);
    }
  }

  std::string address() const { return router_.get(zmq::sockopt::last_endpoint); }

  void send(int process, ParcelKind kind, Frames frames) {
    HEARSAY_CHECK(kind != ParcelKind::kHeartbeat);
    HEARSAY_CHECK(!is_self(index(process)));
    counters_.parcels_dropped += outlets_[index(process)].push(link_frame(kind), std::move(frames));
    ++counters_.parcels_sent;
    flush(index(process));
  }

  void poll(SimTime timeout, int descriptor) {
    std::vector<zmq::pollitem_t> items = {{router_.handle(), 0, ZMQ_POLLIN, 0},
                                          {gatekeeper_.socket().handle(), 0, ZMQ_POLLIN, 0},
                                          {monitor_.handle(), 0, ZMQ_POLLIN, 0}};
    for (Outlet& outlet : outlets_) {
      if (outlet.socket() != nullptr)
        items.push_back({outlet.socket()->handle(), 0, ZMQ_POLLIN, 0});
    }
    if (descriptor >= 0) items.push_back({nullptr, descriptor, ZMQ_POLLIN, 0});
    const SimTime until_beat = std::max(next_beat_ - steady_now(), SimTime{});
    // Rounded up, so that what is waited for is due afterwards.
    const std::int64_t milliseconds =
        (std::clamp(timeout, SimTime{}, until_beat).nanoseconds + 999'999) / 1'000'000;
    try {
      zmq::poll(items, std::chrono::milliseconds(milliseconds));
    } catch (const zmq::error_t& error) {
      if (error.num() != EINTR) throw;
    }
    gatekeeper_.answer([this](Refusal reason, const std::string& sender) {
      refuse({.reason = reason, .sender = sender});
    });
    watch();
    for (int taken = 0; taken < kMostAtOnce && receive(); ++taken) {
    }
    for (std::size_t i = 0; i < outlets_.size(); ++i) {
      outlets_[i].take_credits();
      flush(i);
    }
    if (steady_now() >= next_beat_) beat();
    look_for_losses();
  }

  void beat() {
    const std::string text = book_.text();
    const Buffer addresses = Buffer::copy_of(std::as_bytes(std::span(text)));
    for (std::size_t i = 0; i < outlets_.size(); ++i) {
      if (!is_self(i)) outlets_[i].send_now(link_frame(ParcelKind::kHeartbeat), {addresses});
    }
    next_beat_ = steady_now() + options_.heartbeat;
  }

  const std::vector<RemoteProcess>& processes() const { return options_.processes; }
  std::size_t backlog(int process) const { return outlets_[index(process)].backlog(); }
  bool is_heard(int process) const { return others_[index(process)].state == State::kHeard; }
  bool is_lost(int process) const { return others_[index(process)].state == State::kLost; }
  bool is_done(int process) const { return others_[index(process)].is_done; }

  void set_done() {
    if (std::exchange(others_[index(options_.self)].is_done, true)) return;
    beat();
  }

  void revoke(const std::set<std::string>& public_keys) { gatekeeper_.revoke(public_keys); }
  const EndpointCounters& counters() const { return counters_; }

 private:
  enum class State { kUnheard, kHeard, kLost };

  /// What is known of another process.
  struct Other {
    Other(const SilenceOptions& options, SimTime now) : silence(options, now) {}

    SilenceDetector silence;
    State state = State::kUnheard;
    bool is_done = false;
    std::uint64_t credited = 0;  ///< Position last acknowledged.
  };

  static std::size_t index(int process) { return static_cast<std::size_t>(process); }
  bool is_self(std::size_t process) const { return process == index(options_.self); }
  bool is_encrypted() const { return !options_.secret_key.empty(); }

  OutletKeys keys_towards(const RemoteProcess& process) const {
    if (!is_encrypted()) return {};
    return {.public_key = options_.processes[index(options_.self)].public_key,
            .secret_key = options_.secret_key,
            .server_key = process.public_key};
  }

  void listen() {
    router_.set(zmq::sockopt::linger, 0);
    router_.set(zmq::sockopt::maxmsgsize,
                static_cast<std::int64_t>(options_.largest_parcel + kFrameSlack));
    if (is_encrypted()) {
      router_.set(zmq::sockopt::curve_server, true);
      router_.set(zmq::sockopt::curve_secretkey, options_.secret_key);
      router_.set(zmq::sockopt::zap_domain, "hearsay");
    }
    if (zmq_socket_monitor(router_.handle(), kMonitorAddress, kWatched) != 0) throw zmq::error_t();
    monitor_.set(zmq::sockopt::linger, 0);
    monitor_.connect(kMonitorAddress);
    try {
      router_.bind(options_.bind);
    } catch (const zmq::error_t& error) {
      throw UserError(options_.bind + ": cannot be listened on (" + error.what() + ")");
    }
  }

  LinkFrame link_frame(ParcelKind kind) const {
    return {.kind = kind,
            .process = static_cast<std::uint32_t>(options_.self),
            .is_done = others_[index(options_.self)].is_done ? 1U : 0U,
            .identity = options_.identity};
  }

  void flush(std::size_t process) {
    counters_.bytes_sent += static_cast<std::int64_t>(outlets_[process].flush());
  }

  void refuse(const RefusedParcel& refused) {
    counters_.refused.add(refused.reason);
    listener_.on_refused(refused);
  }

  // Which end finds out first that the other does not encrypt is a matter of chance. If it is the
  // other one, it hangs up before its greeting is complete, for good, and all that is left of it
  // here is a handshake that failed without a reason.
  void watch() {
    zmq::message_t event;
    while (monitor_.recv(event, zmq::recv_flags::dontwait)) {
      std::uint16_t kind = 0;
      if (event.size() >= sizeof(kind)) std::memcpy(&kind, event.data(), sizeof(kind));
      zmq::message_t from;
      if (event.more() && !monitor_.recv(from)) return;
      if (kind == ZMQ_EVENT_DISCONNECTED) {
        ++counters_.connections_cut;
      } else {
        refuse({.reason = Refusal::kNoKey, .sender = "a connection without a key"});
      }
    }
  }

  // Takes one parcel; false if there is none.
  bool receive() {
    zmq::message_t connection;
    if (!router_.recv(connection, zmq::recv_flags::dontwait)) return false;
    Frames frames;
    std::size_t bytes = 0;
    std::string user;
    bool more = connection.more();
    while (more) {
      zmq::message_t frame;
      if (!router_.recv(frame)) break;
      more = frame.more();
      bytes += frame.size();
      user = user_of(frame);
      // What is too large is let go frame by frame.
      if (bytes <= options_.largest_parcel) frames.push_back(to_buffer(std::move(frame)));
    }
    RefusedParcel refused{.process = -1, .sender = "a connection without a key"};
    try {
      if (frames.empty() && bytes <= options_.largest_parcel) {
        throw MessageRefused(Refusal::kTruncated, "no frames");
      }
      refused.process = sender_of(user, frames);
      refused.sender = options_.processes[index(refused.process)].name;
      if (bytes > options_.largest_parcel) throw MessageRefused(Refusal::kOversize, "too large");
      take(refused.process, connection, frames, bytes);
    } catch (const MessageRefused& error) {
      refused.reason = error.reason();
      refuse(refused);
    }
    return true;
  }

  // By its key; where nothing is encrypted, by what it claims.
  int sender_of(const std::string& user, const Frames& frames) const {
    int process = -1;
    if (is_encrypted()) {
      std::from_chars(user.data(), user.data() + user.size(), process);
    } else if (!frames.empty()) {
      process = static_cast<int>(decode_link_frame(frames[0].bytes(), options_.identity).process);
    }
    if (process < 0 || index(process) >= options_.processes.size() || is_self(index(process))) {
      throw MessageRefused(Refusal::kForeignSender, "from no other process of the run");
    }
    return process;
  }

  void take(int process, zmq::message_t& connection, const Frames& frames, std::size_t bytes) {
    if (gatekeeper_.is_revoked(options_.processes[index(process)].public_key)) {
      throw MessageRefused(Refusal::kRevokedKey, "the key was revoked");
    }
    const LinkFrame link = decode_link_frame(frames[0].bytes(), options_.identity);
    if (link.process != static_cast<std::uint32_t>(process)) {
      throw MessageRefused(Refusal::kForeignSender, "claims to be another process");
    }
    hear(process, link);
    const std::span<const Buffer> rest = std::span(frames).subspan(1);
    if (link.kind == ParcelKind::kHeartbeat) {
      learn_addresses(process, rest);
      credit(process, connection, link.position, 1);
      return;
    }
    credit(process, connection, link.position, options_.window_bytes / kCreditsPerWindow);
    ++counters_.parcels_received;
    counters_.bytes_received += static_cast<std::int64_t>(bytes);
    listener_.on_parcel(process, link.kind, rest);
  }

  void hear(int process, const LinkFrame& link) {
    Other& other = others_[index(process)];
    other.silence.hear(steady_now());
    other.is_done = link.is_done != 0;
    if (std::exchange(other.state, State::kHeard) != State::kHeard) listener_.on_heard(process);
  }

  // Acknowledges what was sent up to `position`, if that is `least` bytes more than before. A
  // process that was started anew begins at 0.
  void credit(int process, zmq::message_t& connection, std::uint64_t position,
              std::uint64_t least) {
    Other& other = others_[index(process)];
    if (position >= other.credited && position - other.credited < least) return;
    other.credited = position;
    if (!router_.send(connection, zmq::send_flags::sndmore | zmq::send_flags::dontwait)) return;
    router_.send(zmq::buffer(&position, sizeof(position)), zmq::send_flags::dontwait);
  }

  void learn_addresses(int process, std::span<const Buffer> frames) {
    if (frames.size() != 1) throw MessageRefused(Refusal::kTruncated, "no addresses");
    const auto bytes = frames[0].bytes();
    const std::string text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    const auto entries = read_addresses(text, options_.processes.size());
    if (!entries) throw MessageRefused(Refusal::kTruncated, "no list of addresses");
    for (const auto& [subject, address] : *entries) learn(process, subject, address);
  }

  void learn(int source, int subject, const std::string& address) {
    if (!book_.learn(source, subject, address)) return;
    // An address that is none is like none: its owner will tell a better one.
    if (!outlets_[index(subject)].connect(address)) return;
    flush(index(subject));
    next_beat_ = steady_now();
  }

  void look_for_losses() {
    const SimTime now = steady_now();
    for (std::size_t i = 0; i < others_.size(); ++i) {
      Other& other = others_[i];
      if (is_self(i) || other.state != State::kHeard || !other.silence.is_lost(now)) continue;
      other.state = State::kLost;
      listener_.on_lost(static_cast<int>(i));
    }
  }

  EndpointOptions options_;
  EndpointListener& listener_;
  zmq::context_t context_;
  Gatekeeper gatekeeper_;
  zmq::socket_t router_;
  zmq::socket_t monitor_;
  AddressBook book_;
  std::vector<Outlet> outlets_;  ///< By process; this one's is never used.
  std::vector<Other> others_;    ///< Likewise, but for is_done.
  SimTime next_beat_;
  EndpointCounters counters_;
};

Endpoint::Endpoint(EndpointOptions options, EndpointListener& listener)
    : impl_(std::make_unique<Impl>(std::move(options), listener)) {}

Endpoint::~Endpoint() = default;

std::string Endpoint::address() const { return impl_->address(); }

int Endpoint::processes() const { return static_cast<int>(impl_->processes().size()); }

const std::string& Endpoint::name_of(int process) const {
  return impl_->processes()[static_cast<std::size_t>(process)].name;
}

void Endpoint::send(int process, ParcelKind kind, Frames frames) {
  impl_->send(process, kind, std::move(frames));
}

void Endpoint::poll(SimTime timeout, int descriptor) { impl_->poll(timeout, descriptor); }

void Endpoint::beat() { impl_->beat(); }

std::size_t Endpoint::backlog(int process) const { return impl_->backlog(process); }

bool Endpoint::is_heard(int process) const { return impl_->is_heard(process); }

bool Endpoint::is_lost(int process) const { return impl_->is_lost(process); }

bool Endpoint::is_done(int process) const { return impl_->is_done(process); }

void Endpoint::set_done() { impl_->set_done(); }

void Endpoint::revoke(const std::set<std::string>& public_keys) { impl_->revoke(public_keys); }

const EndpointCounters& Endpoint::counters() const { return impl_->counters(); }

}  // namespace hearsay
