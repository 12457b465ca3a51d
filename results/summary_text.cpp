#include "results/summary_text.hpp"

#include <nlohmann/json.hpp>
#include <optional>

#include "node/base/check.hpp"
#include "results/columns.hpp"

namespace hearsay {
namespace {

using Json = nlohmann::ordered_json;

Json final_json(const std::optional<MetricsRow>& row) {
  if (!row.has_value()) return {};
  Json json = Json::object();
  visit_columns(*row, [&](const char* name, const auto& value) { json[name] = value; });
  return json;
}

Json clock_json(const ClockTimes& times) {
  return {{"node_averaged", times.node_averaged},
          {"median", times.median},
          {"p95", times.p95},
          {"slowest", times.slowest},
          {"straggler_ratio", times.straggler_ratio}};
}

Json target_json(const TimeToAccuracy& time) {
  return {{"target", time.target},
          {"peers", time.peers},
          {"censored", time.censored},
          {"fraction_reached", time.fraction_reached},
          {"rounds", clock_json(time.rounds)},
          {"time_s", clock_json(time.seconds)},
          {"bytes_received", clock_json(time.bytes_received)}};
}

Json recovery_json(const Recovery& recovery) {
  return {{"fault", recovery.fault},
          {"time_s", recovery.time_s},
          {"accuracy_before", recovery.accuracy_before},
          {"accuracy_lowest", recovery.accuracy_lowest},
          {"recovery_s", recovery.recovery_s}};
}

Json diverged_json(const DivergedPeer& diverged) {
  return {{"peer", diverged.peer}, {"round", diverged.round}};
}

Json network_json(const NetworkSummary& network) {
  return {{"busiest_share", network.busiest_share},
          {"longest_wait_s", network.longest_wait_s},
          {"retransmissions", network.retransmissions},
          {"duplicates", network.duplicates}};
}

Json churn_json(const ChurnSummary& churn) {
  return {{"live_peers", churn.live_peers},
          {"lost_peers", churn.lost_peers},
          {"most_components", churn.most_components}};
}

Json attacks_json(const AttackSummary& attacks) {
  return {{"attackers", attacks.attackers},
          {"most_attacking_neighbors", attacks.most_attacking_neighbors},
          {"models_combined", attacks.models_combined},
          {"influence", attacks.influence}};
}

template <class Item>
Json list_json(const std::vector<Item>& items, Json (*item_json)(const Item&)) {
  Json json = Json::array();
  for (const Item& item : items) json.push_back(item_json(item));
  return json;
}

void add_outcome(Json& json, const Summary& summary) {
  json["status"] = status_name(summary.status);
  json["final"] = final_json(summary.final_row);
  json["time_to_accuracy"] = list_json(summary.time_to_accuracy, target_json);
  json["recovery"] = list_json(summary.recovery, recovery_json);
  json["validation_accuracy_mean"] = summary.validation_accuracy_mean.has_value()
                                         ? Json(*summary.validation_accuracy_mean)
                                         : Json();
  json["diverged_peers"] = list_json(summary.diverged_peers, diverged_json);
}

void add_cost(Json& json, const Summary& summary) {
  json["wall_seconds"] = summary.wall_seconds;
  json["cpu_seconds"] = summary.cpu_seconds;
  json["training_seconds"] = summary.training_seconds;
  json["aggregation_seconds"] = summary.aggregation_seconds;
  json["aggregation_share"] = summary.aggregation_share();
  json["evaluation_seconds"] = summary.evaluation_seconds;
  json["peak_rss_bytes"] = summary.peak_rss_bytes;
  json["train_samples"] = summary.train_samples;
  json["train_samples_per_second"] = summary.train_samples_per_second;
  json["steps"] = summary.steps;
  json["wasted_steps"] = summary.wasted_steps;
  json["wasted_share"] = summary.wasted_share();
  json["idle_share"] = summary.idle_share;
  json["events"] = summary.events;
  json["events_per_second"] = summary.events_per_second;
}

void add_traffic(Json& json, const Summary& summary) {
  json["messages"] = summary.messages;
  json["messages_dropped"] = summary.messages_dropped;
  json["messages_late"] = summary.messages_late;
  json["messages_refused"] = summary.messages_refused;
  json["bytes_sent"] = summary.bytes_sent;
  json["staleness"] = summary.staleness;
  json["network"] = network_json(summary.network);
  json["churn"] = churn_json(summary.churn);
  json["attacks"] = attacks_json(summary.attacks);
  json["models_not_finite"] = summary.models_not_finite;
  json["infeasible_aggregations"] = summary.infeasible_aggregations;
}

Json summary_json(const Summary& summary) {
  Json json;
  add_outcome(json, summary);
  add_cost(json, summary);
  add_traffic(json, summary);
  json["model_digest"] =
      summary.model_digest.has_value() ? Json(to_hex(*summary.model_digest)) : Json();
  json["event_digest"] = to_hex(summary.event_digest);
  return json;
}

std::string dump(const Json& json, int indent) {
  return json.dump(indent, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

std::string_view status_name(RunStatus status) {
  switch (status) {
    case RunStatus::kDone:
      return "done";
    case RunStatus::kInterrupted:
      return "interrupted";
    case RunStatus::kStalled:
      return "stalled";
  }
  HEARSAY_CHECK(false);
}

std::string to_json_line(const Summary& summary) {
  return dump(Json{{"summary", summary_json(summary)}}, -1);
}

std::string to_json(const Summary& summary) { return dump(summary_json(summary), 2) + "\n"; }

}  // namespace hearsay
