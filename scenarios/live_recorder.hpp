#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "node/live/report.hpp"
#include "node/net/endpoint.hpp"

namespace hearsay {

/// What reports must fit.
struct ReportBounds {
  std::vector<int> process_of_peer;
  std::size_t model_size = 0;  ///< Floats.
  int total_rounds = 0;        ///< 0: not known.

  /// Whether reports of this round carry the peer's model.
  std::function<bool(int round)> wants_model;
};

/// The recording end of a deployment: receives the reports of all hosts on a thread of its
/// own, so that signs of life go on while models are tested, checks that each speaks of its
/// sender's own peers and fits the run, and keeps them until they are taken. Unless said
/// otherwise functions are for the thread that made it.
class LiveRecorder final : private EndpointListener {
 public:
  /// @throws UserError if the address cannot be bound.
  LiveRecorder(const EndpointOptions& endpoint, ReportBounds bounds);

  /// Stops receiving.
  ~LiveRecorder() override;

  /// Where hosts can reach it.
  std::string address() const { return address_; }

  /// News of a process: a report, or that it is silent or speaks again.
  struct News {
    int process = 0;
    Report report;
  };

  /// What has come since the last call; waits for something for up to `timeout`.
  std::vector<News> take(SimTime timeout);

  /// Tells the hosts that all is recorded.
  void set_done() { is_done_ = true; }

  /// Refusals so far.
  RefusalCounts refused();

 private:
  void on_parcel(int process, ParcelKind kind, std::span<const Buffer> frames) override;
  void on_refused(const RefusedParcel& parcel) override;
  void on_heard(int process) override;
  void on_lost(int process) override;

  void check(int process, const Report& report) const;
  void check_peer(int process, PeerId peer) const;
  void check_model(const ModelBuffer& model) const;
  void keep(int process, Report report);

  ReportBounds bounds_;
  std::mutex mutex_;  ///< Guards what follows.
  std::condition_variable changed_;
  std::vector<News> news_;
  RefusalCounts refused_;
  std::atomic<bool> is_done_{false};
  std::atomic<bool> stop_{false};
  Endpoint endpoint_;  ///< Used by the thread alone.
  std::string address_;
  std::thread thread_;
};

}  // namespace hearsay
