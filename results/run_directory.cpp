#include "results/run_directory.hpp"

#include <array>
#include <cerrno>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "node/base/archive.hpp"
#include "node/base/error.hpp"
#include "results/disk.hpp"
#include "results/record_text.hpp"
#include "results/summary_text.hpp"

namespace hearsay {
namespace {

namespace fs = std::filesystem;

void write_flushed(std::ofstream& file, const fs::path& path, std::string_view text) {
  file.write(text.data(), static_cast<std::streamsize>(text.size()));
  file.flush();
  if (!file) throw std::runtime_error(path.string() + ": cannot be written");
}

std::string last_error() { return std::generic_category().message(errno); }

void write_document(const fs::path& path, std::string_view text) {
  fs::path unfinished = path;
  unfinished += ".unfinished";
  {
    std::ofstream file(unfinished, std::ios::binary | std::ios::trunc);
    write_flushed(file, unfinished, text);
  }
  sync_file(unfinished);
  std::error_code error;
  fs::rename(unfinished, path, error);
  if (error) throw std::runtime_error(path.string() + ": cannot be written: " + error.message());
  sync_directory(path.parent_path());
}

void require_removed(const std::error_code& error, const fs::path& path, const std::string& place) {
  if (error) throw UserError(place + path.string() + " cannot be removed: " + error.message());
}

// What is written when a run has ended.
void remove_endings(const fs::path& path, const std::string& place) {
  for (const char* const name : {"summary.json", "wait_for.dot", "report.html"}) {
    std::error_code error;
    fs::remove(path / name, error);
    require_removed(error, path / name, place);
  }
}

// What counts on the rows of a former run, which are about to go.
void remove_dependents(const fs::path& path, const std::string& place) {
  remove_endings(path, place);
  std::error_code error;
  fs::remove_all(path / RunDirectory::kCheckpoints, error);
  require_removed(error, path / RunDirectory::kCheckpoints, place);
  sync_directory(path);
}

// A growing file as a checkpoint knows it.
struct KnownFile {
  const char* name;
  std::int64_t GrowingSizes::*size;
};
constexpr std::array kGrowing{
    KnownFile{"metrics.csv", &GrowingSizes::metrics}, KnownFile{"peers.csv", &GrowingSizes::peers},
    KnownFile{"sides.csv", &GrowingSizes::sides}, KnownFile{"events.jsonl", &GrowingSizes::events},
    KnownFile{"trace.csv", &GrowingSizes::trace}};

std::optional<std::string> shortfall_of(const fs::path& path, std::int64_t size) {
  std::error_code error;
  const std::uintmax_t found = fs::file_size(path, error);
  if (error) return path.string() + " cannot be resumed: " + error.message();
  if (found >= static_cast<std::uintmax_t>(size)) return std::nullopt;
  return path.string() + " cannot be resumed: it holds " + std::to_string(found) +
         " bytes, fewer than the " + std::to_string(size) + " that the checkpoint counts";
}

void check_writable(const fs::path& path) {
  errno = 0;
  if (!std::ofstream(path, std::ios::binary | std::ios::app)) {
    throw UserError(path.string() + " cannot be written: " + last_error());
  }
}

template <class Row>
std::string lines_of(std::span<const Row> rows) {
  std::string lines;
  for (const Row& row : rows) lines += to_csv(row);
  return lines;
}

void check_name(const std::string& name) {
  const std::string shown = "name: \"" + name + "\" cannot name a directory: ";
  if (name.empty()) throw UserError(shown + "it is empty");
  if (name.find('/') != std::string::npos) throw UserError(shown + "it contains '/'");
}

}  // namespace

fs::path RunDirectory::default_place(const std::string& name, std::uint64_t seed,
                                     const fs::path& root) {
  check_name(name);
  return root / (name + "-s" + std::to_string(seed));
}

RunDirectory RunDirectory::in_default_place(const std::string& name, std::uint64_t seed,
                                            const fs::path& root) {
  return begin(default_place(name, seed, root), "");
}

RunDirectory RunDirectory::at(const fs::path& path) {
  std::error_code ignored;
  if (fs::is_directory(path, ignored) && !fs::is_empty(path, ignored) &&
      !fs::exists(path / "manifest.json", ignored)) {
    throw UserError("--out: " + path.string() +
                    " holds files but no run (no manifest.json); choose an empty or a new "
                    "directory");
  }
  return begin(path, "--out: ");
}

std::optional<std::string> RunDirectory::shortfall(const fs::path& path,
                                                   const GrowingSizes& sizes) {
  for (const KnownFile& file : kGrowing) {
    if (auto lacking = shortfall_of(path / file.name, sizes.*file.size)) return lacking;
  }
  return std::nullopt;
}

RunDirectory RunDirectory::resume(const fs::path& path, const GrowingSizes& sizes) {
  std::error_code ignored;
  if (!fs::exists(path / "manifest.json", ignored)) {
    throw UserError(path.string() + " holds no run to resume (no manifest.json)");
  }
  if (const auto lacking = shortfall(path, sizes)) throw UserError(*lacking);
  for (const KnownFile& file : kGrowing) check_writable(path / file.name);
  remove_endings(path, "");
  return {path,
          {.metrics = GrowingFile::go_on(path / "metrics.csv", sizes.metrics),
           .peers = GrowingFile::go_on(path / "peers.csv", sizes.peers),
           .sides = GrowingFile::go_on(path / "sides.csv", sizes.sides),
           .events = GrowingFile::go_on(path / "events.jsonl", sizes.events),
           .trace = GrowingFile::go_on(path / "trace.csv", sizes.trace)}};
}

RunDirectory RunDirectory::begin(const fs::path& path, const std::string& place) {
  std::error_code error;
  const bool is_new = fs::create_directories(path, error);
  if (error) throw UserError(place + path.string() + " cannot be created: " + error.message());
  if (is_new) sync_directory(fs::absolute(path).parent_path());
  remove_dependents(path, place);
  GrowingFiles files{
      .metrics = GrowingFile::begin(path / "metrics.csv", place, metrics_csv_header()),
      .peers = GrowingFile::begin(path / "peers.csv", place, peers_csv_header()),
      .sides = GrowingFile::begin(path / "sides.csv", place, sides_csv_header()),
      .events = GrowingFile::begin(path / "events.jsonl", place, ""),
      .trace = GrowingFile::begin(path / "trace.csv", place, trace_csv_header())};
  return {path, std::move(files)};
}

RunDirectory::RunDirectory(fs::path path, GrowingFiles files)
    : path_(std::move(path)), files_(std::move(files)) {}

RunDirectory::GrowingFile::GrowingFile(fs::path path, std::ofstream file, std::int64_t size)
    : path_(std::move(path)), file_(std::move(file)), size_(size) {}

RunDirectory::GrowingFile RunDirectory::GrowingFile::begin(fs::path path, const std::string& place,
                                                           std::string_view header) {
  errno = 0;
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << header << std::flush;
  if (!file) throw UserError(place + path.string() + " cannot be written: " + last_error());
  return {std::move(path), std::move(file), static_cast<std::int64_t>(header.size())};
}

RunDirectory::GrowingFile RunDirectory::GrowingFile::go_on(fs::path path, std::int64_t size) {
  std::error_code error;
  fs::resize_file(path, static_cast<std::uintmax_t>(size), error);
  std::ofstream file(path, std::ios::binary | std::ios::app);
  if (error || !file) throw std::runtime_error(path.string() + ": cannot be written");
  return {std::move(path), std::move(file), size};
}

void RunDirectory::GrowingFile::append(std::string_view text) {
  write_flushed(file_, path_, text);
  size_ += static_cast<std::int64_t>(text.size());
}

void RunDirectory::GrowingFile::append_unflushed(std::string_view text) {
  file_.write(text.data(), static_cast<std::streamsize>(text.size()));
  size_ += static_cast<std::int64_t>(text.size());
}

void RunDirectory::GrowingFile::flush() { write_flushed(file_, path_, ""); }

void GrowingSizes::persist(Archive& archive) { archive(metrics, peers, sides, events, trace); }

GrowingSizes RunDirectory::sizes() {
  files_.trace.flush();
  return {.metrics = files_.metrics.size(),
          .peers = files_.peers.size(),
          .sides = files_.sides.size(),
          .events = files_.events.size(),
          .trace = files_.trace.size()};
}

std::vector<fs::path> RunDirectory::growing_files() const {
  return {files_.metrics.path(), files_.peers.path(), files_.sides.path(), files_.events.path(),
          files_.trace.path()};
}

void RunDirectory::append_metrics(const MetricsRow& row) { files_.metrics.append(to_csv(row)); }

void RunDirectory::append_peers(std::span<const PeerRow> rows) {
  files_.peers.append(lines_of(rows));
}

void RunDirectory::append_sides(std::span<const SideRow> rows) {
  files_.sides.append(lines_of(rows));
}

void RunDirectory::append_events(std::span<const EventRecord> events) {
  std::string lines;
  for (const EventRecord& event : events) lines += to_json_line(event);
  files_.events.append(lines);
}

void RunDirectory::append_trace(const TraceRow& row) { files_.trace.append_unflushed(to_csv(row)); }

void RunDirectory::write_scenario(std::string_view yaml) {
  write_document(path_ / "scenario.yaml", yaml);
}

void RunDirectory::write_manifest(const Manifest& manifest) {
  write_document(path_ / "manifest.json", to_json(manifest));
}

void RunDirectory::write_summary(const Summary& summary) {
  files_.trace.flush();
  write_document(path_ / "summary.json", to_json(summary));
}

void RunDirectory::write_wait_graph(std::string_view dot) {
  write_document(path_ / "wait_for.dot", dot);
}

}  // namespace hearsay
