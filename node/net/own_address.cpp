#include "node/net/own_address.hpp"

#include <arpa/inet.h>
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>

namespace hearsay {
namespace {

constexpr std::string_view kTcp = "tcp://";
constexpr std::string_view kEveryInterface = "tcp://0.0.0.0:";

// Any port that is not 0 will do: nothing is sent.
constexpr const char* kSomePort = "9";

std::string_view port_of(std::string_view endpoint) {
  return endpoint.substr(endpoint.rfind(':') + 1);
}

std::optional<std::string> own_host_on(const addrinfo& way) {
  const int socket = ::socket(way.ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (socket < 0) return std::nullopt;
  sockaddr_in own{};
  socklen_t size = sizeof own;
  const bool is_known = connect(socket, way.ai_addr, way.ai_addrlen) == 0 &&
                        getsockname(socket, reinterpret_cast<sockaddr*>(&own), &size) == 0;
  close(socket);
  std::array<char, INET_ADDRSTRLEN> text{};
  if (!is_known || inet_ntop(AF_INET, &own.sin_addr, text.data(), text.size()) == nullptr) {
    return std::nullopt;
  }
  return text.data();
}

}  // namespace

std::optional<std::string> own_host_towards(const std::string& host) {
  addrinfo wanted{};
  wanted.ai_family = AF_INET;
  wanted.ai_socktype = SOCK_DGRAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(host.c_str(), kSomePort, &wanted, &found) != 0) return std::nullopt;
  std::optional<std::string> own;
  for (const addrinfo* way = found; way != nullptr && !own; way = way->ai_next) {
    own = own_host_on(*way);
  }
  freeaddrinfo(found);
  return own;
}

bool has_open_port(std::string_view endpoint) {
  return endpoint.starts_with(kTcp) && endpoint.ends_with(":*");
}

std::string host_of(std::string_view endpoint) {
  if (!endpoint.starts_with(kTcp)) return "";
  endpoint.remove_prefix(kTcp.size());
  return std::string(endpoint.substr(0, endpoint.rfind(':')));
}

std::string own_address(const std::string& said, const std::string& bound,
                        std::span<const std::string> others) {
  const std::string port(port_of(bound));
  if (has_open_port(said)) return said.substr(0, said.size() - 1) + port;
  if (!said.empty()) return said;
  if (!bound.starts_with(kEveryInterface)) return bound;
  for (const std::string& other : others) {
    const std::string host = host_of(other);
    if (host.empty()) continue;
    if (const auto own = own_host_towards(host)) return std::string(kTcp) + *own + ":" + port;
  }
  return bound;
}

}  // namespace hearsay
