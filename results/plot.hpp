#pragma once

#include <array>
#include <string>

#include "results/figures.hpp"

/// What the scripts of all figures have in common.

namespace hearsay {

/// What a curve is drawn over: a column of metrics.csv.
struct PlotAxis {
  const char* column;
  const char* name;  ///< In file names.
  const char* label;
  const char* format;  ///< Of its tics.
};
inline constexpr std::array kPlotAxes{
    PlotAxis{"round", "rounds", "round", "%.0f"},
    PlotAxis{"time_s", "time", "virtual time (s)", "%g"},
    PlotAxis{"bytes_sent", "bytes", "bytes sent by all peers", "%.0s %cB"}};

/// A number as gnuplot reads it.
std::string plot_cell(double value);

/// A text in gnuplot's single quotes.
std::string plot_quoted(const std::string& text);

/// Labels, tics and range of an axis.
std::string axis_settings(const PlotAxis& axis, const std::string& y_label);

/// The script of a figure: settings, blocks of data, and the command that plots them, once for
/// SVG and once for PDF.
Figure make_figure(std::string name, const std::string& settings, const std::string& data,
                   const std::string& plot);

}  // namespace hearsay
