#include "results/disk.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <system_error>

namespace hearsay {
namespace {

void sync(const std::filesystem::path& path, int flags) {
  const int descriptor = ::open(path.c_str(), flags | O_CLOEXEC);
  const bool success = descriptor >= 0 && ::fsync(descriptor) == 0;
  const std::error_code error(errno, std::generic_category());
  if (descriptor >= 0) ::close(descriptor);
  if (!success) throw std::runtime_error(path.string() + ": cannot be written: " + error.message());
}

}  // namespace

void sync_file(const std::filesystem::path& file) { sync(file, O_RDONLY); }

void sync_directory(const std::filesystem::path& directory) {
  sync(directory, O_RDONLY | O_DIRECTORY);
}

}  // namespace hearsay
