#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "node/net/batch.hpp"

namespace hearsay {

/// What a parcel between two processes carries, behind its link frame.
enum class ParcelKind : std::uint32_t {
  kHeartbeat = 1,  ///< One frame: the addresses that the sender knows.
  kMessages = 2,   ///< A batch of peers' messages (batch.hpp).
  kReport = 3,     ///< News for the process that keeps the record.
};

/// The first frame of every parcel: 40 bytes, little endian. It binds the parcel to the run,
/// the scenario and the sending process, and carries the flow control.
struct LinkFrame {
  static constexpr std::uint32_t kVersion = 1;
  static constexpr std::size_t kBytes = 40;

  std::uint32_t version = kVersion;
  ParcelKind kind = ParcelKind::kHeartbeat;
  std::uint32_t process = 0;   ///< Index of the sending process in the deployment.
  std::uint32_t is_done = 0;   ///< 1: the process has done all it had to do.
  RunIdentity identity;        ///< run, then scenario_digest.
  std::uint64_t position = 0;  ///< Bytes handed to this connection so far, this included.
};

Buffer encode_link_frame(const LinkFrame& frame);

/// @throws MessageRefused if it has another size, version, run or scenario, or an unknown kind.
LinkFrame decode_link_frame(std::span<const std::byte> bytes, const RunIdentity& identity);

}  // namespace hearsay
