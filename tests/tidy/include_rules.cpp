#include "tests/tidy/include_rules.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>

namespace hearsay::tidy {
namespace {

/// What the files below `folder` may include of this repository. The longest folder that
/// fits a file counts.
struct Layer {
  std::string_view folder;
  std::vector<std::string_view> may_include;
};

const std::vector<Layer>& layers() {
  static const std::vector<Layer> list = {
      {"node/base/", {"node/base/"}},
      {"topologies/", {"topologies/", "node/base/"}},
      {"aggregators/", {"aggregators/", "node/base/"}},
      {"results/", {"results/", "node/base/"}},
      {"node/data/", {"node/data/", "node/base/"}},
      {"node/codecs/", {"node/codecs/", "node/base/"}},
      {"node/net/", {"node/net/", "node/base/"}},
      {"node/world/", {"node/world/", "topologies/", "node/base/"}},
      {"node/learning/", {"node/learning/", "node/data/", "node/base/"}},
      {"node/protocols/", {"node/protocols/", "aggregators/", "topologies/", "node/base/"}},
      {"node/runtime/",
       {"node/runtime/", "node/world/", "node/protocols/", "node/learning/", "node/net/",
        "node/codecs/", "node/data/", "aggregators/", "topologies/", "node/base/"}},
      {"node/live/",
       {"node/live/", "node/runtime/", "node/world/", "node/protocols/", "node/learning/",
        "node/net/", "node/codecs/", "node/data/", "aggregators/", "topologies/", "node/base/"}},
      {"scenarios/", {"scenarios/", "results/", "node/", "aggregators/", "topologies/"}},
      {"node/", {"node/", "scenarios/", "results/", "aggregators/", "topologies/"}},
      {"tests/", {""}},
      {"bench/", {""}},
  };
  return list;
}

/// Headers that only some files may include.
struct Foreign {
  std::vector<std::string_view> headers;      ///< Prefixes of the included path.
  std::vector<std::string_view> allowed;      ///< Prefixes of the including file's path.
  std::vector<std::string_view> denied = {};  ///< If not empty: denied here, else allowed.
};

const std::vector<Foreign>& foreign_list() {
  static const std::vector<Foreign> list = {
      {{"torch/", "ATen/", "c10/"}, {"node/learning/torch_", "tests/learning/", "bench/"}},
      {{"zmq"}, {"node/net/", "tests/net/", "bench/"}},
      {{"google/protobuf/"}, {"node/net/", "tests/net/", "bench/"}},
      {{"yaml-cpp/"}, {"scenarios/", "tests/scenarios/"}},
      {{"simgrid/"}, {"node/world/simgrid_"}},
      {{"httplib.h"}, {"node/live_server", "tests/page/"}},
      {{"random"}, {}},
      {{"thread", "chrono", "condition_variable", "future"},
       {},
       {"node/protocols/", "aggregators/", "topologies/"}},
      // Topologies that vary in time are drawn once for all threads.
      {{"mutex"}, {}, {"node/protocols/", "aggregators/"}},
  };
  return list;
}

bool starts_with_any(std::string_view text, const std::vector<std::string_view>& prefixes) {
  return std::ranges::any_of(prefixes, [&](auto prefix) { return text.starts_with(prefix); });
}

/// A prefix that ends in '/' or "zmq" covers a family; any other names one header.
bool is_header_of(const Foreign& foreign, const std::string& path) {
  return std::ranges::any_of(foreign.headers, [&](std::string_view header) {
    const bool family = header.ends_with('/') || header == "zmq";
    return family ? path.starts_with(header) : path == header;
  });
}

bool is_torch(const std::string& path) { return is_header_of(foreign_list().front(), path); }

bool may_use_torch(std::string_view path) {
  return starts_with_any(path, foreign_list().front().allowed);
}

/// True if `path`, or what it includes of the tree, includes torch. `seen` ends cycles.
bool reaches_torch(const std::string& path, const std::map<std::string, std::vector<Include>>& tree,
                   std::set<std::string>& seen) {
  const auto file = tree.find(path);
  if (file == tree.end() || !seen.insert(path).second) return false;
  return std::ranges::any_of(file->second, [&](const Include& include) {
    return is_torch(include.path) || reaches_torch(include.path, tree, seen);
  });
}

}  // namespace

std::vector<Include> includes_of(const SourceFile& file) {
  std::vector<Include> found;
  if (!file.is_cpp()) return found;
  const auto code = lines_of(file.code);
  const auto text = lines_of(file.text);
  for (std::size_t i = 0; i < code.size(); ++i) {
    constexpr std::string_view kInclude = "#include ";
    if (!code[i].starts_with(kInclude)) continue;
    const std::string_view name = text[i].substr(kInclude.size());
    const std::size_t end = name.find_first_of("\">", 1);
    if (end == std::string_view::npos) continue;
    found.push_back(
        {std::string(name.substr(1, end - 1)), name.starts_with('"'), static_cast<int>(i) + 1});
  }
  return found;
}

std::vector<Violation> check_arrows(const SourceFile& file) {
  const auto layer = std::ranges::max_element(layers(), {}, [&](const Layer& candidate) {
    return file.is_in(candidate.folder) ? candidate.folder.size() + 1 : 0;
  });
  std::vector<Violation> found;
  for (const Include& include : includes_of(file)) {
    if (!include.quoted || include.path.ends_with(".pb.h")) continue;
    if (!file.is_in(layer->folder)) {
      found.push_back({file.path, include.line, "file outside the known folders"});
    } else if (include.path.find('/') == std::string::npos || include.path.starts_with('.')) {
      found.push_back({file.path, include.line,
                       "\"" + include.path + "\"; includes start at the repository root"});
    } else if (!starts_with_any(include.path, layer->may_include)) {
      found.push_back({file.path, include.line,
                       std::string(layer->folder) + " must not include \"" + include.path + "\""});
    }
  }
  return found;
}

std::vector<Violation> check_foreign_headers(const SourceFile& file) {
  std::vector<Violation> found;
  for (const Include& include : includes_of(file)) {
    for (const Foreign& foreign : foreign_list()) {
      const bool allowed = foreign.denied.empty() ? starts_with_any(file.path, foreign.allowed)
                                                  : !starts_with_any(file.path, foreign.denied);
      if (is_header_of(foreign, include.path) && !allowed) {
        found.push_back({file.path, include.line, "<" + include.path + "> does not belong here"});
      }
    }
    const bool is_yaml_in_header =
        include.path.starts_with("yaml-cpp/") && file.is_header() && file.is_in("scenarios/");
    if (is_yaml_in_header) {
      found.push_back({file.path, include.line, "YAML stays in the .cpp files of scenarios/"});
    }
    const bool may_use_protobuf = starts_with_any(
        file.path, {"node/net/", "tests/net/", "results/tensorboard", "tests/results/tensorboard"});
    if (include.path.ends_with(".pb.h") && !may_use_protobuf) {
      found.push_back({file.path, include.line,
                       "Protobuf messages stay in node/net/ and results/tensorboard.cpp"});
    }
  }
  return found;
}

std::vector<Violation> check_own_header_first(const SourceFile& file,
                                              std::span<const SourceFile> tree) {
  if (!file.path.ends_with(".cpp")) return {};
  const std::string own = file.path.substr(0, file.path.size() - 3) + "hpp";
  if (std::ranges::find(tree, own, &SourceFile::path) == tree.end()) return {};
  const std::vector<Include> includes = includes_of(file);
  if (!includes.empty() && includes.front().path == own) return {};
  return {{file.path, 1, "includes \"" + own + "\" first"}};
}

std::vector<Violation> check_torch_reach(std::span<const SourceFile> tree) {
  std::map<std::string, std::vector<Include>> includes;
  for (const SourceFile& file : tree) includes[file.path] = includes_of(file);
  std::vector<Violation> found;
  for (const auto& [path, own] : includes) {
    if (may_use_torch(path)) continue;
    for (const Include& include : own) {
      std::set<std::string> seen;
      if (!is_torch(include.path) && reaches_torch(include.path, includes, seen)) {
        found.push_back({path, include.line, "\"" + include.path + "\" includes torch"});
      }
    }
  }
  return found;
}

}  // namespace hearsay::tidy
