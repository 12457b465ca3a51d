#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace hearsay {

/// Why something that came over the network was not taken.
enum class Refusal : std::uint8_t {
  kNoKey,          ///< A connection that ended before it had proved any key (endpoint.hpp).
  kUnknownKey,     ///< A connection with a key that belongs to no process of the run.
  kRevokedKey,     ///< A connection, or a message, with a key that was revoked.
  kTruncated,      ///< Cut short, or no message of ours at all.
  kOversize,       ///< Larger than any message of the run.
  kWrongRun,       ///< Of another run, or another version of the protocol.
  kWrongScenario,  ///< Of a run of another scenario.
  kForeignSender,  ///< The claimed sender does not live in the process that owns the key.
  kWrongReceiver,  ///< Addressed to a peer that does not live here.
  kReplayed,       ///< Taken before.
  kReordered,      ///< So much older than others of its sender that it may be a replay.
  kAltered,        ///< The payload is not what the envelope says.
  kWrongShape,     ///< A payload that is no model of the run.
  kNonFinite,      ///< A model with numbers that are NaN or infinite.
  kProtocol,       ///< Not what the receiver's protocol takes.
};

inline constexpr std::size_t kRefusals = 15;

/// As in logs and results, e.g. "unknown_key".
std::string_view name_of(Refusal reason);

/// How often each reason was met.
class RefusalCounts {
 public:
  void add(Refusal reason) { ++counts_[static_cast<std::size_t>(reason)]; }
  std::int64_t of(Refusal reason) const { return counts_[static_cast<std::size_t>(reason)]; }
  std::int64_t total() const;

  friend bool operator==(const RefusalCounts&, const RefusalCounts&) = default;

 private:
  std::array<std::int64_t, kRefusals> counts_{};
};

/// Thrown where bytes off the wire are not what they must be.
class MessageRefused : public std::runtime_error {
 public:
  MessageRefused(Refusal reason, const std::string& what)
      : std::runtime_error("message refused: " + what), reason_(reason) {}

  Refusal reason() const { return reason_; }

 private:
  Refusal reason_;
};

}  // namespace hearsay
