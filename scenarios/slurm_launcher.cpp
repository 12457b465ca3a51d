#include "scenarios/slurm_launcher.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "scenarios/ssh_launcher.hpp"

namespace hearsay {
namespace {

class SlurmLauncher final : public Launcher {
 public:
  SlurmLauncher(SlurmAllocation allocation, int processes, std::filesystem::path program)
      : nodes_(std::move(allocation.nodes)),
        processes_(processes > 0 ? processes : static_cast<int>(nodes_.size())),
        program_(std::move(program)),
        starts_(static_cast<std::size_t>(processes_)) {}

  std::vector<LaunchPlace> places(int peers) const override {
    std::vector<LaunchPlace> places;
    for (const int share : even_shares(peers, processes_)) {
      const std::size_t i = places.size();
      const std::size_t turn = i / nodes_.size();
      const std::string& node = nodes_[i % nodes_.size()];
      places.push_back({.name = turn == 0 ? node : node + "-" + std::to_string(turn + 1),
                        .peers = share,
                        .reach = reach_of("", "", "", kPlace)});
    }
    return places;
  }

  // Towards the last node: this process may be on the first.
  Reach recorder() const override {
    return reach_of("", "", slurm_node_address(nodes_.back()), kPlace);
  }

  std::vector<std::string> command(const NodeStart& start) override {
    std::vector<std::string> words{"srun",       "--nodes=1",
                                   "--ntasks=1", "--overlap",
                                   "--mpi=none", "--nodelist=" + node_for(start.place)};
    const std::vector<std::string> node =
        node_command(program_, start, start.run_directory / "state");
    words.insert(words.end(), node.begin(), node.end());
    return words;
  }

 private:
  static constexpr const char* kPlace = "--launcher slurm";

  std::string node_for(std::size_t place) {
    const std::string& home = nodes_[place % nodes_.size()];
    const int former = starts_[place]++;
    if (former == 0) return home;
    const std::vector<std::string> usable = usable_nodes(nodes_);
    if (usable.empty()) throw std::runtime_error("none of the job's nodes can be used any more");
    if (std::ranges::find(usable, home) != usable.end()) return home;
    return usable[(place + static_cast<std::size_t>(former)) % usable.size()];
  }

  std::vector<std::string> nodes_;
  int processes_;
  std::filesystem::path program_;
  std::vector<int> starts_;  ///< By place, so far.
};

}  // namespace

std::unique_ptr<Launcher> make_slurm_launcher(SlurmAllocation allocation, int processes,
                                              std::filesystem::path program) {
  return std::make_unique<SlurmLauncher>(std::move(allocation), processes, std::move(program));
}

}  // namespace hearsay
