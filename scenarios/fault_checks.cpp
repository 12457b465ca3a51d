#include "scenarios/fault_checks.hpp"

#include <algorithm>
#include <numeric>
#include <optional>

#include "scenarios/fault_script.hpp"
#include "scenarios/quantities.hpp"

namespace hearsay {
namespace {

/// Checks of one item by itself.
class ItemChecks {
 public:
  ItemChecks(std::size_t item, const Fault& fault, int num_peers)
      : item_(item), fault_(fault), num_peers_(num_peers) {}

  void run() const {
    if (const PeerSelector* const selector = selector_of(fault_)) {
      if (const auto wrong = infeasible(*selector, num_peers_)) fail(selector_key(fault_), *wrong);
    }
    std::visit([this](const auto& action) { check_until(action); }, fault_.action);
    std::visit([this](const auto& action) { check_rest(action); }, fault_.action);
  }

 private:
  [[noreturn]] void fail(std::string_view key, std::string_view message) const {
    throw FaultMistake(item_, key, message);
  }

  template <class Action>
  void check_until(const Action& action) const {
    if constexpr (requires { action.at < *action.until; }) {
      if (!action.until || *action.until > action.at) return;
      fail("until",
           "must be after at " + print_value(action.at) + ", got " + print_value(*action.until));
    }
  }

  template <class Action>
  void check_rest(const Action& action) const {
    if constexpr (std::is_same_v<Action, PartitionFault>) {
      const auto wrong = infeasible_sides(action.sides, num_peers_);
      if (wrong) fail("partition", *wrong);
    } else if constexpr (std::is_same_v<Action, LinkDownFault>) {
      const auto wrong = infeasible_links(action.links, num_peers_);
      if (wrong) fail("link_down", *wrong);
    } else if constexpr (std::is_same_v<Action, TraceFault>) {
      if (action.file.empty()) fail("trace", "names a file, got \"\"");
    }
  }

  std::size_t item_;
  const Fault& fault_;
  int num_peers_;
};

/// The peers, if they are given by id; nothing if the graph or a draw decides.
std::optional<std::vector<PeerId>> peers_by_id(const PeerSelector& selector, int num_peers) {
  std::vector<PeerId> peers;
  if (selector.kind == PeerSelector::Kind::kAll) {
    peers.resize(static_cast<std::size_t>(num_peers));
    std::iota(peers.begin(), peers.end(), 0);
  } else if (selector.kind == PeerSelector::Kind::kList) {
    for (const auto& [first, last] : selector.ids) {
      for (PeerId peer = first; peer <= last; ++peer) peers.push_back(peer);
    }
    std::ranges::sort(peers);
    const auto repeated = std::ranges::unique(peers);
    peers.erase(repeated.begin(), repeated.end());
  } else {
    return std::nullopt;
  }
  return peers;
}

void check_script(const std::vector<Fault>& faults, int num_peers) {
  std::vector<std::vector<PeerId>> chosen(faults.size());
  for (std::size_t i = 0; i < faults.size(); ++i) {
    if (!is_scripted(faults[i])) continue;
    auto peers = peers_by_id(*selector_of(faults[i]), num_peers);
    if (!peers) return;
    chosen[i] = *std::move(peers);
  }
  play_script(faults, chosen);
}

/// A partition that begins, or a heal.
struct Boundary {
  SimTime at;
  bool begins = false;
  std::size_t item = 0;
};

std::vector<Boundary> boundaries_of(const std::vector<Fault>& faults) {
  std::vector<Boundary> boundaries;
  for (std::size_t i = 0; i < faults.size(); ++i) {
    if (const auto* const partition = std::get_if<PartitionFault>(&faults[i].action)) {
      boundaries.push_back({partition->at, true, i});
    } else if (const auto* const heal = std::get_if<HealFault>(&faults[i].action)) {
      boundaries.push_back({heal->at, false, i});
    }
  }
  std::ranges::stable_sort(boundaries, [](const Boundary& a, const Boundary& b) {
    return a.at < b.at || (a.at == b.at && a.begins < b.begins);
  });
  return boundaries;
}

/// What is wrong with a heal while no partition waits for one.
std::string misplaced_heal(const Boundary& heal, const std::vector<PartitionSpan>& spans,
                           const std::vector<Boundary>& boundaries) {
  if (!spans.empty() && heal.at < spans.back().when.end) {
    return FaultMistake::path_of(spans.back().item, "partition") + " heals by itself at " +
           print_value(spans.back().when.end) + "; give until or heal, not both";
  }
  const std::string message = "there is no partition to heal at " + print_value(heal.at);
  const auto next = std::ranges::find_if(boundaries, [&](const Boundary& boundary) {
    return boundary.begins && boundary.at >= heal.at;
  });
  if (next == boundaries.end()) return message;
  return message + "; " + FaultMistake::path_of(next->item, "partition") + " begins at " +
         print_value(next->at);
}

}  // namespace

FaultMistake::FaultMistake(std::size_t item, std::string_view key, std::string_view message)
    : UserError(path_of(item, key) + ": " + std::string(message)),
      item_(item),
      key_(key),
      message_(message) {}

std::string FaultMistake::path_of(std::size_t item, std::string_view key) {
  return "faults[" + std::to_string(item) + "]." + std::string(key);
}

std::vector<PartitionSpan> partition_spans(const std::vector<Fault>& faults) {
  const std::vector<Boundary> boundaries = boundaries_of(faults);
  std::vector<PartitionSpan> spans;
  for (const Boundary& boundary : boundaries) {
    const bool open = !spans.empty() && spans.back().when.end == SimTime::max();
    if (!boundary.begins) {
      if (!open) {
        throw FaultMistake(boundary.item, "heal", misplaced_heal(boundary, spans, boundaries));
      }
      spans.back().when.end = boundary.at;
      continue;
    }
    if (!spans.empty() && boundary.at < spans.back().when.end) {
      throw FaultMistake(
          boundary.item, "partition",
          "begins at " + print_value(boundary.at) + " while " +
              FaultMistake::path_of(spans.back().item, "partition") +
              (open ? " is not healed" : " lasts until " + print_value(spans.back().when.end)) +
              "; one at a time");
    }
    const auto& partition = std::get<PartitionFault>(faults[boundary.item].action);
    spans.push_back({boundary.item, {partition.at, partition.until.value_or(SimTime::max())}});
  }
  return spans;
}

void check_faults(const std::vector<Fault>& faults, int num_peers) {
  for (std::size_t i = 0; i < faults.size(); ++i) ItemChecks(i, faults[i], num_peers).run();
  partition_spans(faults);
  check_script(faults, num_peers);
}

}  // namespace hearsay
