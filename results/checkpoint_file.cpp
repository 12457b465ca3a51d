#include "results/checkpoint_file.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <limits>
#include <memory>
#include <span>
#include <stdexcept>
#include <system_error>
#include <type_traits>
#include <utility>
#include <vector>

#include "node/base/digest.hpp"
#include "results/number_text.hpp"

namespace hearsay {
namespace {

namespace fs = std::filesystem;

constexpr std::array<char, 8> kMagic = {'H', 'E', 'A', 'R', 'S', 'A', 'Y', 'C'};
constexpr std::uint64_t kVersion = 2;

// As it lies in the file.
struct Header {
  std::array<char, 8> magic = kMagic;
  std::uint64_t version = kVersion;
  std::uint64_t length = 0;
  std::uint64_t ordinal = 0;
  std::uint64_t scenario_digest = 0;
  std::uint64_t kernels_size = 0;
  std::uint64_t build_size = 0;
  std::uint64_t inputs_size = 0;
  std::uint64_t bytes_size = 0;
  std::uint64_t num_buffers = 0;
};
static_assert(std::has_unique_object_representations_v<Header>);

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

std::string last_error() { return std::generic_category().message(errno); }

std::string size_text(std::uint64_t bytes) {
  constexpr std::uint64_t kLargest = std::numeric_limits<std::int64_t>::max();
  return grouped(static_cast<std::int64_t>(std::min(bytes, kLargest)));
}

template <class T>
std::span<const std::byte> bytes_of(const T& number) {
  return std::as_bytes(std::span(&number, 1));
}

// A file that digests what it writes. Its buffer joins small pieces; large ones pass it.
class Output {
 public:
  explicit Output(const fs::path& path) : path_(path), file_(std::fopen(path.c_str(), "wb")) {
    if (!file_) fail();
    std::setvbuf(file_.get(), nullptr, _IOFBF, 1 << 18);
  }

  void write(std::span<const std::byte> bytes) {
    digest_.add(bytes);
    if (std::fwrite(bytes.data(), 1, bytes.size(), file_.get()) != bytes.size()) fail();
  }

  void finish() {
    const Digest digest = digest_.value();
    write(bytes_of(digest));
    if (std::fflush(file_.get()) != 0 || ::fsync(::fileno(file_.get())) != 0) fail();
    if (std::fclose(file_.release()) != 0) fail();
  }

 private:
  [[noreturn]] void fail() const {
    throw std::runtime_error(path_.string() + ": cannot be written: " + last_error());
  }

  const fs::path& path_;
  File file_;
  DigestStream digest_;
};

// A file that digests what it reads and knows what is left.
class Input {
 public:
  explicit Input(const fs::path& path) : file_(std::fopen(path.c_str(), "rb")) {
    std::error_code error;
    left_ = length_ = fs::file_size(path, error);
    if (!file_ || error) {
      throw std::runtime_error("cannot be read: " + (error ? error.message() : last_error()));
    }
  }

  std::uint64_t length() const { return length_; }
  std::uint64_t left() const { return left_; }

  void read(std::span<std::byte> bytes) {
    errno = 0;
    if (std::fread(bytes.data(), 1, bytes.size(), file_.get()) != bytes.size()) {
      throw std::runtime_error("cannot be read: " +
                               (errno != 0 ? last_error() : "it shrinks while it is read"));
    }
    digest_.add(bytes);
    left_ -= bytes.size();
  }

  std::string read_text(std::uint64_t size) {
    std::string text(size, '\0');
    read(std::as_writable_bytes(std::span(text)));
    return text;
  }

  Digest digest() const { return digest_.value(); }

