#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "node/base/archive.hpp"
#include "node/net/batch.hpp"
#include "node/net/refusal.hpp"
#include "node/runtime/simulation_observer.hpp"

namespace hearsay {

/// News that hosts send to the process that keeps the record of a deployment. Times count
/// from the sender's start of the run.

/// The host's peers start: for the first time, or again after the host's end.
struct StartNews {
  SimTime time;
  bool is_restarted = false;

  void persist(Archive& archive) { archive(time, is_restarted); }
};

/// A peer has finished a round.
struct RoundNews {
  RoundNotice notice;

  void persist(Archive& archive);
};

/// A peer's training gave something that is not finite.
struct DivergedNews {
  PeerId peer = 0;
  SimTime time;

  void persist(Archive& archive) { archive(peer, time); }
};

/// Something was wrong with what a peer combined.
struct IncidentNews {
  PeerId peer = 0;
  int round = 0;
  SimTime time;
  AggregationIncidents incidents;

  void persist(Archive& archive) {
    archive(peer, round, time, incidents.not_finite, incidents.infeasible);
  }
};

/// Something that came over the network was refused.
struct RefusedNews {
  SimTime time;
  Refusal reason = Refusal::kTruncated;
  std::string sender;       ///< A process's name, or an address and a key.
  bool is_message = false;  ///< A peer's message, with the fields below.
  PeerId from = 0;
  PeerId to = 0;
  std::int32_t round = 0;
  std::uint64_t sequence = 0;

  void persist(Archive& archive) {
    archive(time, reason, sender, is_message, from, to, round, sequence);
  }
};

/// A fault of the scenario's timeline has changed a peer.
struct ChangeNews {
  PeerId peer = 0;
  PeerChange change;

  void persist(Archive& archive) { archive(peer, change.time, change.kind); }
};

/// The host's peers at a time of the sampling plan.
struct SampleNews {
  SimTime time;
  std::vector<PeerSample> peers;  ///< Those that are up, ascending.
  PeerCounters totals;            ///< Of all its peers.
  bool is_last = false;

  void persist(Archive& archive);
};

/// Another process is silent, or speaks again.
struct SilenceNews {
  std::string process;
  SimTime time;
  bool is_lost = false;

  void persist(Archive& archive) { archive(process, time, is_lost); }
};

/// How one peer ended.
struct PeerEnd {
  PeerId peer = 0;
  bool is_up = false;
  bool has_finished = false;
  Digest model = 0;  ///< Of its final model; 0: there is none.
  PeerCounters counters;
  std::vector<PeerId> waits_for;  ///< If it has not finished.

  void persist(Archive& archive) { archive(peer, is_up, has_finished, model, counters, waits_for); }
};

/// The host's peers have done all they had to do, or cannot go on.
struct EndNews {
  SimTime time;
  bool was_stopped = false;  ///< From outside, before its peers were done.
  std::vector<PeerEnd> peers;
  std::int64_t events = 0;
  double training_seconds = 0.0;  ///< CPU seconds, as the next.
  double aggregation_seconds = 0.0;
  double cpu_seconds = 0.0;  ///< Of the process.
  std::int64_t peak_rss_bytes = 0;
  std::int64_t parcels_dropped = 0;  ///< By flow control.

  void persist(Archive& archive) {
    archive(time, was_stopped, peers, events, training_seconds, aggregation_seconds, cpu_seconds,
            peak_rss_bytes, parcels_dropped);
  }
};

using Report = std::variant<StartNews, RoundNews, DivergedNews, IncidentNews, RefusedNews,
                            ChangeNews, SampleNews, SilenceNews, EndNews>;

/// The frames of a report: fields, then one frame per model. Models are shared, not copied.
Frames encode_report(Report report);

/// @throws MessageRefused if the frames are no report.
Report decode_report(std::span<const Buffer> frames);

}  // namespace hearsay
