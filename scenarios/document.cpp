#include "scenarios/document.hpp"

#include <yaml-cpp/depthguard.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <map>
#include <optional>
#include <sstream>
#include <utility>

#include "node/base/check.hpp"
#include "node/base/error.hpp"
#include "scenarios/quantities.hpp"

namespace hearsay {
namespace {

constexpr int kMaxDepth = 64;
constexpr int kMaxNodes = 1'000'000;
constexpr const char* kTooDeep = "nested too deeply (limit 64 levels)";

/// A path, or a key of one, as it appears in a message.
std::string shown_path(std::string_view path) {
  constexpr std::size_t kLongest = 120;
  std::string text;
  for (const char c : path.substr(0, kLongest)) {
    text += static_cast<unsigned char>(c) < 0x20 ? '?' : c;
  }
  return text;
}

/// What is wrong, and where; caught by the constructor and apply_override, which know
/// how the place is called.
struct Malformed {
  Position position;
  std::string path;  ///< Dotted; empty for the whole.
  std::string message;

  std::string text() const { return path.empty() ? message : shown_path(path) + ": " + message; }
};

std::string path_to(const std::string& path, std::string_view key) {
  return path.empty() ? std::string(key) : path + "." + std::string(key);
}

/// Turns yaml-cpp's nodes into ours.
class Converter {
 public:
  explicit Converter(int override_index) : override_index_(override_index) {}

  Position position(const YAML::Mark& mark) const {
    return {.line = std::max(mark.line, 0) + 1,
            .column = std::max(mark.column, 0) + 1,
            .override_index = override_index_};
  }

  DocumentNode convert(const YAML::Node& node, const std::string& path, int depth) {
    DocumentNode result;
    result.position = position(node.Mark());
    const auto fail = [&](std::string message) {
      throw Malformed{result.position, path, std::move(message)};
    };
    if (++nodes_ > kMaxNodes) fail("too many values (limit 1000000)");
    if (depth > kMaxDepth) fail(kTooDeep);
    const std::string& tag = node.Tag();
    if (!tag.empty() && tag != "?" && tag != "!") fail("tags have no meaning here: " + shown(tag));
    if (node.IsScalar()) {
      result.kind = DocumentNode::Kind::kScalar;
      result.text = node.Scalar();
      result.quoted = tag == "!";
    } else if (node.IsSequence()) {
      result.kind = DocumentNode::Kind::kSequence;
      for (const YAML::Node& item : node) result.items.push_back(convert(item, path, depth + 1));
    } else if (node.IsMap()) {
      result.kind = DocumentNode::Kind::kMapping;
      convert_entries(node, path, depth, result);
    }
    return result;
  }

 private:
  void convert_entries(const YAML::Node& node, const std::string& path, int depth,
                       DocumentNode& result) {
    std::map<std::string, int> first_lines;
    for (const auto& pair : node) {
      const Position at = position(pair.first.Mark());
      if (!pair.first.IsScalar()) throw Malformed{at, path, "a key must be a plain word"};
      std::string key = pair.first.Scalar();
      const std::string key_path = path_to(path, key);
      const auto [first, is_new] = first_lines.emplace(key, at.line);
      if (!is_new) {
        throw Malformed{at, key_path,
                        "given twice (first in line " + std::to_string(first->second) + ")"};
      }
      result.entries.push_back({std::move(key), at, convert(pair.second, key_path, depth + 1)});
    }
  }

  int override_index_;
  int nodes_ = 0;
};

/// Where a document begins; nothing else of it.
class DocumentStart final : public YAML::EventHandler {
 public:
  YAML::Mark mark;

  void OnDocumentStart(const YAML::Mark& at) override { mark = at; }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t,
                const std::string&) override {}
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                  YAML::EmitterStyle::value) override {}
  void OnMapEnd() override {}
};

/// Where a second document begins, if there is one. YAML::LoadAll would tell too, but of some
/// bytes, such as ",s", it finds documents without end.
std::optional<YAML::Mark> second_document(const std::string& text) {
  std::istringstream stream(text);
  YAML::Parser parser(stream);
  DocumentStart start;
  if (!parser.HandleNextDocument(start) || !parser.HandleNextDocument(start)) return std::nullopt;
  return start.mark;
}

/// The one document in `text`; `path` is where it goes.
DocumentNode read_yaml(std::string_view text, const std::string& path, int override_index) {
  Converter converter(override_index);
  // yaml-cpp 0.7 looks for a document in them for ever.
  if (text.find('\0') != std::string_view::npos) {
    throw Malformed{converter.position(YAML::Mark()), path, "not a text: it has zero bytes"};
  }
  try {
    const std::string copy(text);
    if (const auto second = second_document(copy)) {
      throw Malformed{converter.position(*second), path, "a second YAML document"};
    }
    return converter.convert(YAML::Load(copy), path, 0);
  } catch (const YAML::DeepRecursion& error) {
    throw Malformed{converter.position(error.mark), path, kTooDeep};
  } catch (const YAML::Exception& error) {
    throw Malformed{converter.position(error.mark), path, "not valid YAML: " + error.msg};
  }
}

std::string place_in(std::string_view file_name, const Position& position) {
  return std::string(file_name) + ":" + std::to_string(position.line) + ":" +
         std::to_string(position.column) + ": ";
}

std::string place_of_override(std::string_view text) { return "-c " + shown_path(text) + ": "; }

