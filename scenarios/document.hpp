#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hearsay {

/// Where something stands: in the file, or in a `-c` override.
struct Position {
  int line = 1;             ///< From 1.
  int column = 1;           ///< From 1.
  int override_index = -1;  ///< Which override put it there; -1: the file.
};

/// A YAML value. Aliases are copied in, so every node is its own.
struct DocumentNode {
  enum class Kind { kNothing, kScalar, kSequence, kMapping };
  struct Entry;

  Kind kind = Kind::kNothing;
  Position position;
  std::string text;                 ///< Of a scalar.
  bool quoted = false;              ///< The scalar stood in quotes, or was a block.
  std::vector<DocumentNode> items;  ///< Of a sequence.
  std::vector<Entry> entries;       ///< Of a mapping, in the order of the file, keys unique.

  /// The entry of a mapping; null if there is none, or this is no mapping.
  const Entry* find(std::string_view key) const;
};

struct DocumentNode::Entry {
  std::string key;
  Position position;  ///< Of the key.
  DocumentNode value;
};

/// The value as YAML on one line: `ring`, `[1, 2]`, `{kind: median, f: 2}`.
std::string flow_text(const DocumentNode& node);

/// True for `key` and `key.path`; a path has no empty parts.
bool is_key_path(std::string_view text);

/// A scenario file as YAML, before anything in it is given a meaning, and the overrides
/// applied to it. Knows how to word an error. YAML is read by yaml-cpp, which no other
/// file includes.
class Document {
 public:
  /// @throws UserError if `text` is no YAML, is empty, holds several documents, explicit
  ///         tags, duplicate keys or keys that are no scalars, or expands (by aliases) to
  ///         more than a million values or 64 levels.
  Document(std::string_view text, std::string_view file_name);

  /// Applies `key.path=value`, the value in YAML. Mappings on the way are created.
  /// @throws UserError if it is malformed or leads through a value that is no mapping.
  void apply_override(std::string_view text);

  /// Puts `value` at a dotted path, as an override does; messages about it name its own
  /// position. REQUIRES: is_key_path(key_path).
  /// @throws UserError if the path leads through a value that is no mapping.
  void set(std::string_view key_path, DocumentNode value);

  /// Takes the entry of a top-level key out; nothing if it is not there.
  std::optional<DocumentNode::Entry> take(std::string_view key);

  const DocumentNode& root() const { return root_; }

  /// The entry of a dotted path; null if it is not there.
  const DocumentNode::Entry* find(std::string_view key_path) const;

  /// Of the key, or else of the nearest key around it that is there.
  Position position_of(std::string_view key_path) const;

  /// @throws UserError `file:line:column: key.path: message`, or
  ///         `-c key.path=value: key.path: message` for what an override put there.
  [[noreturn]] void fail(const Position& position, std::string_view key_path,
                         std::string_view message) const;

 private:
  void put(std::string_view key_path, DocumentNode value, const Position& position);

  std::string file_name_;
  std::vector<std::string> overrides_;
  DocumentNode root_;
};

}  // namespace hearsay
