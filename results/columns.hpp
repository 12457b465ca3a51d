#pragma once

#include <cstdint>
#include <string>

#include "results/number_text.hpp"
#include "results/records.hpp"

/// The columns of each kind of row, in order: visit(name, value) is called for each, with
/// a value of type std::int64_t, double or std::string. The header, the cells and the JSON
/// object of a row all come from here.

namespace hearsay {

template <class Visitor>
void visit_columns(const MetricsRow& row, Visitor&& visit) {
  visit("round", row.round);
  visit("time_s", exact_seconds(row.time));
  visit("peers", row.peers);
  visit("accuracy_mean", row.accuracy_mean);
  visit("accuracy_sd", row.accuracy_sd);
  visit("accuracy_min", row.accuracy_min);
  visit("accuracy_p10", row.accuracy_p10);
  visit("accuracy_p50", row.accuracy_p50);
  visit("accuracy_p90", row.accuracy_p90);
  visit("accuracy_max", row.accuracy_max);
  visit("accuracy_before_mixing", row.accuracy_before_mixing);
  visit("accuracy_mean_model", row.accuracy_mean_model);
  visit("accuracy_local", row.accuracy_local);
  visit("loss_mean", row.loss_mean);
  visit("consensus_distance", row.consensus_distance);
  visit("bytes_sent", row.bytes_sent);
  visit("messages_sent", row.messages_sent);
  visit("messages_dropped", row.messages_dropped);
  visit("staleness_mean", row.staleness_mean);
  visit("messages_late", row.messages_late);
  visit("messages_refused", row.messages_refused);
  visit("live_peers", row.live_peers);
  visit("components", row.components);
  visit("consensus_distance_within", row.consensus_distance_within);
  visit("models_not_finite", row.models_not_finite);
  visit("infeasible_aggregations", row.infeasible_aggregations);
  visit("influence", row.influence);
}

template <class Visitor>
void visit_columns(const PeerRow& row, Visitor&& visit) {
  visit("round", row.round);
  visit("time_s", exact_seconds(row.time));
  visit("peer", std::int64_t{row.peer});
  visit("role", row.role);
  visit("alive", std::int64_t{row.alive ? 1 : 0});
  visit("accuracy", row.accuracy);
  visit("loss", row.loss);
  visit("samples", row.samples);
  visit("steps", row.steps);
  visit("bytes_sent", row.bytes_sent);
  visit("bytes_received", row.bytes_received);
  visit("component", std::int64_t{row.component});
  visit("live_neighbors", row.live_neighbors);
}

template <class Visitor>
void visit_columns(const SideRow& row, Visitor&& visit) {
  visit("round", row.round);
  visit("time_s", exact_seconds(row.time));
  visit("component", std::int64_t{row.component});
  visit("peers", row.peers);
  visit("accuracy_mean", row.accuracy_mean);
  visit("accuracy_min", row.accuracy_min);
  visit("consensus_distance", row.consensus_distance);
}

template <class Visitor>
void visit_columns(const TraceRow& row, Visitor&& visit) {
  visit("time_s", exact_seconds(row.time));
  visit("peer", std::int64_t{row.peer});
  visit("event", row.event);
  visit("from", std::int64_t{row.from});
  visit("number", row.number);
  visit("digest", to_hex(row.digest));
}

}  // namespace hearsay