std::vector<std::string> split_path(std::string_view path) {
  std::vector<std::string> keys;
  for (std::size_t start = 0; start <= path.size();) {
    const std::size_t end = std::min(path.find('.', start), path.size());
    keys.emplace_back(path.substr(start, end - start));
    start = end + 1;
  }
  return keys;
}

/// The value of `key` in a mapping; added, empty, if it is not there.
DocumentNode::Entry& entry_at(DocumentNode& mapping, const std::string& key, Position position) {
  for (DocumentNode::Entry& entry : mapping.entries) {
    if (entry.key == key) return entry;
  }
  return mapping.entries.emplace_back(DocumentNode::Entry{key, position, {}});
}

}  // namespace

const DocumentNode::Entry* DocumentNode::find(std::string_view key) const {
  for (const Entry& entry : entries) {
    if (entry.key == key) return &entry;
  }
  return nullptr;
}

std::string flow_text(const DocumentNode& node) {
  std::string text;
  switch (node.kind) {
    case DocumentNode::Kind::kNothing:
      return "null";
    case DocumentNode::Kind::kScalar:
      return node.quoted ? print_text(node.text) : node.text;
    case DocumentNode::Kind::kSequence:
      for (const DocumentNode& item : node.items) {
        text += (text.empty() ? "" : ", ") + flow_text(item);
      }
      return "[" + text + "]";
    case DocumentNode::Kind::kMapping:
      for (const DocumentNode::Entry& entry : node.entries) {
        text += (text.empty() ? "" : ", ") + print_text(entry.key) + ": " + flow_text(entry.value);
      }
      return "{" + text + "}";
  }
  return text;
}

bool is_key_path(std::string_view text) {
  return !text.empty() && !text.starts_with('.') && !text.ends_with('.') &&
         text.find("..") == std::string_view::npos;
}

Document::Document(std::string_view text, std::string_view file_name) : file_name_(file_name) {
  try {
    root_ = read_yaml(text, "", -1);
  } catch (const Malformed& malformed) {
    throw UserError(place_in(file_name_, malformed.position) + malformed.text());
  }
  if (root_.kind == DocumentNode::Kind::kNothing) {
    throw UserError(place_in(file_name_, {}) + "the file is empty; a scenario starts with name:");
  }
  if (root_.kind != DocumentNode::Kind::kMapping) {
    throw UserError(place_in(file_name_, root_.position) +
                    "a scenario is a mapping and starts with name:");
  }
}

void Document::apply_override(std::string_view text) {
  const std::size_t equals = text.find('=');
  const std::string_view path = text.substr(0, equals);
  if (equals == std::string_view::npos || !is_key_path(path)) {
    throw UserError(place_of_override(text) + "expected key.path=value");
  }
  const Position position{.override_index = static_cast<int>(overrides_.size())};
  overrides_.emplace_back(text);

  DocumentNode value;
  try {
    value = read_yaml(text.substr(equals + 1), std::string(path), position.override_index);
  } catch (const Malformed& malformed) {
    fail(position, malformed.path, malformed.message);
  }
  put(path, std::move(value), position);
}

void Document::set(std::string_view key_path, DocumentNode value) {
  HEARSAY_CHECK(is_key_path(key_path));
  const Position position = value.position;
  put(key_path, std::move(value), position);
}

void Document::put(std::string_view key_path, DocumentNode value, const Position& position) {
  DocumentNode* mapping = &root_;
  DocumentNode::Entry* entry = nullptr;
  std::string walked;
  for (const std::string& key : split_path(key_path)) {
    if (mapping->kind == DocumentNode::Kind::kNothing) {
      mapping->kind = DocumentNode::Kind::kMapping;
      mapping->position = position;
    }
    if (mapping->kind != DocumentNode::Kind::kMapping) {
      fail(position, walked, "is no mapping, so it has no key " + shown_path(key));
    }
    entry = &entry_at(*mapping, key, position);
    mapping = &entry->value;
    walked = path_to(walked, key);
  }
  entry->position = position;
  entry->value = std::move(value);
}

std::optional<DocumentNode::Entry> Document::take(std::string_view key) {
  const auto found = std::ranges::find(root_.entries, key, &DocumentNode::Entry::key);
  if (found == root_.entries.end()) return std::nullopt;
  DocumentNode::Entry entry = std::move(*found);
  root_.entries.erase(found);
  return entry;
}

const DocumentNode::Entry* Document::find(std::string_view key_path) const {
  const DocumentNode* mapping = &root_;
  const DocumentNode::Entry* entry = nullptr;
  for (const std::string& key : split_path(key_path)) {
    entry = mapping->find(key);
    if (entry == nullptr) return nullptr;
    mapping = &entry->value;
  }
  return entry;
}

Position Document::position_of(std::string_view key_path) const {
  const DocumentNode* mapping = &root_;
  Position position = root_.position;
  for (const std::string& key : split_path(key_path)) {
    const DocumentNode::Entry* entry = mapping->find(key);
    if (entry == nullptr) return position;
    position = entry->position;
    mapping = &entry->value;
  }
  return position;
}

void Document::fail(const Position& position, std::string_view key_path,
                    std::string_view message) const {
  const std::string place = position.override_index < 0
                                ? place_in(file_name_, position)
                                : place_of_override(overrides_[position.override_index]);
  throw UserError(place + shown_path(key_path) + ": " + std::string(message));
}

}  // namespace hearsay
