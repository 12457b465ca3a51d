#include "results/figures.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "node/base/error.hpp"
#include "results/heat_map.hpp"
#include "results/number_text.hpp"
#include "results/plot.hpp"

namespace hearsay {
namespace {

constexpr const char* kViridis =
    "set palette defined (0 '#440154', 1 '#482878', 2 '#3e4a89', 3 '#31688e', 4 '#26828e', "
    "5 '#1f9e89', 6 '#35b779', 7 '#6dcd59', 8 '#b4de2c', 9 '#fde725')\n";

/// Lines "x y0 y1 ...", one per row of metrics.csv.
std::string block(const FinishedRun& run, const char* x,
                  const std::vector<std::vector<double>>& ys) {
  std::string text = "$data << END\n";
  for (std::size_t row = 0; row < run.rows.size(); ++row) {
    text += plot_cell(run.rows[row][*run.column(x)]);
    for (const std::vector<double>& y : ys) text += " " + plot_cell(y[row]);
    text += "\n";
  }
  return text + "END\n";
}

std::vector<double> column_of(const FinishedRun& run, std::string_view name) {
  const auto at = run.column(name);
  std::vector<double> values;
  for (const std::vector<double>& row : run.rows) values.push_back(at ? row[*at] : kMissing);
  return values;
}

bool is_measured(const std::vector<double>& values) {
  return std::ranges::any_of(values, [](double value) { return std::isfinite(value); });
}

/// Mean, band and worst peer over each of the axes.
void add_spread(std::vector<Figure>& figures, const ReportData& data, const char* name,
                const char* y_label, const std::vector<std::vector<double>>& ys) {
  if (!is_measured(ys.front())) return;
  for (const PlotAxis& axis : kPlotAxes) {
    figures.push_back(make_figure(
        std::string(name) + "_over_" + axis.name, axis_settings(axis, y_label),
        block(data.run, axis.column, ys),
        "plot $data using 1:3:4 with filledcurves fc rgb '#0072b2' fs transparent solid 0.25 "
        "noborder title '10th to 90th percentile', \\\n"
        "     $data using 1:2 with lines lw 2 lc rgb '#0072b2' title 'mean of the peers', \\\n"
        "     $data using 1:5 with lines lw 2 dt 2 lc rgb '#d55e00' title 'worst peer'\n"));
  }
}

void add_line(std::vector<Figure>& figures, const ReportData& data, const char* name,
              const PlotAxis& axis, const char* y_label, const std::string& more,
              const std::vector<double>& y) {
  if (!is_measured(y)) return;
  figures.push_back(make_figure(std::string(name) + "_over_" + axis.name,
                                axis_settings(axis, y_label) + "set yrange [0:*]\n" + more,
                                block(data.run, axis.column, {y}),
                                "plot $data using 1:2 with lines lw 2 lc rgb '#0072b2' notitle\n"));
}

void add_messages(std::vector<Figure>& figures, const ReportData& data) {
  const std::vector<double> sent = column_of(data.run, "messages_sent");
  if (!is_measured(sent)) return;
  figures.push_back(make_figure(
      "messages_over_rounds", axis_settings(kPlotAxes[0], "messages") + "set format y '%.1s%c'\n",
      block(data.run, "round",
            {sent, column_of(data.run, "messages_dropped"), column_of(data.run, "messages_late")}),
      "plot $data using 1:2 with lines lw 2 lc rgb '#0072b2' title 'sent', \\\n"
      "     $data using 1:3 with lines lw 2 dt 2 lc rgb '#d55e00' title 'dropped', \\\n"
      "     $data using 1:4 with lines lw 2 dt 4 lc rgb '#009e73' title 'late'\n"));
}

void add_reached(std::vector<Figure>& figures, const ReportData& data) {
  std::string blocks;
  std::string plot;
  for (std::size_t t = 0; t < data.peers.reached.size(); ++t) {
    const ReachedTimes& target = data.peers.reached[t];
    if (target.peers == 0) continue;
    const std::string name = "$target" + std::to_string(t);
    const auto peers = static_cast<double>(target.peers);
    blocks += name + " << END\n0 0\n";
    for (std::size_t k = 0; k < target.seconds.size(); ++k) {
      blocks +=
          plot_cell(target.seconds[k]) + " " + plot_cell(static_cast<double>(k + 1) / peers) + "\n";
    }
    blocks += plot_cell(data.run.last("time_s")) + " " +
              plot_cell(static_cast<double>(target.seconds.size()) / peers) + "\nEND\n";
    plot += (plot.empty() ? "plot " : ", \\\n     ") + name + " using 1:2 with steps lw 2 lt " +
            std::to_string(t + 1) + " title 'accuracy " + shortest(target.target) + "'";
  }
  if (plot.empty()) return;
  figures.push_back(
      make_figure("time_to_accuracy",
                  axis_settings(kPlotAxes[1], "share of the peers") + "set yrange [0:1.02]\n",
                  blocks, plot + "\n"));
}

const std::vector<std::vector<double>>& shown_values(const PeerHistory& peers) {
  const bool has_accuracy = std::ranges::any_of(peers.accuracy, is_measured);
  return has_accuracy ? peers.accuracy : peers.loss;
}

const char* shown_name(const PeerHistory& peers) {
  return &shown_values(peers) == &peers.accuracy ? "accuracy" : "loss";
}

double mean_of_present(const std::vector<double>& values, std::size_t from, std::size_t until) {
  double sum = 0.0;
  int count = 0;
  for (std::size_t i = from; i < until; ++i) {
    if (!std::isfinite(values[i])) continue;
    sum += values[i];
    ++count;
  }
  return count == 0 ? kMissing : sum / count;
}

void add_peers(std::vector<Figure>& figures, const ReportData& data) {
  constexpr std::size_t kMost = 100;
  const std::vector<std::vector<double>>& values = shown_values(data.peers);
  if (!std::ranges::any_of(values, is_measured)) return;
  const std::size_t peers = data.peers.peers.size();
  const std::size_t rows = std::min(peers, kMost);
  const std::vector<std::size_t> columns = evenly_spaced(values.size(), kMost);
  std::string cells = "$data << END\n";
  for (std::size_t c = 0; c < columns.size(); ++c) {
    for (std::size_t r = 0; r < rows; ++r) {
      const std::size_t from = r * peers / rows;
      const std::size_t until = (r + 1) * peers / rows;
      cells += std::to_string(c) + " " + std::to_string(from) + " " + std::to_string(until) + " " +
               plot_cell(mean_of_present(values[columns[c]], from, until)) + "\n";
    }
  }
  std::string tics;
  for (const std::size_t c : evenly_spaced(columns.size(), 8)) {
    const std::size_t row = data.peers.moments[columns[c]];
    tics += (tics.empty() ? "'" : ", '") +
            plot_cell(data.run.rows[row][*data.run.column("round")]) + "' " + std::to_string(c);
  }
  figures.push_back(make_figure(
      "peers",
      std::string(kViridis) + "set xlabel 'round'\nset ylabel 'peer'\nset cblabel '" +
          shown_name(data.peers) + "'\nset xtics (" + tics + ")\nset xrange [-0.5:" +
          plot_cell(static_cast<double>(columns.size()) - 0.5) + "]\nset yrange [" +
          std::to_string(peers) + ":0]\nset style fill solid noborder\nunset key\nunset grid\n",
      cells + "END\n",
      "plot $data using 1:2:($1-0.5):($1+0.5):2:3:4 with boxxyerror lc palette\n"));
}

void add_graph(std::vector<Figure>& figures, const ReportData& data) {
  const GraphPicture& graph = data.plan.graph;
  const std::vector<std::vector<double>>& values = shown_values(data.peers);
  if (graph.x.empty() || values.empty()) return;
  std::string lines = "$links << END\nNaN NaN\n";
  const auto place = [&](PeerId peer) {
    const auto i = static_cast<std::size_t>(peer);
    return plot_cell(graph.x[i]) + " " + plot_cell(1.0 - graph.y[i]);
  };
  for (const auto& [from, to] : graph.edges) lines += place(from) + "\n" + place(to) + "\n\n";
  lines += "END\n$data << END\n";
  for (std::size_t i = 0; i < data.peers.peers.size(); ++i) {
    lines += place(data.peers.peers[i].peer) + " " + plot_cell(values.back()[i]) + "\n";
  }
  const char* const size = graph.x.size() > 1000 ? "0.25" : graph.x.size() > 100 ? "0.6" : "1.5";
  figures.push_back(
      make_figure("graph",
                  std::string(kViridis) + "set cblabel '" + shown_name(data.peers) +
                      "'\nunset border\nunset tics\nset cbtics\nunset key\nunset grid\n"
                      "set size ratio -1\n",
                  lines + "END\n",
                  std::string("plot $links using 1:2 with lines lc rgb '#bbbbbb', \\\n"
                              "     $data using 1:2:3 with points pt 7 ps ") +
                      size + " lc palette\n"));
}

}  // namespace

std::vector<Figure> report_figures(const ReportData& data) {
  std::vector<Figure> figures;
  if (data.run.rows.empty()) return figures;
  add_spread(figures, data, "accuracy", "test accuracy",
             {column_of(data.run, "accuracy_mean"), column_of(data.run, "accuracy_p10"),
              column_of(data.run, "accuracy_p90"), column_of(data.run, "accuracy_min")});
  std::vector<double> p10;
  std::vector<double> p90;
  std::vector<double> worst;
  for (const LossSpread& spread : data.peers.loss_spread) {
    p10.push_back(spread.p10);
    p90.push_back(spread.p90);
    worst.push_back(spread.max);
  }
  add_spread(figures, data, "loss", "test loss",
             {column_of(data.run, "loss_mean"), p10, p90, worst});
  for (const PlotAxis& axis : kPlotAxes) {
    add_line(figures, data, "consensus_distance", axis, "consensus distance", "",
             column_of(data.run, "consensus_distance"));
  }
  add_line(figures, data, "bytes", kPlotAxes[0], "bytes sent by all peers",
           "set format y '%.0s %cB'\n", column_of(data.run, "bytes_sent"));
  add_messages(figures, data);
  add_reached(figures, data);
  add_peers(figures, data);
  add_graph(figures, data);
  return figures;
}

void write_figures(const std::vector<Figure>& figures, const std::filesystem::path& directory) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) throw UserError(directory.string() + " cannot be created: " + error.message());
  for (const Figure& each : figures) {
    switch (draw_figure(directory, each.name, each.script)) {
      case Drawn::kYes:
        break;
      case Drawn::kNoGnuplot:
        throw UserError("--figures: gnuplot is not installed (Debian: gnuplot-nox)");
      case Drawn::kFailed:
        throw std::runtime_error((directory / each.name).string() + ": gnuplot could not draw it");
    }
  }
}

}  // namespace hearsay
