#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace hearsay::tidy {

/// One text file of the repository, prepared for the rules. Lines count from 1.
struct SourceFile {
  std::string path;  ///< From the repository root, with '/'.
  std::string text;
  /// `text` of a C++ file with comments and the contents of string and character
  /// literals overwritten by spaces: same length, same line breaks. Else `text`.
  std::string code;

  bool is_cpp() const;     ///< .cpp or .hpp.
  bool is_header() const;  ///< .hpp.

  /// True if the file is `prefix` or lies below it ("node/base/", "node/learning/torch_").
  bool is_in(std::string_view prefix) const { return path.starts_with(prefix); }
};

/// A rule broken at one place.
struct Violation {
  std::string path;
  int line = 0;
  std::string message;

  friend bool operator==(const Violation&, const Violation&) = default;
};

SourceFile make_source_file(std::string path, std::string text);

/// Every source of the tree (C++, Protobuf, CMake, shell, scenarios, Makefile), sorted by
/// path; build directories, hidden ones and recorded runs are left out.
std::vector<SourceFile> load_tree(const std::filesystem::path& root);

/// The lines of `text`, without line breaks.
std::vector<std::string_view> lines_of(std::string_view text);

/// The line that `offset` lies on.
int line_at(std::string_view text, std::size_t offset);

/// The path's folder with a closing '/'; empty for a file in the root.
std::string folder_of(std::string_view path);

}  // namespace hearsay::tidy
