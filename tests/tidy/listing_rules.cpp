#include "tests/tidy/listing_rules.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "tests/tidy/include_rules.hpp"

namespace hearsay::tidy {
namespace {

constexpr std::string_view kList = "CMakeLists.txt";

/// The words of every CMakeLists.txt, by folder.
using Lists = std::map<std::string, std::set<std::string, std::less<>>>;

std::set<std::string, std::less<>> words_of(std::string_view text) {
  std::set<std::string, std::less<>> words;
  constexpr std::string_view kSeparators = " ();\"\t";
  for (std::string_view line : lines_of(text)) {
    line = line.substr(0, line.find('#'));
    while (!line.empty()) {
      constexpr std::string_view kHere = "${CMAKE_CURRENT_SOURCE_DIR}/";
      if (line.starts_with(kHere)) line.remove_prefix(kHere.size());
      const std::size_t end = std::min(line.find_first_of(kSeparators), line.size());
      if (end > 0) words.emplace(line.substr(0, end));
      line.remove_prefix(std::min(end + 1, line.size()));
    }
  }
  return words;
}

/// The folder above `folder` ("a/b/" gives "a/", "a/" gives "").
std::string parent_of(std::string_view folder) {
  return folder_of(folder.substr(0, folder.empty() ? 0 : folder.size() - 1));
}

/// True if the list of `folder`, or of one above it, names `path` relative to itself.
bool is_named(const Lists& lists, const std::string& path, std::string folder) {
  for (;; folder = parent_of(folder)) {
    const auto list = lists.find(folder);
    if (list != lists.end() && list->second.contains(path.substr(folder.size()))) return true;
    if (folder.empty()) return false;
  }
}

}  // namespace

std::vector<Violation> check_listed(std::span<const SourceFile> tree) {
  Lists lists;
  for (const SourceFile& file : tree) {
    if (file.path.ends_with(kList)) lists[folder_of(file.path)] = words_of(file.text);
  }
  std::vector<Violation> found;
  for (const SourceFile& file : tree) {
    const std::string folder = folder_of(file.path);
    const bool compiled = file.path.ends_with(".cpp") || file.path.ends_with(".proto");
    if (compiled && !is_named(lists, file.path, folder)) {
      found.push_back({file.path, 1, "no CMakeLists.txt names this file"});
    }
    if (file.path.ends_with(kList) && !folder.empty() &&
        !is_named(lists, folder.substr(0, folder.size() - 1), parent_of(folder))) {
      found.push_back({file.path, 1, "no CMakeLists.txt adds this folder"});
    }
  }
  return found;
}

std::vector<Violation> check_headers_used(std::span<const SourceFile> tree) {
  std::set<std::string> included;
  for (const SourceFile& file : tree) {
    for (const Include& include : includes_of(file)) {
      if (include.path != file.path) included.insert(include.path);
    }
  }
  std::vector<Violation> found;
  for (const SourceFile& file : tree) {
    if (file.is_header() && !included.contains(file.path)) {
      found.push_back({file.path, 1, "no file includes this header"});
    }
  }
  return found;
}

}  // namespace hearsay::tidy
