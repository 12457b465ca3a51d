#include "results/event_history.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "node/base/error.hpp"
#include "results/run_file.hpp"

namespace hearsay {
namespace {

using Json = nlohmann::json;

constexpr double kBins = 150.0;

/// One line of events.jsonl.
struct Event {
  double time_s = 0.0;
  std::string kind;
  std::optional<PeerId> peer;
  std::string what;
};

std::string words_of(const Json& line) {
  std::string words;
  if (line.contains("peer")) words = "peer " + line["peer"].dump();
  if (!line.contains("details")) return words;
  for (const auto& [name, value] : line["details"].items()) {
    const std::string text = value.is_string() ? value.get<std::string>() : value.dump();
    words.append(words.empty() ? "" : ", ").append(name == "what" ? text : name + " " + text);
  }
  return words;
}

Event event_of(const Json& line) {
  Event event{.time_s = line.at("time_s").get<double>(),
              .kind = line.at("kind").get<std::string>(),
              .what = words_of(line)};
  if (line.contains("peer")) event.peer = line["peer"].get<PeerId>();
  if (event.time_s < 0.0 || event.time_s > kLatestTimeS) throw UserError("time_s is out of range");
  return event;
}

std::vector<Event> read_events(const RunFile& file) {
  std::vector<Event> events;
  std::ifstream in = file.open();
  std::string text;
  for (int number = 1; std::getline(in, text); ++number) {
    const Json line = Json::parse(text, nullptr, /*allow_exceptions=*/false);
    if (!line.is_object()) file.fail_line(number, "no JSON object");
    try {
      events.push_back(event_of(line));
    } catch (const Json::exception& error) {
      file.fail_line(number, std::string("not as a run writes it (") + error.what() + ")");
    } catch (const UserError& error) {
      file.fail_line(number, error.what());
    }
  }
  return events;
}

std::vector<Join> joins_in(const std::vector<Event>& events) {
  std::vector<Join> joins;
  std::set<PeerId> known;
  for (const Event& event : events) {
    if (!event.peer || !known.insert(*event.peer).second || event.kind != "join") continue;
    joins.push_back({*event.peer, SimTime::from_seconds(event.time_s)});
  }
  return joins;
}

}  // namespace

EventHistory read_event_history(const std::filesystem::path& directory, double end_s) {
  const std::vector<Event> events = read_events(RunFile(directory / "events.jsonl"));
  for (const Event& event : events) end_s = std::max(end_s, event.time_s);
  std::map<std::pair<std::string, int>, EventMark> marks;
  for (const Event& event : events) {
    const int bin = end_s > 0.0 ? static_cast<int>(event.time_s / end_s * kBins) : 0;
    auto [found, is_new] = marks.try_emplace({event.kind, bin});
    EventMark& mark = found->second;
    if (is_new) mark = {.kind = event.kind, .from_s = event.time_s, .what = event.what};
    mark.from_s = std::min(mark.from_s, event.time_s);
    mark.until_s = std::max(mark.until_s, event.time_s);
    ++mark.count;
  }
  EventHistory history{.marks = {}, .joins = joins_in(events)};
  for (auto& [key, mark] : marks) history.marks.push_back(std::move(mark));
  return history;
}

}  // namespace hearsay
