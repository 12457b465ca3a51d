#include "scenarios/point_runs.hpp"

#include <array>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace hearsay {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr std::array kStatuses{PointStatus::kPending, PointStatus::kDone, PointStatus::kStalled,
                               PointStatus::kInterrupted, PointStatus::kFailed};

}  // namespace

std::string name_of(PointStatus status) {
  switch (status) {
    case PointStatus::kPending:
      return "pending";
    case PointStatus::kDone:
      return "done";
    case PointStatus::kStalled:
      return "stalled";
    case PointStatus::kInterrupted:
      return "interrupted";
    case PointStatus::kFailed:
      return "failed";
  }
  return "";
}

std::string outcome_text(const PointEnd& end) {
  const Json said{{"status", name_of(end.state.status)},
                  {"error", end.state.error},
                  {"warnings", end.warnings}};
  return said.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::optional<PointEnd> parse_outcome(const std::string& text, std::size_t point) {
  const Json said = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!said.is_object()) return std::nullopt;
  PointEnd end{.point = point};
  try {
    const auto status = said.at("status").get<std::string>();
    for (const PointStatus one : kStatuses) {
      if (name_of(one) == status) end.state.status = one;
    }
    end.state.error = said.at("error").get<std::string>();
    end.warnings = said.at("warnings").get<std::vector<std::string>>();
  } catch (const Json::exception&) {
    return std::nullopt;
  }
  return end;
}

fs::path outcome_file(const fs::path& out, const std::string& point) {
  return out / "tasks" / (point + ".json");
}

void write_outcome(const fs::path& out, const std::string& point, const PointEnd& end) {
  const fs::path path = outcome_file(out, point);
  fs::create_directories(path.parent_path());
  const fs::path part = path.string() + ".part";
  std::ofstream file(part, std::ios::binary);
  file << outcome_text(end) << std::flush;
  if (!file) throw std::runtime_error(part.string() + ": cannot be written");
  fs::rename(part, path);
}

}  // namespace hearsay