 private:
  File file_;
  std::uint64_t length_ = 0;
  std::uint64_t left_ = 0;
  DigestStream digest_;
};

[[noreturn]] void refuse_altered(const std::string& what) {
  throw std::runtime_error("altered: " + what);
}

// Takes `size` from what is left for the parts to come.
void claim(std::uint64_t& left, std::uint64_t size) {
  if (size > left) refuse_altered("its parts are longer than the file");
  left -= size;
}

Header read_header(Input& input) {
  const std::uint64_t length = input.length();
  Header header;
  const auto raw = std::as_writable_bytes(std::span(&header, 1));
  if (length < raw.size()) {
    throw std::runtime_error("cut short at " + size_text(length) + " bytes, within its header");
  }
  input.read(raw);
  if (header.magic != kMagic) throw std::runtime_error("not a checkpoint");
  if (header.version != kVersion) {
    throw std::runtime_error("of format version " + std::to_string(header.version) +
                             ", this build reads version " + std::to_string(kVersion));
  }
  if (length < header.length) {
    throw std::runtime_error("cut short at " + size_text(length) + " of " +
                             size_text(header.length) + " bytes");
  }
  if (length > header.length) {
    refuse_altered("it has " + size_text(length) + " bytes, written were " +
                   size_text(header.length));
  }
  return header;
}

// Reads each buffer's length, and checks that the buffers and the digest fill the file.
std::vector<std::uint64_t> read_sizes(Input& input, std::uint64_t num_buffers) {
  if (num_buffers > input.left() / sizeof(std::uint64_t)) {
    refuse_altered("its parts are longer than the file");
  }
  std::vector<std::uint64_t> sizes(num_buffers);
  input.read(std::as_writable_bytes(std::span(sizes)));
  std::uint64_t left = input.left();
  claim(left, sizeof(Digest));
  for (const std::uint64_t size : sizes) claim(left, size);
  if (left != 0) refuse_altered("its parts are shorter than the file");
  return sizes;
}

}  // namespace

void write_checkpoint_file(const fs::path& path, Checkpoint checkpoint) {
  const CheckpointIdentity& identity = checkpoint.identity;
  Snapshot& snapshot = checkpoint.snapshot;
  Header header{.ordinal = checkpoint.ordinal,
                .scenario_digest = identity.scenario_digest,
                .kernels_size = identity.kernels.size(),
                .build_size = identity.build.size(),
                .inputs_size = identity.inputs.size(),
                .bytes_size = snapshot.bytes.size(),
                .num_buffers = snapshot.buffers.size()};
  header.length = sizeof header + header.kernels_size + header.build_size + header.inputs_size +
                  header.bytes_size + header.num_buffers * sizeof(std::uint64_t) + sizeof(Digest);
  for (const Buffer& buffer : snapshot.buffers) header.length += buffer.size();

  Output output(path);
  output.write(bytes_of(header));
  output.write(std::as_bytes(std::span(identity.kernels)));
  output.write(std::as_bytes(std::span(identity.build)));
  output.write(std::as_bytes(std::span(identity.inputs)));
  output.write(std::as_bytes(std::span(snapshot.bytes)));
  for (const Buffer& buffer : snapshot.buffers) {
    const std::uint64_t size = buffer.size();
    output.write(bytes_of(size));
  }
  for (Buffer& buffer : snapshot.buffers) {
    output.write(buffer.bytes());
    buffer = Buffer();
  }
  output.finish();
}

Checkpoint read_checkpoint_file(const fs::path& path) {
  Input input(path);
  const Header header = read_header(input);
  std::uint64_t left = input.left();
  for (const std::uint64_t size :
       {header.kernels_size, header.build_size, header.inputs_size, header.bytes_size}) {
    claim(left, size);
  }
  Checkpoint checkpoint;
  checkpoint.ordinal = header.ordinal;
  checkpoint.identity.scenario_digest = header.scenario_digest;
  checkpoint.identity.kernels = input.read_text(header.kernels_size);
  checkpoint.identity.build = input.read_text(header.build_size);
  checkpoint.identity.inputs = input.read_text(header.inputs_size);
  checkpoint.snapshot.bytes = input.read_text(header.bytes_size);
  for (const std::uint64_t size : read_sizes(input, header.num_buffers)) {
    checkpoint.snapshot.buffers.push_back(Buffer::allocate(size));
    input.read(checkpoint.snapshot.buffers.back().writable());
  }
  const Digest expected = input.digest();
  Digest digest = 0;
  input.read(std::as_writable_bytes(std::span(&digest, 1)));
  if (digest != expected) {
    refuse_altered("its digest is " + to_hex(expected) + ", written was " + to_hex(digest));
  }
  return checkpoint;
}

}  // namespace hearsay
