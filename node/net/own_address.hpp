#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace hearsay {

/// The address of this machine on the way to a host: that of the interface which the routing
/// table chooses. Nothing is sent.
/// @param host  name or IPv4 address.
/// @returns an IPv4 address; nothing if the host is unknown or there is no way to it.
std::optional<std::string> own_host_towards(const std::string& host);

/// Whether an endpoint names no port of its own: "tcp://node-1:*" stands for whichever port the
/// process on node-1 listens on, which only it can tell.
bool has_open_port(std::string_view endpoint);

/// The host of "tcp://HOST:PORT"; empty for other endpoints.
std::string host_of(std::string_view endpoint);

/// Where others find a process that listens on `bound`, a tcp endpoint as ZeroMQ reports it:
/// at `said`, if that is not empty, with the port of `bound` for a port `*`; else at `bound`,
/// unless that is every interface ("tcp://0.0.0.0:5555"): then at the one that leads to the
/// first of `others` (endpoints) to which there is a way.
std::string own_address(const std::string& said, const std::string& bound,
                        std::span<const std::string> others);

}  // namespace hearsay
