#include "scenarios/launcher.hpp"

#include <cstdint>
#include <utility>

#include "node/base/error.hpp"

namespace hearsay {
namespace {

class LocalLauncher final : public Launcher {
 public:
  LocalLauncher(int processes, std::filesystem::path program)
      : processes_(processes), program_(std::move(program)) {}

  std::vector<LaunchPlace> places(int peers) const override {
    std::vector<LaunchPlace> places;
    for (const int share : even_shares(peers, processes_)) {
      places.push_back(
          {.name = "host-" + std::to_string(places.size()), .peers = share, .reach = recorder()});
    }
    return places;
  }

  Reach recorder() const override { return {.listen = "tcp://127.0.0.1:*", .address = ""}; }

  std::vector<std::string> command(const NodeStart& start) override {
    return node_command(program_, start, start.run_directory / "state");
  }

 private:
  int processes_;
  std::filesystem::path program_;
};

}  // namespace

std::unique_ptr<Launcher> make_local_launcher(int processes, std::filesystem::path program) {
  return std::make_unique<LocalLauncher>(processes, std::move(program));
}

std::vector<std::string> node_command(const std::string& program, const NodeStart& start,
                                      const std::string& state) {
  std::vector<std::string> words{program, "node", "--deployment", "-", "--host", start.name};
  if (!state.empty()) words.insert(words.end(), {"--state", state});
  if (!start.encrypted) words.emplace_back("--plaintext");
  return words;
}

std::vector<int> even_shares(int peers, int processes) {
  if (processes > peers) {
    throw UserError("--processes: " + std::to_string(processes) + " for " + std::to_string(peers) +
                    " peers; at most one per peer");
  }
  std::vector<int> shares;
  for (int i = 0; i < processes; ++i) {
    const auto until = [&](std::int64_t process) {
      return static_cast<int>(peers * process / processes);
    };
    shares.push_back(until(i + 1) - until(i));
  }
  return shares;
}

std::string shell_quoted(const std::string& text) {
  std::string word = "'";
  for (const char c : text) word += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return word + "'";
}

std::string shell_line(const std::vector<std::string>& words) {
  std::string line;
  for (const std::string& word : words) line += (line.empty() ? "" : " ") + shell_quoted(word);
  return line;
}

}  // namespace hearsay
