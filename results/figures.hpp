#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "results/report_data.hpp"

namespace hearsay {

/// One plot of a report for a paper.
struct Figure {
  std::string name;    ///< Of its files, without their endings.
  std::string script;  ///< For gnuplot: writes NAME.svg and NAME.pdf.
};

/// The plots of a report: accuracy, loss and consensus distance over rounds, virtual time and
/// bytes, bytes and messages over rounds, time to accuracy, peers over time and the graph at
/// the end; those that the run has numbers for. Of more than 100 peers or moments, means over
/// neighboring rows and evenly spaced moments are in the picture of the peers.
std::vector<Figure> report_figures(const ReportData& data);

/// Writes each figure's script, SVG and PDF into a directory, which is made if need be.
/// @throws UserError if it cannot be made or written, or gnuplot is not installed.
void write_figures(const std::vector<Figure>& figures, const std::filesystem::path& directory);

}  // namespace hearsay
