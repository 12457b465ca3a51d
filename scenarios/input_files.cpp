#include "scenarios/input_files.hpp"

#include <array>
#include <filesystem>
#include <fstream>
#include <optional>
#include <span>
#include <type_traits>
#include <variant>
#include <vector>

#include "node/base/digest.hpp"
#include "node/data/idx_file.hpp"
#include "scenarios/outline.hpp"

namespace hearsay {
namespace {

namespace fs = std::filesystem;

constexpr std::array kDataFiles{"train-images-idx3-ubyte", "train-labels-idx1-ubyte",
                                "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"};

/// Collects the texts of options.
class TextVisitor : public FieldVisitor<TextVisitor> {
 public:
  explicit TextVisitor(std::vector<std::string>& texts) : texts_(texts) {}

  template <class T>
  void field(std::string_view, T& value, const Range&, std::string_view) {
    see(value);
  }

  template <class... Alternatives>
  void kind(std::variant<Alternatives...>& variant) {
    std::visit([this](auto& chosen) { describe(*this, chosen); }, variant);
  }

 private:
  template <class T>
  void see(T& value) {
    if constexpr (std::is_same_v<T, std::string>) {
      if (!value.empty()) texts_.push_back(value);
    } else if constexpr (internal::kIsOptional<T>) {
      if (value) see(*value);
    } else if constexpr (internal::kIsItems<T>) {
      for (auto& item : value) see(item);
    } else if constexpr (internal::kIsVariant<T> || requires { describe(*this, value); }) {
      internal::visit_mapping(*this, value);
    }
  }

  std::vector<std::string>& texts_;
};

std::optional<Digest> digest_of_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  DigestStream digest;
  std::vector<char> piece(1 << 20);
  while (file) {
    file.read(piece.data(), static_cast<std::streamsize>(piece.size()));
    const auto size = static_cast<std::size_t>(file.gcount());
    digest.add(std::as_bytes(std::span(piece).first(size)));
  }
  return file.eof() ? std::optional(digest.value()) : std::nullopt;
}

std::vector<fs::path> files_at(const fs::path& path) {
  std::error_code ignored;
  if (!fs::is_directory(path, ignored)) return {path};
  std::vector<fs::path> files;
  for (const char* const name : kDataFiles) {
    if (auto file = find_idx_file(path, name)) files.push_back(*std::move(file));
  }
  return files;
}

}  // namespace

std::string input_files_text(const Scenario& scenario) {
  std::vector<std::string> names;
  TextVisitor visit(names);
  Scenario copy = scenario;  // Visitors take fields they may write.
  copy.name.clear();
  describe(visit, copy);
  std::string text;
  for (const std::string& name : names) {
    for (const fs::path& file : files_at(name)) {
      const std::optional<Digest> digest = digest_of_file(file);
      text.append(text.empty() ? "" : ", ").append(file.string());
      if (digest) text.append(" ").append(to_hex(*digest));
    }
  }
  return text.empty() ? "none" : text;
}

}  // namespace hearsay
