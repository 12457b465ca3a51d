#pragma once

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <stdexcept>
#include <string>

namespace hearsay {

/// The greeting of a ZMTP 3.1 client without encryption (rfc.zeromq.org/spec/37): signature,
/// version, mechanism, padding.
inline const std::string kGreeting = std::string("\xff\0\0\0\0\0\0\0\x01\x7f\x03\x01", 12) +
                                     std::string("NULL") + std::string(48, '\0');

/// A TCP client that says, byte by byte, what libzmq would not.
class RawClient {
 public:
  /// End of the major version in a greeting: with it the other end sends the rest of its own.
  static constexpr std::size_t kVersionEnd = 11;

  /// `address`: "tcp://127.0.0.1:PORT".
  explicit RawClient(const std::string& address) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    to.sin_port =
        htons(static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1))));
    if (::connect(socket_, reinterpret_cast<const sockaddr*>(&to), sizeof(to)) != 0) {
      throw std::runtime_error("cannot connect to " + address);
    }
    fcntl(socket_, F_SETFL, O_NONBLOCK);
  }
  ~RawClient() { hang_up(); }
  RawClient(RawClient&&) = delete;

  void send(const std::string& bytes) {
    if (::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL) !=
        static_cast<ssize_t>(bytes.size())) {
      throw std::runtime_error("cannot send");
    }
  }

  /// All that has come so far.
  const std::string& received() {
    std::array<char, 4096> bytes;
    for (ssize_t size; (size = ::recv(socket_, bytes.data(), bytes.size(), 0)) > 0;) {
      received_.append(bytes.data(), static_cast<std::size_t>(size));
    }
    return received_;
  }

  void hang_up() {
    if (socket_ >= 0) ::close(socket_);
    socket_ = -1;
  }

 private:
  int socket_;
  std::string received_;
};

}  // namespace hearsay
