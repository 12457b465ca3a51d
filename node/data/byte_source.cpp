#include "node/data/byte_source.hpp"

#include <algorithm>
#include <string>
#include <system_error>
#include <utility>

#include "node/base/check.hpp"
#include "node/base/error.hpp"

namespace hearsay {
namespace {

constexpr std::size_t kChunk = 1 << 18;
constexpr std::uint64_t kMostInflation = 1032;
constexpr int kGzip = 16 + MAX_WBITS;  // zlib's way to ask for a gzip header.

}  // namespace

ByteSource::ByteSource(std::filesystem::path path) : path_(std::move(path)) {
  std::error_code error;
  file_size_ = std::filesystem::file_size(path_, error);
  if (error) throw UserError(path_.string() + ": cannot be read: " + error.message());
  file_.open(path_, std::ios::binary);
  if (!file_) throw UserError(path_.string() + ": cannot be opened for reading");

  std::uint8_t start[2] = {0, 0};
  file_.read(reinterpret_cast<char*>(start), sizeof start);
  compressed_ = file_.gcount() == 2 && start[0] == 0x1f && start[1] == 0x8b;
  file_.clear();
  file_.seekg(0);
  if (!compressed_) return;
  chunk_.resize(kChunk);
  HEARSAY_CHECK(inflateInit2(&stream_, kGzip) == Z_OK);
}

ByteSource::~ByteSource() {
  if (compressed_) inflateEnd(&stream_);
}

std::uint64_t ByteSource::most_bytes() const {
  return compressed_ ? file_size_ * kMostInflation : file_size_;
}

std::size_t ByteSource::read(std::span<std::uint8_t> out) {
  if (compressed_) return inflate_into(out);
  file_.read(reinterpret_cast<char*>(out.data()), static_cast<std::streamsize>(out.size()));
  return static_cast<std::size_t>(file_.gcount());
}

bool ByteSource::refill() {
  if (stream_.avail_in > 0) return true;
  file_.read(reinterpret_cast<char*>(chunk_.data()), static_cast<std::streamsize>(chunk_.size()));
  stream_.next_in = chunk_.data();
  stream_.avail_in = static_cast<uInt>(file_.gcount());
  return stream_.avail_in > 0;
}

std::size_t ByteSource::inflate_into(std::span<std::uint8_t> out) {
  constexpr std::size_t kMost = 1 << 30;  // zlib counts in 32 bits.
  std::size_t filled = 0;
  while (filled < out.size() && refill()) {
    if (between_members_) {
      HEARSAY_CHECK(inflateReset(&stream_) == Z_OK);
      between_members_ = false;
    }
    const std::size_t room = std::min(out.size() - filled, kMost);
    stream_.next_out = out.data() + filled;
    stream_.avail_out = static_cast<uInt>(room);
    const int result = inflate(&stream_, Z_NO_FLUSH);
    filled += room - stream_.avail_out;
    if (result == Z_STREAM_END) {
      between_members_ = true;
      ++members_;
    } else if (result != Z_OK && result != Z_BUF_ERROR) {
      throw_damaged();
    }
  }
  if (filled < out.size() && !between_members_) {
    throw UserError(path_.string() + ": truncated: the file ends before its gzip stream does");
  }
  return filled;
}

void ByteSource::throw_damaged() const {
  if (members_ > 0 && stream_.total_out == 0) {
    throw UserError(path_.string() + ": bytes that are not gzip data follow the gzip stream");
  }
  const std::string reason = stream_.msg == nullptr ? "unknown reason" : stream_.msg;
  throw UserError(path_.string() + ": damaged gzip data: " + reason);
}

}  // namespace hearsay
