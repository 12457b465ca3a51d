#include "scenarios/run_report.hpp"

#include <fstream>
#include <string>
#include <utility>
#include <variant>

#include "node/base/error.hpp"
#include "results/report_json.hpp"
#include "results/report_page.hpp"
#include "scenarios/experiment.hpp"
#include "scenarios/loader.hpp"
#include "topologies/drawing.hpp"

namespace hearsay {
namespace {

constexpr int kMostPeersDrawn = 10'000;
constexpr std::int64_t kMostEdgesDrawn = 5'000;

template <class... Options>
std::string kind_of(const std::variant<Options...>& options) {
  return std::visit([](const auto& chosen) { return std::string(chosen.kKind); }, options);
}

std::string description_of(const Scenario& scenario) {
  return std::to_string(scenario.peers) + (scenario.peers == 1 ? " peer" : " peers") +
         ", topology " + kind_of(scenario.topology) + ", model " + kind_of(scenario.model.kind) +
         ", protocol " + kind_of(scenario.protocol) + ", aggregator " +
         kind_of(scenario.aggregator.rule) + ", seed " + std::to_string(scenario.seed);
}

GraphPicture picture_of(const Scenario& scenario) {
  if (scenario.peers > kMostPeersDrawn) {
    return {.note = "The graph of more than 10,000 peers is not drawn."};
  }
  const Graph graph = graph_of(scenario);
  GraphPicture picture{.num_edges = graph.num_edges()};
  for (const Point& place : draw_graph(graph)) {
    picture.x.push_back(place.x);
    picture.y.push_back(place.y);
  }
  if (scenario.peers <= kMostPeersDrawnByForce) {
    picture.edges = drawn_edges(graph, kMostEdgesDrawn);
  } else {
    picture.note =
        "Links are not shown: the peer with most neighbors is in the middle, the others the "
        "farther outside the more links lie between.";
  }
  return picture;
}

}  // namespace

ReportPlan report_plan(const Scenario& scenario) {
  return {.name = scenario.name,
          .description = description_of(scenario),
          .num_peers = scenario.peers,
          .targets = scenario.evaluation.targets,
          .hold = scenario.evaluation.hold,
          .graph = picture_of(scenario)};
}

ReportData read_run_report(const std::filesystem::path& run) {
  if (!is_run_directory(run)) {
    throw UserError(run.string() + ": holds no run (no manifest.json)");
  }
  return read_report_data(run, report_plan(load_scenario(run / "scenario.yaml")));
}

void write_run_report(const ReportData& data, const std::filesystem::path& out) {
  std::ofstream file(out, std::ios::binary | std::ios::trunc);
  file << report_page(data.plan.name, report_json(data)) << std::flush;
  if (!file) throw UserError(out.string() + ": cannot be written");
}

}  // namespace hearsay
