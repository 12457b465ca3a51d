#include "tests/tidy/source_file.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <utility>

#include "tests/tidy/literals.hpp"

namespace hearsay::tidy {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 7> kExtensions = {".cpp", ".hpp",  ".proto", ".cmake",
                                                         ".sh",  ".yaml", ".py"};
constexpr std::array<std::string_view, 5> kNames = {"CMakeLists.txt", "Makefile", "run",
                                                    "packages.txt", "test-packages.txt"};

bool is_source(const fs::path& path) {
  const std::string extension = path.extension().string();
  const std::string name = path.filename().string();
  return std::ranges::find(kExtensions, extension) != kExtensions.end() ||
         std::ranges::find(kNames, name) != kNames.end();
}

bool is_skipped_folder(const fs::path& folder, const fs::path& root) {
  const std::string name = folder.filename().string();
  const bool hidden = name.starts_with('.') && name != ".ci";
  return hidden || (folder.parent_path() == root && name.starts_with("build")) ||
         folder == root / "results" / "runs";
}

std::string read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

}  // namespace

bool SourceFile::is_header() const { return path.ends_with(".hpp"); }
bool SourceFile::is_cpp() const { return is_header() || path.ends_with(".cpp"); }

SourceFile make_source_file(std::string path, std::string text) {
  SourceFile file{.path = std::move(path), .text = std::move(text), .code = {}};
  file.code = file.is_cpp() ? blank_literals(file.text) : file.text;
  return file;
}

std::vector<SourceFile> load_tree(const fs::path& root) {
  std::vector<SourceFile> files;
  for (auto entry = fs::recursive_directory_iterator(root);
       entry != fs::recursive_directory_iterator(); ++entry) {
    if (entry->is_directory() && is_skipped_folder(entry->path(), root)) {
      entry.disable_recursion_pending();
    } else if (entry->is_regular_file() && is_source(entry->path())) {
      files.push_back(make_source_file(fs::relative(entry->path(), root).generic_string(),
                                       read(entry->path())));
    }
  }
  std::ranges::sort(files, {}, &SourceFile::path);
  return files;
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

int line_at(std::string_view text, std::size_t offset) {
  return 1 + static_cast<int>(std::ranges::count(text.substr(0, offset), '\n'));
}

std::string folder_of(std::string_view path) {
  return std::string(path.substr(0, path.rfind('/') + 1));
}

}  // namespace hearsay::tidy
