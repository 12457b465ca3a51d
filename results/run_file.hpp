#pragma once

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hearsay {

/// A file of a run directory that is read back. What a run would not have written is refused
/// by UserError "PATH: what is wrong".
class RunFile {
 public:
  explicit RunFile(std::filesystem::path path) : path_(std::move(path)) {}

  bool exists() const;
  std::ifstream open() const;
  std::string text() const;
  nlohmann::json json() const;  ///< An object.

  /// REQUIRES: `line` counts from 1.
  [[noreturn]] void fail_line(int line, const std::string& what) const;
  [[noreturn]] void fail(const std::string& what) const;

 private:
  std::filesystem::path path_;
};

/// What stands between the commas of a line; quotes are not looked at.
std::vector<std::string_view> cells_of(std::string_view line);

/// The number in a cell, kMissing if it is empty; nothing if it is none.
std::optional<double> number_in(std::string_view cell);

}  // namespace hearsay
