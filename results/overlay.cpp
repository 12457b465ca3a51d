#include "results/overlay.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "results/plot.hpp"
#include "results/statistics.hpp"

namespace hearsay {
namespace {

// Okabe and Ito's, which most people can tell apart: jfly.uni-koeln.de/color, 2008.
constexpr std::array kColors{"#0072b2", "#d55e00", "#009e73", "#cc79a7",
                             "#e69f00", "#56b4e9", "#000000"};

double spent(const CurvePoint& point, std::size_t axis) {
  return std::array{point.round, point.time_s, point.bytes_sent}[axis];
}

}  // namespace

std::vector<CurvePoint> mean_curve(const std::vector<const FinishedRun*>& runs,
                                   const std::string& column) {
  std::size_t rows = runs.front()->rows.size();
  for (const FinishedRun* run : runs) rows = std::min(rows, run->rows.size());
  const auto column_at = [&](std::size_t row, const std::string& name) {
    std::vector<double> values;
    for (const FinishedRun* run : runs) values.push_back(run->rows[row][*run->column(name)]);
    return values;
  };
  std::vector<CurvePoint> curve;
  for (std::size_t row = 0; row < rows; ++row) {
    const std::vector<double> values = column_at(row, column);
    if (!std::ranges::all_of(values, [](double value) { return std::isfinite(value); })) continue;
    const auto [least, most] = std::ranges::minmax(values);
    curve.push_back({.round = mean_of(column_at(row, "round")),
                     .time_s = mean_of(column_at(row, "time_s")),
                     .bytes_sent = mean_of(column_at(row, "bytes_sent")),
                     .mean = mean_of(values),
                     .least = least,
                     .most = most});
  }
  return curve;
}

std::vector<Figure> overlay_figures(const Comparison& comparison) {
  std::vector<Figure> figures;
  for (std::size_t axis = 0; axis < kPlotAxes.size(); ++axis) {
    std::string blocks;
    std::string bands;
    std::string lines;
    for (std::size_t m = 0; m < comparison.methods.size(); ++m) {
      const ComparedMethod& method = comparison.methods[m];
      if (method.curve.empty()) continue;
      const std::string name = "$method" + std::to_string(m);
      const std::string color = kColors[m % kColors.size()];
      blocks += name + " << END\n";
      for (const CurvePoint& point : method.curve) {
        blocks += plot_cell(spent(point, axis)) + " " + plot_cell(point.mean) + " " +
                  plot_cell(point.least) + " " + plot_cell(point.most) + "\n";
      }
      blocks += "END\n";
      bands += name + " using 1:3:4 with filledcurves fc rgb '" + color +
               "' fs transparent solid 0.15 noborder notitle, \\\n     ";
      lines += (lines.empty() ? "" : ", \\\n     ") + name + " using 1:2 with lines lw 2 lc rgb '" +
               color + "' title " + plot_quoted(method.label) + " noenhanced";
    }
    if (lines.empty()) return figures;
    figures.push_back(make_figure(comparison.curve_column + "_over_" + kPlotAxes[axis].name,
                                  axis_settings(kPlotAxes[axis], comparison.curve_column), blocks,
                                  "plot " + bands + lines + "\n"));
  }
  return figures;
}

}  // namespace hearsay
