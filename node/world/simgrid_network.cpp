#include "node/world/simgrid_network.hpp"

#include "node/base/error.hpp"
#include "node/base/loaded_module.hpp"

namespace hearsay {
namespace {

constexpr ModuleName kSimgrid{
    .file = "libhearsay_simgrid.so", .content = "SimGrid", .key = "network"};

}  // namespace

std::optional<std::string> infeasible(const SimgridOptions& options, int) {
  if (options.platform.empty()) return std::nullopt;
  const SimgridOptions star{
      .platform = options.platform, .model = options.model, .crosstraffic = options.crosstraffic};
  if (options == star) return std::nullopt;
  return "give either platform or the star's latency, up, down and backbone, not both";
}

std::unique_ptr<NetworkModel> make_network(const SimgridOptions& options, int num_peers,
                                           const Rng&) {
  if (const auto wrong = infeasible(options, num_peers)) throw UserError("network: " + *wrong);
  auto* const make = LoadedModule(kSimgrid).function<NetworkModel*(const SimgridOptions*, int)>(
      "hearsay_make_simgrid_network");
  return std::unique_ptr<NetworkModel>(make(&options, num_peers));
}

}  // namespace hearsay
