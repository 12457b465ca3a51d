#pragma once

#include <string>

namespace hearsay {

/// The arguments of `hearsay report`.
struct ReportArguments {
  std::string run;
  std::string out;      ///< Empty: report.html in the run directory.
  std::string figures;  ///< Directory of SVG and PDF figures; empty: none are drawn.
};

/// Carries the command out; returns the exit code.
/// @throws UserError for a mistake of the user.
int report(const ReportArguments& arguments);

}  // namespace hearsay
