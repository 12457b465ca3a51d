#include "scenarios/reader.hpp"

#include <algorithm>
#include <utility>

#include "scenarios/nearest_name.hpp"

namespace hearsay::internal {
namespace {

constexpr std::string_view kKindKey = "kind";

std::string path_of(const DocumentPlace& place, std::string_view key) {
  return place.path.empty() ? std::string(key) : place.path + "." + std::string(key);
}

std::string joined(const std::vector<std::string_view>& names) {
  std::string text;
  for (const std::string_view name : names) {
    if (!text.empty()) text += ", ";
    text += name;
  }
  return text;
}

std::string_view noun(ValueType type) {
  switch (type) {
    case ValueType::kTruth:
      return "true or false";
    case ValueType::kInteger:
      return "an integer";
    case ValueType::kNumber:
      return "a number";
    case ValueType::kText:
      return "text";
    case ValueType::kTime:
      return "a time like 20ms";
    case ValueType::kFraction:
      return "a share like 5% or 0.05";
    case ValueType::kCount:
      return "a number or all";
    case ValueType::kBandwidth:
      return "a bandwidth like 10MB/s or unlimited";
    case ValueType::kPeers:
      return "all, a list like [0, 8-15], or {random: 20%}";
    case ValueType::kGroups:
      return "lists of peers like [[0-7], [8-15]]";
    case ValueType::kIntegers:
    case ValueType::kNumbers:
    case ValueType::kItems:
      return "a list";
    case ValueType::kChoice:
      return "a name";
    case ValueType::kMapping:
      return "a mapping";
  }
  return "";
}

std::string shown_node(const DocumentNode& node) {
  switch (node.kind) {
    case DocumentNode::Kind::kNothing:
      return "nothing";
    case DocumentNode::Kind::kScalar:
      return shown(node.text);
    case DocumentNode::Kind::kSequence:
      return "a list";
    case DocumentNode::Kind::kMapping:
      return "a mapping";
  }
  return "";
}

[[noreturn]] void fail(const Document& document, const DocumentPlace& place,
                       const std::string& message) {
  document.fail(place.key, place.path, message);
}

[[noreturn]] void fail_type(const Document& document, const DocumentPlace& place, ValueType type) {
  fail(document, place, "expected " + std::string(noun(type)) + ", got " + shown_node(place.value));
}

[[noreturn]] void fail_no_mapping(const Document& document, const DocumentPlace& place,
                                  const Outline& outline) {
  if (outline.kinds.empty()) fail_type(document, place, ValueType::kMapping);
  const std::vector<std::string_view> kinds = kind_names(outline);
  std::string message = "expected a mapping, got " + shown_node(place.value);
  if (outline.kinds_are_keys) fail(document, place, message + "; actions: " + joined(kinds));
  if (place.value.kind == DocumentNode::Kind::kScalar) {
    const auto kind = nearest_name(place.value.text, kinds);
    message += "; write {kind: " + std::string(kind.value_or("...")) + "}";
    if (!kind) message += ", valid kinds: " + joined(kinds);
  } else {
    message += "; write {kind: ...}, valid kinds: " + joined(kinds);
  }
  fail(document, place, message);
}

/// The keys that a mapping may have; all kinds' keys if none is chosen.
std::vector<std::string_view> valid_keys(const Outline& outline, const OutlineKind* chosen) {
  std::vector<std::string_view> names;
  if (!outline.kinds.empty() && !outline.kinds_are_keys) names.push_back(kKindKey);
  for (const OutlineKind& kind : outline.kinds) {
    if (chosen != nullptr && chosen != &kind) continue;
    for (const OutlineField& field : kind.fields) {
      if (std::ranges::find(names, field.name) == names.end()) names.push_back(field.name);
    }
  }
  for (const OutlineField& field : outline.fields) names.push_back(field.name);
  return names;
}

void check_key(const Document& document, const DocumentPlace& place, const Outline& outline,
               const OutlineKind* chosen, const DocumentNode::Entry& entry) {
  const std::vector<std::string_view> valid = valid_keys(outline, chosen);
  if (std::ranges::find(valid, entry.key) != valid.end()) return;
  const std::string path = path_of(place, entry.key);
  std::vector<std::string_view> owners;
  for (const OutlineKind& kind : outline.kinds) {
    if (find_field(kind.fields, entry.key) != nullptr) owners.push_back(kind.name);
  }
  if (!owners.empty()) {
    document.fail(entry.position, path,
                  entry.key + " belongs to " + (outline.kinds_are_keys ? "" : "kind ") +
                      joined(owners) + ", not " + std::string(chosen->name));
  }
  document.fail(entry.position, path,
                valid.empty() ? "unknown key; there are no keys here"
                              : "unknown key; " + suggestion(entry.key, valid));
}

/// The one key that is called like a kind.
std::size_t chosen_action(const Document& document, const DocumentPlace& place,
                          const Outline& outline) {
  const std::vector<std::string_view> actions = kind_names(outline);
  const std::vector<std::string_view> keys = valid_keys(outline, nullptr);
  auto chosen = actions.end();
  for (const DocumentNode::Entry& entry : place.value.entries) {
    const std::string path = path_of(place, entry.key);
    const auto action = std::ranges::find(actions, entry.key);
    if (action != actions.end()) {
      if (chosen != actions.end()) {
        document.fail(entry.position, path,
                      "a second action beside " + std::string(*chosen) +
                          "; an item has one, write two items");
      }
      chosen = action;
    } else if (std::ranges::find(keys, entry.key) == keys.end()) {
      document.fail(entry.position, path, "unknown action; " + suggestion(entry.key, actions));
    }
  }
  if (chosen == actions.end()) fail(document, place, "no action; valid: " + joined(actions));
  return static_cast<std::size_t>(chosen - actions.begin());
}

std::size_t chosen_kind(const Document& document, const DocumentPlace& place,
                        const Outline& outline) {
  if (outline.kinds_are_keys) return chosen_action(document, place, outline);
  const std::vector<std::string_view> kinds = kind_names(outline);
  const DocumentNode::Entry* entry = place.value.find(kKindKey);
  if (entry == nullptr) {
    // A misspelt `kind` is an unknown key, which says more than that it is missing.
    for (const auto& other : place.value.entries) {
      check_key(document, place, outline, nullptr, other);
    }
    document.fail(place.key, path_of(place, kKindKey), "missing; valid kinds: " + joined(kinds));
  }
  return read_choice(document, {entry->value, entry->position, path_of(place, kKindKey)}, kinds);
}

/// The value behind {random: ...} and its like.
void read_amount(const Document& document, const DocumentPlace& place, PeerSelector& selector) {
  if (place.value.kind != DocumentNode::Kind::kScalar) {
    fail(document, place,
         "expected a number of peers or a share like 20%, got " + shown_node(place.value));
  }
  if (const auto wrong = parse_value(place.value.text, selector.amount)) {
    fail(document, place, *wrong);
  }
}

template <class Choices>
std::vector<std::string_view> names_of(const Choices& choices) {
  std::vector<std::string_view> names;
  for (const auto& choice : choices) names.push_back(choice.name);
  return names;
}

PeerSelector read_selector(const Document& document, const DocumentPlace& place) {
  constexpr auto kKinds = enum_names(PeerSelector::Kind{});
  const std::vector<std::string_view> names = names_of(kKinds);
  if (place.value.entries.size() != 1) {
    fail(document, place, "expected one of " + joined(names));
  }
  const DocumentNode::Entry& entry = place.value.entries.front();
  const DocumentPlace inner{entry.value, entry.position, path_of(place, entry.key)};
  const auto found = std::ranges::find(names, entry.key);
  if (found == names.end()) fail(document, inner, "unknown key; " + suggestion(entry.key, names));
  PeerSelector selector{.kind = kKinds[static_cast<std::size_t>(found - names.begin())].value};
  if (selector.kind == PeerSelector::Kind::kRole) {
    constexpr auto kRoles = enum_names(PeerSelector::Role{});
    selector.role = kRoles[read_choice(document, inner, names_of(kRoles))].value;
  } else {
    read_amount(document, inner, selector);
  }
  return selector;
}

std::vector<PeerSelector::IdRange> read_ids(const Document& document, const DocumentPlace& place) {
  std::vector<PeerSelector::IdRange> list;
  for (const DocumentPlace& item : list_items(document, place)) {
    if (item.value.kind != DocumentNode::Kind::kScalar) {
      fail(document, item,
           "expected a peer like 3 or a range like 8-15, got " + shown_node(item.value));
    }
    PeerSelector::IdRange ids;
    if (const auto wrong = parse_value(item.value.text, ids)) fail(document, item, *wrong);
    list.push_back(ids);
  }
  return list;
}

}  // namespace

std::size_t check_keys(const Document& document, const DocumentPlace& place,
                       const Outline& outline) {
  if (place.value.kind != DocumentNode::Kind::kMapping) fail_no_mapping(document, place, outline);
  std::size_t chosen = 0;
  const OutlineKind* kind = nullptr;
  if (!outline.kinds.empty()) {
    chosen = chosen_kind(document, place, outline);
    kind = &outline.kinds[chosen];
  }
  for (const DocumentNode::Entry& entry : place.value.entries) {
    check_key(document, place, outline, kind, entry);
  }
  return chosen;
}

const std::string& scalar_text(const Document& document, const DocumentPlace& place,
                               ValueType type) {
  if (place.value.kind != DocumentNode::Kind::kScalar) fail_type(document, place, type);
  const bool unquoted =
      type == ValueType::kTruth || type == ValueType::kInteger || type == ValueType::kNumber;
  if (unquoted && place.value.quoted) {
    fail(document, place,
         "expected " + std::string(noun(type)) + ", got text; drop the quotes around " +
             shown(place.value.text));
  }
  return place.value.text;
}

void fail_missing(const Document& document, const DocumentPlace& place, std::string_view key,
                  std::string_view documentation) {
  document.fail(place.key, path_of(place, key), "missing; " + std::string(documentation));
}

std::vector<DocumentPlace> list_items(const Document& document, const DocumentPlace& place) {
  if (place.value.kind != DocumentNode::Kind::kSequence) {
    std::string message = "expected a list, got " + shown_node(place.value);
    if (place.value.kind == DocumentNode::Kind::kScalar) {
      message += "; write [" + place.value.text + "]";
    }
    fail(document, place, message);
  }
  std::vector<DocumentPlace> places;
  for (const DocumentNode& item : place.value.items) {
    std::string path = place.path;
    path.append("[").append(std::to_string(places.size())).append("]");
    places.push_back({item, item.position, std::move(path)});
  }
  return places;
}

std::size_t read_choice(const Document& document, const DocumentPlace& place,
                        const std::vector<std::string_view>& choices) {
  if (place.value.kind != DocumentNode::Kind::kScalar) {
    fail(document, place,
         "expected one of " + joined(choices) + ", got " + shown_node(place.value));
  }
  const auto found = std::ranges::find(choices, place.value.text);
  if (found == choices.end()) {
    fail(document, place,
         "no choice " + shown(place.value.text) + "; " + suggestion(place.value.text, choices));
  }
  return static_cast<std::size_t>(found - choices.begin());
}

PeerSelector read_peers(const Document& document, const DocumentPlace& place) {
  if (place.value.kind == DocumentNode::Kind::kMapping) return read_selector(document, place);
  PeerSelector selector;
  if (place.value.kind == DocumentNode::Kind::kSequence) {
    selector.kind = PeerSelector::Kind::kList;
    selector.ids = read_ids(document, place);
    return selector;
  }
  if (place.value.text != "all") fail_type(document, place, ValueType::kPeers);
  return selector;
}

PeerGroups read_groups(const Document& document, const DocumentPlace& place) {
  if (place.value.kind != DocumentNode::Kind::kSequence) {
    fail_type(document, place, ValueType::kGroups);
  }
  PeerGroups groups;
  for (const DocumentPlace& group : list_items(document, place)) {
    if (group.value.kind != DocumentNode::Kind::kSequence) {
      fail(document, group,
           "expected a list of peers like [0, 8-15], got " + shown_node(group.value));
    }
    groups.groups.push_back(read_ids(document, group));
  }
  return groups;
}

void check_range(const Document& document, const DocumentPlace& place, const Range& range,
                 double measured) {
  if (range.contains(measured)) return;
  fail(document, place, "must be " + range_in_words(range) + ", got " + place.value.text);
}

}  // namespace hearsay::internal
