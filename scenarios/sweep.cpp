#include "scenarios/sweep.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "node/base/error.hpp"
#include "node/base/rng.hpp"
#include "scenarios/loader.hpp"
#include "scenarios/reader.hpp"

namespace hearsay {
namespace {

constexpr std::string_view kSweep = "sweep";
constexpr std::string_view kAxes = "axes";

/// An axis as the document has it.
struct Axis {
  std::string key;
  Position position;
  std::vector<DocumentNode> values;
};

using Combination = std::vector<std::size_t>;  ///< The index of a value, by axis.

std::string path_below(std::string_view path, std::string_view key) {
  return path.empty() ? std::string(key) : std::string(path) + "." + std::string(key);
}

bool is_within(std::string_view key, std::string_view outer) {
  return key == outer || (key.starts_with(outer) && key.substr(outer.size()).starts_with('.'));
}

Document read_document(std::string_view text, std::string_view file_name,
                       std::span<const std::string> overrides) {
  Document document(text, file_name);
  for (const std::string& override_text : overrides) document.apply_override(override_text);
  return document;
}

/// Reads the key `sweep` of a document, which is taken out of it.
class SweepReader {
 public:
  SweepReader(Document& document, std::span<const std::string> overrides)
      : document_(document), overrides_(overrides) {}

  void read() {
    const auto sweep = document_.take(kSweep);
    if (!sweep || sweep->value.kind == DocumentNode::Kind::kNothing) {
      document_.fail(document_.root().position, kSweep,
                     "missing; list the values of a key, as in sweep: {seed: [1, 2, 3]}");
    }
    position_ = sweep->position;
    const DocumentNode::Entry* const axes = sweep->value.find(kAxes);
    if (axes == nullptr) {
      collect(sweep->value, sweep->position, "", "");
    } else {
      DocumentNode rest = sweep->value;
      std::erase_if(rest.entries, [](const auto& entry) { return entry.key == kAxes; });
      read_mapping(document_, {rest, sweep->position, std::string(kSweep)}, outline_of(options_),
                   options_);
      collect(axes->value, axes->position, kAxes, "");
    }
    check();
  }

  const std::vector<Axis>& axes() const { return axes_; }
  const SweepOptions& options() const { return options_; }
  const Position& position() const { return position_; }

  [[noreturn]] void fail(const Position& position, std::string_view key,
                         std::string_view message) const {
    document_.fail(position, key.empty() ? std::string(kSweep) : path_below(kSweep, key), message);
  }

 private:
  /// `prefix`: the path so far; `within`: what stands before it below `sweep`.
  void collect(const DocumentNode& node, const Position& position, std::string_view within,
               const std::string& prefix) {
    const std::string shown_key = prefix.empty() ? std::string(within) : path_below(within, prefix);
    if (node.kind == DocumentNode::Kind::kMapping && !node.entries.empty()) {
      for (const DocumentNode::Entry& entry : node.entries) {
        collect(entry.value, entry.position, within, path_below(prefix, entry.key));
      }
      return;
    }
    if (node.kind != DocumentNode::Kind::kSequence || prefix.empty()) {
      fail(position, shown_key,
           prefix.empty() ? "expected keys with lists of values, as in {seed: [1, 2, 3]}"
                          : "expected a list of the values that " + prefix + " takes");
    }
    if (!is_key_path(prefix)) fail(position, shown_key, "is no key path");
    if (node.items.empty()) fail(position, shown_key, "the list is empty; give a value or more");
    for (const Axis& former : axes_) {
      if (!is_within(former.key, prefix)) continue;
      fail(position, shown_key,
           former.key == prefix
               ? "given twice"
               : "replaces what the axis " + former.key + " sets; write it before that one");
    }
    axes_.push_back({prefix, position, node.items});
  }

  void check() const {
    check_overrides();
    if (options_.mode != SweepMode::kZip) return;
    if (options_.sample > 0) fail(position_, "sample", "draws from a grid, but the mode is zip");
    const Axis& first = axes_.front();
    for (const Axis& axis : axes_) {
      if (axis.values.size() == first.values.size()) continue;
      fail(axis.position, axis.key,
           "has " + std::to_string(axis.values.size()) + " values, but " + first.key + " has " +
               std::to_string(first.values.size()) + "; mode zip takes lists of one length");
    }
  }

