#include "scenarios/live_recorder.hpp"

#include <chrono>

namespace hearsay {
namespace {

constexpr SimTime kLongestPoll{50'000'000};

// What a bad sender does over and over is counted, not kept.
constexpr std::int64_t kMostKept = 100;

}  // namespace

LiveRecorder::LiveRecorder(const EndpointOptions& endpoint, ReportBounds bounds)
    : bounds_(std::move(bounds)), endpoint_(endpoint, *this), address_(endpoint_.address()) {
  thread_ = std::thread([this] {
    while (!stop_) {
      endpoint_.poll(kLongestPoll);
      if (is_done_) endpoint_.set_done();
    }
  });
}

LiveRecorder::~LiveRecorder() {
  stop_ = true;
  thread_.join();
}

std::vector<LiveRecorder::News> LiveRecorder::take(SimTime timeout) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, std::chrono::nanoseconds(timeout.nanoseconds),
                    [this] { return !news_.empty(); });
  return std::exchange(news_, {});
}

RefusalCounts LiveRecorder::refused() {
  const std::lock_guard lock(mutex_);
  return refused_;
}

void LiveRecorder::keep(int process, Report report) {
  {
    const std::lock_guard lock(mutex_);
    news_.push_back({process, std::move(report)});
  }
  changed_.notify_one();
}

void LiveRecorder::on_parcel(int process, ParcelKind kind, std::span<const Buffer> frames) {
  if (kind != ParcelKind::kReport) {
    throw MessageRefused(Refusal::kWrongReceiver, "a message for a process without peers");
  }
  Report report = decode_report(frames);
  check(process, report);
  keep(process, std::move(report));
}

void LiveRecorder::on_refused(const RefusedParcel& parcel) {
  std::int64_t count = 0;
  {
    const std::lock_guard lock(mutex_);
    refused_.add(parcel.reason);
    count = refused_.of(parcel.reason);
  }
  if (count > kMostKept) return;
  keep(parcel.process, RefusedNews{.reason = parcel.reason, .sender = parcel.sender});
}

void LiveRecorder::on_heard(int process) {
  keep(process, SilenceNews{.process = endpoint_.name_of(process), .is_lost = false});
}

void LiveRecorder::on_lost(int process) {
  keep(process, SilenceNews{.process = endpoint_.name_of(process), .is_lost = true});
}

void LiveRecorder::check_peer(int process, PeerId peer) const {
  const bool is_peer = peer >= 0 && static_cast<std::size_t>(peer) < bounds_.process_of_peer.size();
  if (!is_peer || bounds_.process_of_peer[static_cast<std::size_t>(peer)] != process) {
    throw MessageRefused(Refusal::kForeignSender, "a report on a peer that lives elsewhere");
  }
}

void LiveRecorder::check_model(const ModelBuffer& model) const {
  if (!model.empty() && model.size() != bounds_.model_size) {
    throw MessageRefused(Refusal::kWrongShape, "a report with a model that is none of the run");
  }
}

void LiveRecorder::check(int process, const Report& report) const {
  if (const auto* round = std::get_if<RoundNews>(&report)) {
    const RoundNotice& notice = round->notice;
    check_peer(process, notice.peer);
    check_model(notice.model);
    check_model(notice.trained);
    const bool is_round =
        notice.round >= 0 && (bounds_.total_rounds == 0 || notice.round <= bounds_.total_rounds);
    if (!is_round) throw MessageRefused(Refusal::kProtocol, "a round that there is not");
    if (notice.model.empty() == bounds_.wants_model(notice.round)) {
      throw MessageRefused(Refusal::kWrongShape, "a report with a model too few or too many");
    }
  } else if (const auto* diverged = std::get_if<DivergedNews>(&report)) {
    check_peer(process, diverged->peer);
  } else if (const auto* incident = std::get_if<IncidentNews>(&report)) {
    check_peer(process, incident->peer);
  } else if (const auto* change = std::get_if<ChangeNews>(&report)) {
    check_peer(process, change->peer);
  } else if (const auto* sample = std::get_if<SampleNews>(&report)) {
    for (const PeerSample& peer : sample->peers) {
      check_peer(process, peer.peer);
      check_model(peer.model);
    }
  } else if (const auto* end = std::get_if<EndNews>(&report)) {
    for (const PeerEnd& peer : end->peers) check_peer(process, peer.peer);
  }
}

}  // namespace hearsay
