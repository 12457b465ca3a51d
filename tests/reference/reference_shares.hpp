#pragma once

#include <algorithm>
#include <cstddef>
#include <limits>
#include <vector>

namespace hearsay {

/// A flow and the links that it crosses.
struct ReferenceFlow {
  double weight = 1.0;
  std::vector<int> links;
};

/// Weighted max-min fair rates by filling all links at once (Bertsekas, Gallager, Data
/// Networks, section 6.5.2): the link that is full at the lowest rate per weight fixes
/// the rates of its flows, and so on with the rest. What the incremental version is
/// compared with.
inline std::vector<double> reference_shares(const std::vector<double>& capacities,
                                            const std::vector<ReferenceFlow>& flows) {
  constexpr double kOpen = -1.0;
  std::vector<double> rates(flows.size(), kOpen);
  while (true) {
    double level = std::numeric_limits<double>::infinity();
    int full = -1;
    for (int link = 0; link < static_cast<int>(capacities.size()); ++link) {
      double rest = capacities[static_cast<std::size_t>(link)];
      double weight = 0.0;
      for (std::size_t f = 0; f < flows.size(); ++f) {
        for (const int crossed : flows[f].links) {
          if (crossed != link) continue;
          if (rates[f] == kOpen) {
            weight += flows[f].weight;
          } else {
            rest -= rates[f];
          }
        }
      }
      if (weight > 0.0 && rest / weight < level) {
        level = rest / weight;
        full = link;
      }
    }
    if (full < 0) return rates;
    for (std::size_t f = 0; f < flows.size(); ++f) {
      for (const int crossed : flows[f].links) {
        if (crossed == full && rates[f] == kOpen) rates[f] = flows[f].weight * level;
      }
    }
  }
}

/// When flows end that start at `starts` seconds with `bytes` each, at the rates above,
/// which hold from one start or end to the next.
inline std::vector<double> reference_ends(const std::vector<double>& capacities,
                                          const std::vector<ReferenceFlow>& flows,
                                          const std::vector<double>& starts,
                                          std::vector<double> bytes) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  std::vector<double> ends(flows.size(), kInfinity);
  double now = 0.0;
  while (true) {
    std::vector<std::size_t> running;
    std::vector<ReferenceFlow> crossing;
    double next = kInfinity;
    for (std::size_t f = 0; f < flows.size(); ++f) {
      if (starts[f] > now) {
        next = std::min(next, starts[f]);
      } else if (ends[f] == kInfinity) {
        running.push_back(f);
        crossing.push_back(flows[f]);
      }
    }
    const std::vector<double> rates = reference_shares(capacities, crossing);
    for (std::size_t i = 0; i < running.size(); ++i) {
      next = std::min(next, now + bytes[running[i]] / rates[i]);
    }
    if (next == kInfinity) return ends;
    for (std::size_t i = 0; i < running.size(); ++i) {
      const std::size_t f = running[i];
      bytes[f] -= rates[i] * (next - now);
      // A ten-millionth of a second's worth is less than what is compared.
      if (bytes[f] <= rates[i] * 1e-12) ends[f] = next;
    }
    now = next;
  }
}

}  // namespace hearsay
