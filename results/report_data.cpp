#include "results/report_data.hpp"

#include <cmath>
#include <utility>

#include "results/number_text.hpp"
#include "results/run_file.hpp"

namespace hearsay {
namespace {

std::string percent(double share) { return fixed(100.0 * share, 1) + " %"; }

void add_model_quality(std::vector<Headline>& headlines, const FinishedRun& run) {
  if (!std::isnan(run.last("accuracy_mean"))) {
    headlines.push_back({"Final accuracy", percent(run.last("accuracy_mean")),
                         "mean of the peers; worst " + percent(run.last("accuracy_min"))});
  }
  if (!std::isnan(run.last("loss_mean"))) {
    headlines.push_back({"Final loss", measure_text(run.last("loss_mean")), "mean of the peers"});
  }
  if (!std::isnan(run.last("consensus_distance"))) {
    headlines.push_back({"Consensus distance", measure_text(run.last("consensus_distance")),
                         "root mean square, to the mean model"});
  }
  if (run.targets.empty()) return;
  const ReachedTarget& target = run.targets.back();
  headlines.push_back({"Time to accuracy " + shortest(target.target), duration_text(target.time_s),
                       "mean; reached by " + percent(target.fraction_reached) + " of the peers"});
}

void add_cost(std::vector<Headline>& headlines, const FinishedRun& run) {
  const auto count = [&](std::string_view column) { return std::llround(run.last(column)); };
  headlines.push_back({"Rounds", grouped(count("round")),
                       "in " + duration_text(run.last("time_s")) + " of virtual time"});
  headlines.push_back({"Sent", bytes_text(count("bytes_sent")),
                       run.column("messages_sent") ? grouped(count("messages_sent")) + " messages"
                                                   : std::string()});
}

void add_summary(std::vector<Headline>& headlines, const RunFile& file) {
  const nlohmann::json summary = file.json();
  try {
    const double wall = summary.at("wall_seconds").get<double>();
    const double rate = summary.at("train_samples_per_second").get<double>();
    headlines.push_back(
        {"Wall time", duration_text(wall), grouped(std::llround(rate)) + " samples/s trained"});
  } catch (const nlohmann::json::exception& error) {
    file.fail(std::string("is not as a run writes it (") + error.what() + ")");
  }
}

}  // namespace

ReportData read_report_data(const std::filesystem::path& directory, ReportPlan plan) {
  ReportData data{.plan = std::move(plan), .run = read_finished_run(directory)};
  const double end_s = data.run.rows.empty() ? 0.0 : data.run.last("time_s");
  data.events = read_event_history(directory, end_s);
  data.peers = read_peer_history(data.run, data.plan.targets, data.plan.hold, data.events.joins);
  data.scenario = RunFile(directory / "scenario.yaml").text();
  data.manifest = RunFile(directory / "manifest.json").text();
  if (!data.run.rows.empty()) {
    add_model_quality(data.headlines, data.run);
    add_cost(data.headlines, data.run);
  }
  const RunFile summary(directory / "summary.json");
  if (summary.exists()) {
    data.summary = summary.text();
    add_summary(data.headlines, summary);
  }
  return data;
}

}  // namespace hearsay
