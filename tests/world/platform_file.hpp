#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace hearsay {

/// The links of a host of a platform file.
struct HostLinks {
  double bytes_per_second = 1e6;
  double latency_s = 0.0;  ///< Of the first link of its messages.
};

/// What a platform file begins with.
inline std::string platform_head() {
  return "<?xml version='1.0'?>\n"
         "<!DOCTYPE platform SYSTEM \"https://simgrid.org/simgrid.dtd\">\n"
         "<platform version='4.1'>\n";
}

/// Writes a SimGrid platform of hosts h00, h01, ..., each pair joined by its links: two
/// links per host, of which one takes what it sends and one what it receives, or, if
/// `is_half_duplex`, one for both, whose latency then counts for both.
inline void write_platform(const std::filesystem::path& file, const std::vector<HostLinks>& hosts,
                           bool is_half_duplex) {
  const auto name = [](std::size_t i) { return (i < 10 ? "h0" : "h") + std::to_string(i); };
  const auto speed = [&](std::size_t i) {
    return "' bandwidth='" + std::to_string(hosts[i].bytes_per_second) + "Bps' latency='";
  };
  const auto down = [&](std::size_t i) { return (is_half_duplex ? "up-" : "down-") + name(i); };
  std::ofstream out(file);
  out << platform_head() << "<zone id='all' routing='Full'>\n";
  for (std::size_t i = 0; i < hosts.size(); ++i)
    out << "<host id='" << name(i) << "' speed='1Gf'/>\n";
  for (std::size_t i = 0; i < hosts.size(); ++i) {
    out << "<link id='up-" << name(i) << speed(i) << hosts[i].latency_s << "s'/>\n";
    if (!is_half_duplex) out << "<link id='" << down(i) << speed(i) << "0s'/>\n";
  }
  for (std::size_t i = 0; i < hosts.size(); ++i) {
    for (std::size_t j = 0; j < hosts.size(); ++j) {
      if (i == j) continue;
      out << "<route src='" << name(i) << "' dst='" << name(j) << "' symmetrical='NO'>"
          << "<link_ctn id='up-" << name(i) << "'/><link_ctn id='" << down(j) << "'/></route>\n";
    }
  }
  out << "</zone>\n</platform>\n";
}

}  // namespace hearsay
