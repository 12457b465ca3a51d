#pragma once

#include <string>
#include <string_view>

namespace hearsay {

/// The page that shows a run: one self-contained HTML document, which asks for nothing else.
/// `json`: the data, from report_json().
std::string report_page(std::string_view title, std::string_view json);

/// The same page without data, which its server sends as server-sent events from `events`
/// (node/live_server.hpp).
std::string live_page(std::string_view title);

}  // namespace hearsay
