#include "node/live/report.hpp"

#include <cstring>
#include <utility>

namespace hearsay {

static void persist(Archive& archive, PeerSample& sample) {
  archive(sample.peer, sample.round, sample.model, sample.counters);
}

void RoundNews::persist(Archive& archive) {
  archive(notice.peer, notice.time, notice.round, notice.model, notice.trained, notice.counters);
}

void SampleNews::persist(Archive& archive) { archive(time, peers, totals, is_last); }

namespace {

// Makes the report the alternative that `index` names.
template <std::size_t... I>
bool choose(Report& report, std::size_t index, std::index_sequence<I...>) {
  return ((index == I ? (report.emplace<I>(), true) : false) || ...);
}

}  // namespace

Frames encode_report(Report report) {
  SavingArchive archive;
  auto kind = static_cast<std::uint32_t>(report.index());
  archive(kind);
  std::visit([&](auto& news) { news.persist(archive); }, report);
  Snapshot snapshot = archive.take();
  Frames frames{Buffer::copy_of(std::as_bytes(std::span(snapshot.bytes)))};
  for (Buffer& buffer : snapshot.buffers) frames.push_back(std::move(buffer));
  return frames;
}

Report decode_report(std::span<const Buffer> frames) {
  if (frames.empty()) throw MessageRefused(Refusal::kTruncated, "no report");
  const std::span<const std::byte> bytes = frames[0].bytes();
  Snapshot snapshot{.bytes = std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()),
                    .buffers = {frames.begin() + 1, frames.end()}};
  LoadingArchive archive(snapshot);
  Report report;
  try {
    std::uint32_t kind = 0;
    archive(kind);
    if (!choose(report, kind, std::make_index_sequence<std::variant_size_v<Report>>())) {
      throw MessageRefused(Refusal::kTruncated, "no report of a known kind");
    }
    std::visit([&](auto& news) { news.persist(archive); }, report);
    archive.finish();
  } catch (const MessageRefused&) {
    throw;
  } catch (const std::runtime_error& error) {
    throw MessageRefused(Refusal::kTruncated, error.what());
  }
  return report;
}

}  // namespace hearsay
