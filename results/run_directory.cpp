#include "results/run_directory.hpp"

#include <cerrno>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "node/base/error.hpp"
#include "results/record_text.hpp"

namespace hearsay {
namespace {

namespace fs = std::filesystem;

void append(std::ofstream& file, const fs::path& path, std::string_view text) {
  file.write(text.data(), static_cast<std::streamsize>(text.size()));
  file.flush();
  if (!file) throw std::runtime_error(path.string() + ": cannot be written");
}

std::string last_error() { return std::generic_category().message(errno); }

// `place` begins the message: what the user wrote to get here.
std::ofstream open_for_rows(const fs::path& path, const std::string& place,
                            const std::string& header) {
  errno = 0;
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << header << std::flush;
  if (!file) throw UserError(place + path.string() + " cannot be written: " + last_error());
  return file;
}

void write_document(const fs::path& path, std::string_view text) {
  fs::path unfinished = path;
  unfinished += ".unfinished";
  {
    std::ofstream file(unfinished, std::ios::binary | std::ios::trunc);
    append(file, unfinished, text);
  }
  std::error_code error;
  fs::rename(unfinished, path, error);
  if (error) throw std::runtime_error(path.string() + ": cannot be written: " + error.message());
}

void remove_former(const fs::path& path, const std::string& place) {
  std::error_code error;
  fs::remove(path, error);
  if (error) throw UserError(place + path.string() + " cannot be removed: " + error.message());
}

void check_name(const std::string& name) {
  const std::string shown = "name: \"" + name + "\" cannot name a directory: ";
  if (name.empty()) throw UserError(shown + "it is empty");
  if (name.find('/') != std::string::npos) throw UserError(shown + "it contains '/'");
}

}  // namespace

RunDirectory RunDirectory::in_default_place(const std::string& name, std::uint64_t seed,
                                            const fs::path& root) {
  check_name(name);
  return RunDirectory(root / (name + "-s" + std::to_string(seed)), "");
}

RunDirectory RunDirectory::at(const fs::path& path) {
  std::error_code ignored;
  if (fs::is_directory(path, ignored) && !fs::is_empty(path, ignored) &&
      !fs::exists(path / "manifest.json", ignored)) {
    throw UserError("--out: " + path.string() +
                    " holds files but no run (no manifest.json); choose an empty or a new "
                    "directory");
  }
  return RunDirectory(path, "--out: ");
}

RunDirectory::RunDirectory(fs::path path, const std::string& place) : path_(std::move(path)) {
  std::error_code error;
  fs::create_directories(path_, error);
  if (error) throw UserError(place + path_.string() + " cannot be created: " + error.message());
  metrics_ = open_for_rows(path_ / "metrics.csv", place, metrics_csv_header());
  peers_ = open_for_rows(path_ / "peers.csv", place, peers_csv_header());
  events_ = open_for_rows(path_ / "events.jsonl", place, "");
  remove_former(path_ / "summary.json", place);
  remove_former(path_ / "report.html", place);
}

void RunDirectory::append_metrics(const MetricsRow& row) {
  append(metrics_, path_ / "metrics.csv", to_csv(row));
}

void RunDirectory::append_peers(std::span<const PeerRow> rows) {
  std::string lines;
  for (const PeerRow& row : rows) lines += to_csv(row);
  append(peers_, path_ / "peers.csv", lines);
}

void RunDirectory::append_events(std::span<const EventRecord> events) {
  std::string lines;
  for (const EventRecord& event : events) lines += to_json_line(event);
  append(events_, path_ / "events.jsonl", lines);
}

void RunDirectory::write_scenario(std::string_view yaml) {
  write_document(path_ / "scenario.yaml", yaml);
}

void RunDirectory::write_manifest(const Manifest& manifest) {
  write_document(path_ / "manifest.json", to_json(manifest));
}

void RunDirectory::write_summary(const Summary& summary) {
  write_document(path_ / "summary.json", to_json(summary));
}

}  // namespace hearsay
