#include "node/net/link_frame.hpp"

#include <cstring>

#include "node/net/refusal.hpp"

namespace hearsay {
namespace {

/// The frame as it lies on the wire.
struct Layout {
  std::uint32_t version;
  std::uint32_t kind;
  std::uint32_t process;
  std::uint32_t is_done;
  std::uint64_t run;
  std::uint64_t scenario_digest;
  std::uint64_t position;
};
static_assert(sizeof(Layout) == LinkFrame::kBytes);

}  // namespace

Buffer encode_link_frame(const LinkFrame& frame) {
  const Layout layout{.version = frame.version,
                      .kind = static_cast<std::uint32_t>(frame.kind),
                      .process = frame.process,
                      .is_done = frame.is_done,
                      .run = frame.identity.run,
                      .scenario_digest = frame.identity.scenario_digest,
                      .position = frame.position};
  return Buffer::copy_of(std::as_bytes(std::span(&layout, 1)));
}

LinkFrame decode_link_frame(std::span<const std::byte> bytes, const RunIdentity& identity) {
  Layout layout;
  if (bytes.size() != sizeof(layout)) throw MessageRefused(Refusal::kTruncated, "no link frame");
  std::memcpy(&layout, bytes.data(), sizeof(layout));
  if (layout.version != LinkFrame::kVersion) {
    throw MessageRefused(Refusal::kWrongRun, "another protocol version");
  }
  if (layout.run != identity.run) throw MessageRefused(Refusal::kWrongRun, "another run");
  if (layout.scenario_digest != identity.scenario_digest) {
    throw MessageRefused(Refusal::kWrongScenario, "another scenario");
  }
  if (layout.kind < static_cast<std::uint32_t>(ParcelKind::kHeartbeat) ||
      layout.kind > static_cast<std::uint32_t>(ParcelKind::kReport)) {
    throw MessageRefused(Refusal::kTruncated, "no parcel of a known kind");
  }
  return {.version = layout.version,
          .kind = static_cast<ParcelKind>(layout.kind),
          .process = layout.process,
          .is_done = layout.is_done,
          .identity = identity,
          .position = layout.position};
}

}  // namespace hearsay
