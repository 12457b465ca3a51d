#include "scenarios/node_briefing.hpp"

#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <nlohmann/json.hpp>

#include "node/base/error.hpp"

namespace hearsay {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kLongest = std::size_t{32} << 20;

[[noreturn]] void fail(const std::string& what) {
  throw UserError("--deployment -: " + what + "; `hearsay deploy` writes it");
}

// Byte by byte would be a system call per byte; whoever writes ends with the line.
std::string first_line(int descriptor) {
  std::string line;
  std::array<char, 1 << 16> piece;
  while (line.find('\n') == std::string::npos) {
    const ssize_t count = read(descriptor, piece.data(), piece.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) fail("standard input ended before a whole line had come");
    line.append(piece.data(), static_cast<std::size_t>(count));
    if (line.size() > kLongest) fail("the line is too long");
  }
  return line.substr(0, line.find('\n'));
}

}  // namespace

std::string briefing_line(const NodeBriefing& briefing) {
  return Json{{"secret_key", briefing.secret_key},
              {"deployment", briefing.deployment},
              {"scenario", briefing.scenario}}
             .dump() +
         "\n";
}

NodeBriefing read_briefing(int descriptor) {
  const Json line = Json::parse(first_line(descriptor), nullptr, /*allow_exceptions=*/false);
  NodeBriefing briefing;
  const auto take = [&](const char* key, std::string& text) {
    const bool is_there = line.is_object() && line.contains(key) && line.at(key).is_string();
    if (!is_there) fail(std::string("standard input says no \"") + key + "\"");
    text = line.at(key).get<std::string>();
  };
  take("secret_key", briefing.secret_key);
  take("deployment", briefing.deployment);
  take("scenario", briefing.scenario);
  return briefing;
}

bool has_hung_up(int descriptor) {
  pollfd input{.fd = descriptor, .events = POLLIN, .revents = 0};
  if (poll(&input, 1, 0) <= 0) return false;
  std::array<char, 256> dropped;
  return read(descriptor, dropped.data(), dropped.size()) == 0;
}

}  // namespace hearsay
