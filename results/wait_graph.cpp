#include "results/wait_graph.hpp"

#include <algorithm>
#include <cstddef>
#include <map>
#include <set>
#include <vector>

namespace hearsay {
namespace {

constexpr std::size_t kMostNamed = 10;

// Whom each peer waits for, and why that one does not answer; every peer is a key.
using WaitGraph = std::map<PeerId, std::map<PeerId, std::string>>;

WaitGraph graph_of(std::span<const WaitForEdge> edges) {
  WaitGraph graph;
  for (const WaitForEdge& edge : edges) {
    graph[edge.peer].emplace(edge.waits_for, edge.why);
    graph[edge.waits_for];
  }
  return graph;
}

std::map<PeerId, std::vector<PeerId>> waiters_of(const WaitGraph& graph) {
  std::map<PeerId, std::vector<PeerId>> waiters;
  for (const auto& [peer, others] : graph) {
    for (const auto& [other, why] : others) waiters[other].push_back(peer);
  }
  return waiters;
}

// For each peer that can reach a cycle, the smallest such peer that it waits for. Found
// by taking away, again and again, peers that wait for none of those that are left.
std::map<PeerId, PeerId> steps_towards_cycles(const WaitGraph& graph) {
  auto waiters = waiters_of(graph);
  std::map<PeerId, std::size_t> left;
  std::vector<PeerId> gone;
  for (const auto& [peer, others] : graph) {
    left[peer] = others.size();
    if (others.empty()) gone.push_back(peer);
  }
  while (!gone.empty()) {
    const PeerId peer = gone.back();
    gone.pop_back();
    for (const PeerId waiter : waiters[peer]) {
      if (--left[waiter] == 0) gone.push_back(waiter);
    }
  }
  std::map<PeerId, PeerId> steps;
  for (const auto& [peer, others] : graph) {
    if (left[peer] == 0) continue;
    const auto next =
        std::ranges::find_if(others, [&](const auto& other) { return left[other.first] > 0; });
    steps[peer] = next->first;
  }
  return steps;
}

// Each begins with the peer at which a walk, from the smallest peers on, first met it.
std::vector<std::vector<PeerId>> cycles_of(const WaitGraph& graph) {
  const std::map<PeerId, PeerId> steps = steps_towards_cycles(graph);
  std::vector<std::vector<PeerId>> cycles;
  std::set<PeerId> seen;
  for (const auto& [start, ignored] : steps) {
    std::vector<PeerId> walk;
    PeerId peer = start;
    for (; seen.insert(peer).second; peer = steps.at(peer)) walk.push_back(peer);
    const auto first = std::ranges::find(walk, peer);
    if (first != walk.end()) cycles.emplace_back(first, walk.end());
  }
  return cycles;
}

std::string peers_text(std::size_t count) {
  return std::to_string(count) + (count == 1 ? " peer" : " peers");
}

std::string name_of(PeerId peer, const std::string& why) {
  return std::to_string(peer) + (why.empty() ? "" : " (" + why + ")");
}

std::string waiting_line(PeerId peer, const std::map<PeerId, std::string>& others) {
  std::string line = "  peer " + std::to_string(peer) + " waits for ";
  std::size_t named = 0;
  for (const auto& [other, why] : others) {
    if (named == kMostNamed) break;
    line += (named++ == 0 ? "" : ", ") + name_of(other, why);
  }
  if (others.size() > named) line += " and " + std::to_string(others.size() - named) + " more";
  return line + "\n";
}

std::string waiting_text(const WaitGraph& graph) {
  const auto waiting = static_cast<std::size_t>(
      std::ranges::count_if(graph, [](const auto& entry) { return !entry.second.empty(); }));
  std::string text = peers_text(waiting) + (waiting == 1 ? " waits:\n" : " wait:\n");
  std::size_t named = 0;
  for (const auto& [peer, others] : graph) {
    if (others.empty()) continue;
    if (named++ == kMostNamed) break;
    text += waiting_line(peer, others);
  }
  if (waiting > kMostNamed) text += "  and " + peers_text(waiting - kMostNamed) + " more\n";
  return text;
}

std::string cycle_line(const std::vector<PeerId>& cycle) {
  std::string line = "cycle: ";
  for (std::size_t k = 0; k < std::min(cycle.size(), kMostNamed); ++k) {
    line += std::to_string(cycle[k]) + " -> ";
  }
  if (cycle.size() > kMostNamed) {
    line += "(" + peers_text(cycle.size() - kMostNamed) + " more) -> ";
  }
  return line + std::to_string(cycle.front()) + "\n";
}

std::string cycles_text(const WaitGraph& graph) {
  const auto cycles = cycles_of(graph);
  std::string text;
  for (std::size_t k = 0; k < std::min(cycles.size(), kMostNamed); ++k) {
    text += cycle_line(cycles[k]);
  }
  if (cycles.size() > kMostNamed) {
    text += "and " + std::to_string(cycles.size() - kMostNamed) + " more cycles\n";
  }
  return text;
}

std::string dead_ends_text(const WaitGraph& graph) {
  const auto waiters = waiters_of(graph);
  std::string text;
  std::size_t found = 0;
  for (const auto& [peer, others] : graph) {
    if (!others.empty() || found++ >= kMostNamed) continue;
    const std::vector<PeerId>& waiting = waiters.at(peer);
    text += "dead end: peer " + name_of(peer, graph.at(waiting.front()).at(peer)) +
            ", waited for by " + peers_text(waiting.size()) + "\n";
  }
  if (found > kMostNamed) text += "and " + std::to_string(found - kMostNamed) + " more dead ends\n";
  return text;
}

// A string of the DOT language.
std::string quoted(const std::string& text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    result += c;
  }
  return result + "\"";
}

}  // namespace

std::string wait_graph_text(std::span<const WaitForEdge> edges) {
  if (edges.empty()) return "";
  const WaitGraph graph = graph_of(edges);
  return waiting_text(graph) + cycles_text(graph) + dead_ends_text(graph);
}

std::string wait_graph_dot(std::span<const WaitForEdge> edges) {
  const WaitGraph graph = graph_of(edges);
  const auto waiters = waiters_of(graph);
  std::string dot = "digraph wait_for {\n";
  for (const auto& [peer, others] : graph) {
    if (!others.empty()) continue;
    const std::string& why = graph.at(waiters.at(peer).front()).at(peer);
    dot +=
        "  " + std::to_string(peer) + " [shape=box, label=" + quoted(name_of(peer, why)) + "];\n";
  }
  for (const auto& [peer, others] : graph) {
    for (const auto& [other, why] : others) {
      dot += "  " + std::to_string(peer) + " -> " + std::to_string(other);
      if (!why.empty()) dot += " [label=" + quoted(why) + "]";
      dot += ";\n";
    }
  }
  return dot + "}\n";
}

}  // namespace hearsay
