#include "node/base/check.hpp"
#include "node/base/error.hpp"
#include "scenarios/vector_file.hpp"
#include "tests/fuzz/readers.hpp"

namespace hearsay::fuzz {
namespace {

bool takes(const std::filesystem::path& path) {
  try {
    const VectorRows rows = read_vectors(path);
    HEARSAY_CHECK(rows.rows > 0 && rows.dimension > 0);
    HEARSAY_CHECK(rows.values.size() == rows.rows * rows.dimension);
    return true;
  } catch (const UserError&) {
    return false;
  }
}

}  // namespace

bool takes_vectors(std::span<const std::byte> bytes) {
  static const InputFile array("input.npy");
  static const InputFile json("input.json");
  const bool is_array = takes(array.holding(bytes));
  return takes(json.holding(bytes)) || is_array;
}

}  // namespace hearsay::fuzz
