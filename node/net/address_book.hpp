#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hearsay {

/// Where the processes of a deployment can be reached, as far as one of them knows. A process
/// is believed about itself; about others it is believed only where nothing is known.
class AddressBook {
 public:
  AddressBook(std::size_t processes, int self) : addresses_(processes), self_(self) {}

  /// `source` says that `subject` is at `address`. True if that is news.
  bool learn(int source, int subject, const std::string& address);

  /// One line per known address: "INDEX ADDRESS\n".
  std::string text() const;

 private:
  std::vector<std::string> addresses_;  ///< By process; empty: not known.
  int self_;
};

/// Reads what AddressBook::text() wrote; nothing if it is not of that form or names a process
/// beyond `processes`.
std::optional<std::vector<std::pair<int, std::string>>> read_addresses(std::string_view text,
                                                                       std::size_t processes);

}  // namespace hearsay
