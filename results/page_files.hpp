#pragma once

#include <string_view>

/// The files of results/page/ and Chart.js, as they were when Hearsay was built.
/// Chart.js 3.9, https://www.chartjs.org, MIT licence, from Debian's package libjs-chart.js.

namespace hearsay::page {

extern const std::string_view kReportHtml;
extern const std::string_view kReportCss;
extern const std::string_view kTextJs;
extern const std::string_view kCurvesJs;
extern const std::string_view kPeersJs;
extern const std::string_view kMainJs;
extern const std::string_view kChartMinJs;

}  // namespace hearsay::page
