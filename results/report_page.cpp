#include "results/report_page.hpp"

#include <array>
#include <utility>

#include "results/page_files.hpp"

namespace hearsay {
namespace {

std::string escaped(std::string_view text) {
  std::string html;
  for (const char c : text) {
    if (c == '<') {
      html += "&lt;";
    } else if (c == '&') {
      html += "&amp;";
    } else {
      html += c;
    }
  }
  return html;
}

}  // namespace

std::string report_page(std::string_view title, std::string_view json) {
  std::string scripts(page::kChartMinJs);
  for (const std::string_view script :
       {page::kTextJs, page::kCurvesJs, page::kPeersJs, page::kMainJs}) {
    scripts.append("\n").append(script);
  }
  const std::array<std::pair<std::string_view, std::string>, 4> parts{
      {{"{{title}}", escaped(title)},
       {"{{style}}", std::string(page::kReportCss)},
       {"{{data}}", std::string(json)},
       {"{{scripts}}", std::move(scripts)}}};
  const std::string_view html = page::kReportHtml;
  std::string text;
  std::size_t from = 0;
  for (const auto& [mark, part] : parts) {
    const std::size_t at = html.find(mark, from);
    text.append(html.substr(from, at - from)).append(part);
    from = at + mark.size();
  }
  return text.append(html.substr(from));
}

std::string live_page(std::string_view title) { return report_page(title, "null"); }

}  // namespace hearsay