  /// The axis would win over them without a word.
  void check_overrides() const {
    for (const std::string& text : overrides_) {
      const std::string_view key = std::string_view(text).substr(0, text.find('='));
      for (const Axis& axis : axes_) {
        if (!is_within(key, axis.key)) continue;
        throw UserError("-c " + text + ": " + axis.key +
                        " is an axis of the sweep; override sweep");
      }
    }
  }

  Document& document_;
  std::span<const std::string> overrides_;
  Position position_;
  SweepOptions options_;
  std::vector<Axis> axes_;
};

/// Distinct numbers below `bound`, ascending: algorithm F2 of Bentley, Floyd. Programming
/// Pearls: a Sample of Brilliance. CACM 30(9):754-757, 1987.
std::set<std::uint64_t> draw(std::uint64_t bound, std::uint64_t count, Rng rng) {
  std::set<std::uint64_t> drawn;
  for (std::uint64_t j = bound - count; j < bound; ++j) {
    const std::uint64_t number = rng.below(j + 1);
    drawn.insert(drawn.contains(number) ? j : number);
  }
  return drawn;
}

/// The grid of some of the axes.
class Grid {
 public:
  Grid(const SweepReader& sweep, bool of_seeds) {
    const std::vector<Axis>& axes = sweep.axes();
    for (std::size_t a = 0; a < axes.size(); ++a) {
      if (is_seed_key(axes[a].key) != of_seeds) continue;
      axes_.push_back(a);
      lengths_.push_back(axes[a].values.size());
      constexpr std::uint64_t kMost = std::uint64_t{1} << 62;
      if (size_ > kMost / lengths_.back()) sweep.fail(sweep.position(), "", "too large a grid");
      size_ *= lengths_.back();
    }
  }

  std::uint64_t size() const { return size_; }

  /// Writes the values of the n-th combination; the last axis changes fastest.
  void write(std::uint64_t n, Combination& combination) const {
    for (std::size_t a = axes_.size(); a-- > 0;) {
      combination[axes_[a]] = n % lengths_[a];
      n /= lengths_[a];
    }
  }

 private:
  std::vector<std::size_t> axes_;
  std::vector<std::uint64_t> lengths_;
  std::uint64_t size_ = 1;
};

void check_count(const SweepReader& sweep, std::uint64_t a, std::uint64_t b) {
  if (a <= kMaxSweepPoints && b <= kMaxSweepPoints / a) return;
  sweep.fail(sweep.position(), "",
             "more than " + std::to_string(kMaxSweepPoints) +
                 " runs; drop values, or draw some "
                 "combinations with sample");
}

std::vector<Combination> zipped(const SweepReader& sweep) {
  const std::size_t length = sweep.axes().front().values.size();
  check_count(sweep, length, 1);
  std::vector<Combination> combinations;
  for (std::size_t n = 0; n < length; ++n) combinations.emplace_back(sweep.axes().size(), n);
  return combinations;
}

/// All of the grid, or what the sample draws, with every seed, in grid order.
std::vector<Combination> gridded(const SweepReader& sweep) {
  const Grid grid(sweep, false);
  const Grid seeds(sweep, true);
  const auto wanted = static_cast<std::uint64_t>(sweep.options().sample);
  const std::uint64_t count = wanted > 0 ? std::min(wanted, grid.size()) : grid.size();
  check_count(sweep, count, seeds.size());
  std::vector<Combination> combinations;
  const Rng rng = Rng(sweep.options().sample_seed).split("sweep sample");
  for (const std::uint64_t n : draw(grid.size(), count, rng)) {
    for (std::uint64_t s = 0; s < seeds.size(); ++s) {
      Combination& combination = combinations.emplace_back(sweep.axes().size());
      grid.write(n, combination);
      seeds.write(s, combination);
    }
  }
  std::ranges::sort(combinations);
  return combinations;
}

/// The characters of a value that a directory's name may have; others become dashes.
std::string safe(std::string_view text) {
  std::string name;
  for (const char c : text) {
    const bool valid = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                       c == '.' || c == '_' || c == '-' || c == '+' || c == '%';
    if (valid) {
      name += c;
    } else if (!name.empty() && name.back() != '-') {
      name += '-';
    }
  }
  while (name.ends_with('-')) name.pop_back();
  return name;
}

/// Names points by their values.
class PointNames {
 public:
  explicit PointNames(const std::vector<SweepAxis>& axes) : axes_(axes) {}

