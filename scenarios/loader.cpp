#include "scenarios/loader.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>

#include "node/base/error.hpp"
#include "scenarios/checks.hpp"
#include "scenarios/reader.hpp"
#include "scenarios/scenario_outline.hpp"
#include "scenarios/writer.hpp"

namespace hearsay {
namespace {

constexpr std::size_t kMaxFileSize = std::size_t{16} << 20;

/// Gives every seed one value.
struct SeedSetter {
  void operator()(std::string_view, std::uint64_t& seed, std::string_view) { seed = value; }
  std::uint64_t value;
};

/// What says how to run a sweep, where one scenario was expected.
void refuse_sweep(Document& document) {
  const auto sweep = document.take("sweep");
  if (!sweep || sweep->value.kind == DocumentNode::Kind::kNothing) return;
  document.fail(sweep->position, "sweep",
                "describes several runs; run all with `hearsay sweep`, or one with -c sweep= and "
                "a -c KEY=VALUE for every axis");
}

}  // namespace

std::string read_scenario_text(const std::filesystem::path& path) {
  const std::string name = path.string();
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) {
    throw UserError(name + ": is a directory, expected a scenario file");
  }
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) throw UserError(name + ": cannot be opened (" + std::strerror(errno) + ")");
  std::string text;
  std::string block(std::size_t{1} << 16, '\0');
  while (file.read(block.data(), static_cast<std::streamsize>(block.size())) || file.gcount() > 0) {
    text.append(block.data(), static_cast<std::size_t>(file.gcount()));
    if (text.size() > kMaxFileSize) {
      throw UserError(name + ": larger than 16 MiB, which no scenario is");
    }
  }
  if (file.bad()) throw UserError(name + ": cannot be read (" + std::strerror(errno) + ")");
  return text;
}

Scenario parse_scenario(std::string_view text, std::string_view file_name,
                        std::span<const std::string> overrides) {
  Document document(text, file_name);
  for (const std::string& override_text : overrides) document.apply_override(override_text);
  refuse_sweep(document);
  return read_scenario(document);
}

Scenario read_scenario(const Document& document) {
  Scenario scenario;
  const DocumentPlace root{document.root(), document.root().position, ""};
  const Outline outline = outline_of(scenario);
  read_mapping(document, root, outline, scenario);

  // Seeds that are not given follow `seed`, which is known only now.
  SeedSetter set_seed{scenario.seed};
  describe(set_seed, scenario.seeds);
  if (const DocumentNode::Entry* seeds = document.find("seeds")) {
    read_mapping(document, {seeds->value, seeds->position, "seeds"},
                 find_field(outline.fields, "seeds")->mapping, scenario.seeds);
  }
  check_and_complete(document, scenario);
  return scenario;
}

Scenario load_scenario(const std::filesystem::path& path, std::span<const std::string> overrides) {
  return parse_scenario(read_scenario_text(path), path.string(), overrides);
}

std::string resolved_yaml(const Scenario& scenario) { return write_yaml(outline_of(scenario)); }

Digest scenario_digest(const Scenario& scenario) { return digest_text(resolved_yaml(scenario)); }

}  // namespace hearsay
