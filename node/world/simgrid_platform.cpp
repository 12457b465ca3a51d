#include "node/world/simgrid_platform.hpp"

#include <signal.h>

#include <algorithm>
#include <array>
#include <exception>
#include <fstream>
#include <simgrid/s4u.hpp>
#include <sstream>
#include <string>
#include <string_view>

#include "node/base/error.hpp"

namespace hearsay {
namespace {

namespace s4u = simgrid::s4u;

/// SimGrid has no links without a bandwidth: 1 TB takes 1 ms.
constexpr double kUnlimited = 1e15;

double bytes_per_second(Bandwidth bandwidth) {
  return bandwidth.is_unlimited() ? kUnlimited : bandwidth.bytes_per_second;
}

/// SimGrid takes over Ctrl-C and crashes; we give them back.
class KeptSignalHandlers {
 public:
  KeptSignalHandlers() {
    for (std::size_t i = 0; i < kSignals.size(); ++i) sigaction(kSignals[i], nullptr, &kept_[i]);
  }
  ~KeptSignalHandlers() {
    for (std::size_t i = 0; i < kSignals.size(); ++i) sigaction(kSignals[i], &kept_[i], nullptr);
  }
  KeptSignalHandlers(const KeptSignalHandlers&) = delete;
  KeptSignalHandlers& operator=(const KeptSignalHandlers&) = delete;

 private:
  static constexpr std::array kSignals{SIGINT, SIGSEGV, SIGBUS};
  std::array<struct sigaction, kSignals.size()> kept_{};
};

std::string model_name(SimgridModel model) {
  switch (model) {
    case SimgridModel::kLv08:
      return "LV08";
    case SimgridModel::kCm02:
      return "CM02";
    case SimgridModel::kSmpi:
      return "SMPI";
  }
  return {};
}

/// What SimGrid reads as its command line. Every transfer is an actor: their stacks are small.
std::vector<std::string> arguments(const SimgridOptions& options) {
  return {"hearsay",
          "--log=root.thresh:critical",
          "--cfg=contexts/factory:raw",
          "--cfg=contexts/stack-size:128",
          "--cfg=surf/precision:1e-9",
          "--cfg=network/model:" + model_name(options.model),
          std::string("--cfg=network/crosstraffic:") + (options.crosstraffic ? "yes" : "no")};
}

std::vector<s4u::Host*> make_star(const SimgridOptions& options, int num_peers) {
  constexpr double kSpeed = 1e9;  // Of computing, which no one does.
  using Routed = s4u::LinkInRoute;
  s4u::NetZone* const zone = s4u::create_star_zone("star");
  std::vector<Routed> backbone;
  if (!options.backbone.is_unlimited()) {
    backbone.emplace_back(zone->create_link("backbone", options.backbone.bytes_per_second));
  }
  std::vector<s4u::Host*> hosts;
  for (int peer = 0; peer < num_peers; ++peer) {
    const std::string name = std::to_string(peer);
    hosts.push_back(zone->create_host(name, kSpeed));
    s4u::Link* const up = zone->create_link("up" + name, bytes_per_second(options.up));
    up->set_latency(options.latency.seconds());
    s4u::Link* const down = zone->create_link("down" + name, bytes_per_second(options.down));
    std::vector<Routed> out{Routed(up)};
    out.insert(out.end(), backbone.begin(), backbone.end());
    auto* const point = hosts.back()->get_netpoint();
    zone->add_route(point, nullptr, nullptr, nullptr, out, false);
    zone->add_route(nullptr, point, nullptr, nullptr, {Routed(down)}, false);
  }
  zone->seal();
  return hosts;
}

std::string text_of(const std::string& file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

/// The tags of an XML text, from '<' to before '>', less comments.
std::vector<std::string_view> tags_of(std::string_view text) {
  constexpr std::string_view kComment = "<!--";
  std::vector<std::string_view> tags;
  while (true) {
    text.remove_prefix(std::min(text.find('<'), text.size()));
    if (text.empty()) return tags;
    const bool is_comment = text.starts_with(kComment);
    const std::size_t end = std::min(text.find(is_comment ? "-->" : ">"), text.size());
    if (!is_comment) tags.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
}

/// Whether a tag lets a file turn a host or a link off: SimGrid 3.32's state_file, or a
/// trace_connect of the kind HOST_AVAIL, which is the default, or LINK_AVAIL.
bool turns_off(std::string_view tag) {
  const auto has = [tag](std::string_view part) { return tag.find(part) != tag.npos; };
  if (tag.starts_with("<trace_connect")) {
    return !has("SPEED") && !has("BANDWIDTH") && !has("LATENCY");
  }
  return has("state_file");
}

void require_lasting(const std::string& file, const std::string& place) {
  const std::string text = text_of(file);
  for (const std::string_view tag : tags_of(text)) {
    if (!turns_off(tag)) continue;
    const auto line = 1 + std::count(text.data(), tag.data(), '\n');
    throw UserError(place + ":" + std::to_string(line) +
                    ": turns a host or link off at times; take that out and list failures "
                    "under `faults`, such as crash or link_down");
  }
}

std::vector<s4u::Host*> load_platform(const s4u::Engine& engine, const std::string& file,
                                      int num_peers) {
  const std::string place = "network.platform: " + file;
  require_lasting(file, place);
  try {
    engine.load_platform(file);
    std::vector<s4u::Host*> hosts = engine.get_all_hosts();
    if (hosts.size() < static_cast<std::size_t>(num_peers)) {
      throw UserError(place + ": " + std::to_string(hosts.size()) + " hosts for " +
                      std::to_string(num_peers) + " peers");
    }
    engine.seal_platform();
    std::ranges::sort(hosts, {}, [](const s4u::Host* host) { return host->get_name(); });
    hosts.resize(static_cast<std::size_t>(num_peers));
    return hosts;
  } catch (const UserError&) {
    throw;
  } catch (const std::exception& error) {
    throw UserError(place + ": " + error.what());
  }
}

}  // namespace

std::unique_ptr<s4u::Engine> make_simgrid_engine(const SimgridOptions& options) {
  std::vector<std::string> list = arguments(options);
  std::vector<char*> argv;
  for (std::string& argument : list) argv.push_back(argument.data());
  int argc = static_cast<int>(argv.size());
  argv.push_back(nullptr);
  const KeptSignalHandlers kept;
  return std::make_unique<s4u::Engine>(&argc, argv.data());
}

std::vector<s4u::Host*> make_simgrid_hosts(const s4u::Engine& engine, const SimgridOptions& options,
                                           int num_peers) {
  return options.platform.empty() ? make_star(options, num_peers)
                                  : load_platform(engine, options.platform, num_peers);
}

}  // namespace hearsay
