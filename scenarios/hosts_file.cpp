#include "scenarios/hosts_file.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <set>

#include "node/base/error.hpp"
#include "scenarios/loader.hpp"
#include "scenarios/reader.hpp"

namespace hearsay {
namespace {

std::string place_of(std::size_t host, std::string_view key) {
  return "hosts[" + std::to_string(host) + "]." + std::string(key);
}

// It names a log file and is an argument.
bool is_process_name(const std::string& name) {
  return !name.empty() && name[0] != '-' && name[0] != '.' &&
         std::ranges::all_of(name, [](unsigned char c) {
           return std::isalnum(c) != 0 ||
                  std::string_view("-_.@").find(static_cast<char>(c)) != std::string_view::npos;
         });
}

bool is_address(std::string_view text) {
  const std::size_t colon = std::min(text.find(':'), text.size());
  const auto is_in = [](std::string_view part, std::string_view others) {
    return !part.empty() && std::ranges::all_of(part, [&](unsigned char c) {
      return std::isalnum(c) != 0 || others.find(static_cast<char>(c)) != std::string_view::npos;
    });
  };
  if (!is_in(text.substr(0, colon), "-.")) return false;
  if (colon == text.size()) return true;
  const std::string_view port = text.substr(colon + 1);
  return !port.empty() && port.size() <= 5 &&
         port.find_first_not_of("0123456789") == std::string_view::npos;
}

void check(const Document& document, const HostsFile& file) {
  const auto fail = [&](const std::string& key, const std::string& what) {
    document.fail(document.position_of("hosts"), key, what);
  };
  if (file.hosts.empty()) fail("hosts", "is empty");
  if (!file.address.empty() && !is_address(file.address)) {
    document.fail(document.position_of("address"), "address",
                  "\"" + file.address + "\" is no NAME or NAME:PORT");
  }
  std::set<std::string> names;
  for (std::size_t i = 0; i < file.hosts.size(); ++i) {
    const Host& host = file.hosts[i];
    const std::string& name = host.process();
    if (host.host.empty() || host.host[0] == '-') fail(place_of(i, "host"), "names no machine");
    if (!is_process_name(name) || name == "recorder") {
      fail(place_of(i, "name"),
           "\"" + name + "\" cannot name a process; give it a `name` of letters, digits, - _ . @");
    }
    if (!names.insert(name).second) {
      fail(place_of(i, "name"), "\"" + name + "\" is there twice; give one another `name`");
    }
    if (!host.address.empty() && !is_address(host.address)) {
      fail(place_of(i, "address"), "\"" + host.address + "\" is no NAME or NAME:PORT");
    }
  }
}

}  // namespace

HostsFile parse_hosts(std::string_view text, std::string_view file_name) {
  const Document document(text, file_name);
  HostsFile file;
  read_mapping(document, {document.root(), document.root().position, ""}, outline_of(file), file);
  check(document, file);
  return file;
}

HostsFile load_hosts(const std::filesystem::path& path) {
  return parse_hosts(read_scenario_text(path), path.string());
}

std::vector<int> share_out(const HostsFile& file, int peers, const std::string& place) {
  int left = peers;
  double shares = 0.0;
  for (const Host& host : file.hosts) {
    left -= host.peers;
    if (host.peers == 0) shares += host.share;
  }
  const std::string scenario = ", but the scenario has " + std::to_string(peers) + " peers";
  if (left < 0 || (left > 0 && shares == 0.0)) {
    throw UserError(place + ": hosts: together they have " + std::to_string(peers - left) +
                    scenario);
  }
  std::vector<int> counts;
  double before = 0.0;
  int given = 0;
  for (const Host& host : file.hosts) {
    int count = host.peers;
    if (count == 0) {
      before += host.share;
      count = static_cast<int>(std::lround(left * (before / shares))) - given;
      given += count;
    }
    if (count == 0) {
      throw UserError(place + ": " + place_of(counts.size(), "share") + ": leaves no peer to " +
                      host.process() + scenario);
    }
    counts.push_back(count);
  }
  return counts;
}

}  // namespace hearsay
