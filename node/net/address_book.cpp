#include "node/net/address_book.hpp"

#include <algorithm>
#include <charconv>

namespace hearsay {
namespace {

constexpr std::size_t kLongestAddress = 256;

bool is_address(std::string_view text) {
  const bool is_known_kind = text.starts_with("tcp://") || text.starts_with("ipc://");
  const auto is_plain = [](char c) { return c > ' ' && c < '\x7f'; };
  return is_known_kind && text.size() <= kLongestAddress && std::ranges::all_of(text, is_plain);
}

}  // namespace

bool AddressBook::learn(int source, int subject, const std::string& address) {
  std::string& known = addresses_[static_cast<std::size_t>(subject)];
  if (known == address) return false;
  // Nobody else knows better where this process is.
  if (subject == self_ && source != self_) return false;
  if (source != subject && !known.empty()) return false;
  known = address;
  return true;
}

std::string AddressBook::text() const {
  std::string text;
  for (std::size_t i = 0; i < addresses_.size(); ++i) {
    if (!addresses_[i].empty()) text.append(std::to_string(i) + " " + addresses_[i] + "\n");
  }
  return text;
}

std::optional<std::vector<std::pair<int, std::string>>> read_addresses(std::string_view text,
                                                                       std::size_t processes) {
  std::vector<std::pair<int, std::string>> entries;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 1);
    int process = -1;
    const char* const line_end = line.data() + line.size();
    const auto [rest, error] = std::from_chars(line.data(), line_end, process);
    if (error != std::errc{} || rest == line_end || *rest != ' ') return std::nullopt;
    const std::string_view address(rest + 1, static_cast<std::size_t>(line_end - rest - 1));
    if (process < 0 || static_cast<std::size_t>(process) >= processes || !is_address(address)) {
      return std::nullopt;
    }
    entries.emplace_back(process, std::string(address));
  }
  return entries;
}

}  // namespace hearsay
