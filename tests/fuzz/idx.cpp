#include "node/base/check.hpp"
#include "node/base/error.hpp"
#include "node/data/idx_file.hpp"
#include "tests/fuzz/readers.hpp"

namespace hearsay::fuzz {
namespace {

bool takes_images(const std::filesystem::path& path) {
  try {
    const IdxImages images = read_idx_images(path);
    HEARSAY_CHECK(std::ssize(images.pixels) == images.count * images.rows * images.columns);
    return true;
  } catch (const UserError&) {
    return false;
  }
}

bool takes_labels(const std::filesystem::path& path) {
  try {
    HEARSAY_CHECK(!read_idx_labels(path).empty());
    return true;
  } catch (const UserError&) {
    return false;
  }
}

}  // namespace

bool takes_idx(std::span<const std::byte> bytes) {
  static const InputFile file("input-idx");
  const std::filesystem::path& path = file.holding(bytes);
  const bool are_images = takes_images(path);
  const bool are_labels = takes_labels(path);
  HEARSAY_CHECK(!are_images || !are_labels);
  return are_images || are_labels;
}

}  // namespace hearsay::fuzz
