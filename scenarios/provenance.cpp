#include "scenarios/provenance.hpp"

#include <Eigen/Core>

#include <ctime>
#include <fstream>

#include "node/learning/torch_module.hpp"
#include "scenarios/commit.hpp"
#include "scenarios/loader.hpp"

namespace hearsay {
namespace {

std::string cpu_model() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);) {
    if (!line.starts_with("model name")) continue;
    const std::size_t colon = line.find(": ");
    if (colon != std::string::npos) return line.substr(colon + 2);
  }
  return "unknown";
}

std::string eigen_version() {
  return std::to_string(EIGEN_WORLD_VERSION) + "." + std::to_string(EIGEN_MAJOR_VERSION) + "." +
         std::to_string(EIGEN_MINOR_VERSION);
}

}  // namespace

Manifest make_manifest(const Scenario& scenario, const RunOptions& options,
                       const KernelSet& kernels) {
  Manifest manifest{.scenario_digest = scenario_digest(scenario),
                    .seed = scenario.seed,
                    .commit = kCommit,
                    .cpu = cpu_model(),
                    .transport = std::string(name_of(options.transport)),
                    .workers = options.workers,
                    .start = utc_now()};
  manifest.versions = {{"hearsay", kVersion},      {"compiler", kCompiler},
                       {"eigen", eigen_version()}, {"zeromq", zmq_version()},
                       {"libtorch", "not loaded"}, {"blas", "not loaded"}};
  manifest.kernels = {{"fused", kernels.fused_isa},
                      {"openblas", kernels.openblas_coretype},
                      {"onednn", kernels.onednn_max_cpu_isa},
                      {"aten", kernels.aten_cpu_capability}};
  if (torch_is_loaded()) {
    const TorchLibraries libraries = torch_libraries();
    manifest.versions["libtorch"] = libraries.torch_version;
    manifest.versions["blas"] = libraries.blas;
  }
  return manifest;
}

std::string version_text() { return std::string("hearsay ") + kVersion + " (" + kCommit + ")"; }

std::string utc_now() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

}  // namespace hearsay
