#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

/// A slow, obvious reader of TensorBoard's event files, after the published formats and none of
/// our code: TFRecord (tensorflow.org/tutorials/load_data/tfrecord, "TFRecords format details"),
/// Protobuf's wire format (protobuf.dev/programming-guides/encoding) and the field numbers of
/// Event, Summary and Summary.Value in TensorBoard's compat/proto/event.proto and summary.proto.

namespace hearsay::reference {

/// CRC-32C by a table of all bytes, masked as TFRecord says: rotated right by 15, plus a constant.
inline std::uint32_t masked_crc(std::string_view bytes) {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t byte = 0; byte < table.size(); ++byte) {
    std::uint32_t rest = byte;
    for (int bit = 0; bit < 8; ++bit) rest = rest % 2 == 1 ? rest / 2 ^ 0x82F63B78U : rest / 2;
    table[byte] = rest;
  }
  std::uint32_t crc = 0xFFFFFFFFU;
  for (const char c : bytes) crc = table[(crc ^ static_cast<unsigned char>(c)) % 256] ^ crc / 256;
  crc = ~crc;
  return (crc / 32768 | crc * 131072) + 0xA282EAD8U;
}

/// A number of so many bytes, the lowest first.
inline std::uint64_t little_endian(std::string_view bytes) {
  std::uint64_t number = 0;
  for (std::size_t i = bytes.size(); i-- > 0;) {
    number = number * 256 + static_cast<unsigned char>(bytes[i]);
  }
  return number;
}

/// The records of a file. @throws std::runtime_error if a sum is wrong or it is cut short.
inline std::vector<std::string> records_of(std::string_view file) {
  const auto take = [&file](std::size_t size) {
    if (file.size() < size) throw std::runtime_error("cut short");
    const std::string_view taken = file.substr(0, size);
    file.remove_prefix(size);
    return taken;
  };
  const auto check = [&take](std::string_view bytes) {
    if (little_endian(take(4)) != masked_crc(bytes)) throw std::runtime_error("wrong sum");
  };
  std::vector<std::string> records;
  while (!file.empty()) {
    const std::string_view length = take(8);
    check(length);
    const std::string_view bytes = take(little_endian(length));
    check(bytes);
    records.emplace_back(bytes);
  }
  return records;
}

/// A field of a message: of variable length or 4 or 8 bytes as a number, others as bytes.
struct Field {
  std::uint64_t number = 0;
  std::string bytes;
};

/// The fields of a message by their numbers. @throws std::runtime_error if it is none.
inline std::multimap<int, Field> fields_of(std::string_view message) {
  const auto take = [&message](std::size_t size) {
    if (message.size() < size) throw std::runtime_error("cut short");
    const std::string_view taken = message.substr(0, size);
    message.remove_prefix(size);
    return taken;
  };
  const auto varint = [&take] {
    std::uint64_t number = 0;
    for (int shift = 0;; shift += 7) {
      const auto byte = static_cast<unsigned char>(take(1)[0]);
      number += std::uint64_t{byte % 128U} << shift;
      if (byte < 128) return number;
    }
  };
  std::multimap<int, Field> fields;
  while (!message.empty()) {
    const std::uint64_t key = varint();
    Field field;
    switch (key % 8) {
      case 0:
        field.number = varint();
        break;
      case 1:
        field.number = little_endian(take(8));
        break;
      case 2:
        field.bytes = take(varint());
        break;
      case 5:
        field.number = little_endian(take(4));
        break;
      default:
        throw std::runtime_error("no such wire type");
    }
    fields.emplace(static_cast<int>(key / 8), field);
  }
  return fields;
}

/// An event with scalars: Event {wall_time = 1; step = 2; file_version = 3; summary = 5},
/// Summary {value = 1, repeated}, Value {tag = 1; simple_value = 2}.
struct ScalarEvent {
  double wall_time = 0.0;
  std::int64_t step = 0;
  std::string file_version;
  std::map<std::string, float> values;
};

inline ScalarEvent event_of(std::string_view record) {
  ScalarEvent event;
  for (const auto& [key, field] : fields_of(record)) {
    if (key == 1) std::memcpy(&event.wall_time, &field.number, sizeof event.wall_time);
    if (key == 2) event.step = static_cast<std::int64_t>(field.number);
    if (key == 3) event.file_version = field.bytes;
    if (key != 5) continue;
    for (const auto& [entry, value] : fields_of(field.bytes)) {
      if (entry != 1) throw std::runtime_error("a summary has values only");
      const auto parts = fields_of(value.bytes);
      const auto bits = static_cast<std::uint32_t>(parts.find(2)->second.number);
      float number = 0.0F;
      std::memcpy(&number, &bits, sizeof number);
      event.values[parts.find(1)->second.bytes] = number;
    }
  }
  return event;
}

}  // namespace hearsay::reference