  /// A digest tells apart what the name alone does not.
  std::string next(const std::vector<std::string>& values) {
    constexpr std::size_t kLongest = 180;
    std::string name;
    std::string exact;
    for (std::size_t a = 0; a < axes_.size(); ++a) {
      name += (a == 0 ? "" : ",") + safe(axes_[a].key) + "=" + safe(values[a]);
      exact += values[a] + "\n";
    }
    if (name.size() <= kLongest && taken_.insert(name).second) return name;
    name.resize(std::min(name.size(), kLongest));
    name += "-" + to_hex(digest_text(exact));
    taken_.insert(name);
    return name;
  }

 private:
  const std::vector<SweepAxis>& axes_;
  std::set<std::string> taken_;
};

/// Reads the scenarios of all combinations into a sweep.
class PointLoader {
 public:
  PointLoader(const Document& base, const SweepReader& reader, Sweep& sweep)
      : base_(base), reader_(reader), sweep_(sweep), names_(sweep.axes) {}

  void load(const Combination& combination) {
    try {
      Document document = base_;
      SweepPoint point;
      for (std::size_t a = 0; a < combination.size(); ++a) {
        const Axis& axis = reader_.axes()[a];
        document.set(axis.key, axis.values[combination[a]]);
        point.values.push_back(sweep_.axes[a].values[combination[a]]);
      }
      point.name = names_.next(point.values);
      point.scenario = read_scenario(document);
      check_is_new(point);
      sweep_.points.push_back(std::move(point));
    } catch (const UserError& error) {
      if (seen_.insert(error.what()).second) sweep_.errors.emplace_back(error.what());
    }
  }

 private:
  void check_is_new(const SweepPoint& point) {
    const auto [former, is_new] =
        names_by_digest_.emplace(scenario_digest(point.scenario), point.name);
    if (is_new) return;
    reader_.fail(reader_.position(), "",
                 point.name + " and " + former->second + " are the same scenario");
  }

  const Document& base_;
  const SweepReader& reader_;
  Sweep& sweep_;
  PointNames names_;
  std::set<std::string> seen_;
  std::map<Digest, std::string> names_by_digest_;
};

}  // namespace

bool is_seed_key(std::string_view key) { return key == "seed" || is_within(key, "seeds"); }

bool describes_sweep(std::string_view text, std::string_view file_name,
                     std::span<const std::string> overrides) {
  const Document document = read_document(text, file_name, overrides);
  const DocumentNode::Entry* const sweep = document.find(kSweep);
  return sweep != nullptr && sweep->value.kind != DocumentNode::Kind::kNothing;
}

Sweep parse_sweep(std::string_view text, std::string_view file_name,
                  std::span<const std::string> overrides) {
  Document document = read_document(text, file_name, overrides);
  SweepReader reader(document, overrides);
  reader.read();
  Sweep sweep{.options = reader.options()};
  for (const Axis& axis : reader.axes()) {
    SweepAxis& described = sweep.axes.emplace_back(SweepAxis{axis.key, {}});
    for (const DocumentNode& value : axis.values) described.values.push_back(flow_text(value));
  }
  PointLoader loader(document, reader, sweep);
  const bool zip = sweep.options.mode == SweepMode::kZip;
  for (const Combination& combination : zip ? zipped(reader) : gridded(reader)) {
    loader.load(combination);
  }
  if (!sweep.points.empty()) sweep.name = sweep.points.front().scenario.name;
  return sweep;
}

Sweep load_sweep(const std::filesystem::path& path, std::span<const std::string> overrides) {
  return parse_sweep(read_scenario_text(path), path.string(), overrides);
}

}  // namespace hearsay
