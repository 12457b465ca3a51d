#include "node/runtime/message_payload.hpp"

#include <cstring>

namespace hearsay {

// std::memcpy must not be given null pointers, not even for no bytes.
static void append(std::byte*& to, std::span<const std::byte> bytes) {
  if (!bytes.empty()) std::memcpy(to, bytes.data(), bytes.size());
  to += bytes.size();
}

Buffer join_payload(const PayloadParts& parts) {
  const auto data_bytes = static_cast<std::uint32_t>(parts.data.size());
  Buffer payload = Buffer::allocate(parts.model.size() + parts.data.size() + sizeof(data_bytes));
  std::byte* to = payload.writable().data();
  append(to, parts.model.bytes());
  append(to, parts.data.bytes());
  append(to, std::as_bytes(std::span(&data_bytes, 1)));
  return payload;
}

std::optional<PayloadParts> split_payload(const Buffer& payload) {
  std::uint32_t data_bytes = 0;
  const std::span<const std::byte> bytes = payload.bytes();
  if (bytes.size() < sizeof(data_bytes)) return std::nullopt;
  const std::size_t rest = bytes.size() - sizeof(data_bytes);
  std::memcpy(&data_bytes, bytes.data() + rest, sizeof(data_bytes));
  if (data_bytes > rest) return std::nullopt;
  const std::size_t model_bytes = rest - data_bytes;
  PayloadParts parts{.model = {}, .data = Buffer::copy_of(bytes.subspan(model_bytes, data_bytes))};
  if (model_bytes > 0) parts.model = Buffer::copy_of(bytes.first(model_bytes));
  return parts;
}

}  // namespace hearsay
