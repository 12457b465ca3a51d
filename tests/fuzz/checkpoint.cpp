#include <stdexcept>

#include "node/base/error.hpp"
#include "results/checkpoint_file.hpp"
#include "tests/fuzz/readers.hpp"

namespace hearsay::fuzz {

bool takes_checkpoint(std::span<const std::byte> bytes) {
  static const InputFile file("input.ckpt");
  Checkpoint checkpoint;
  try {
    checkpoint = read_checkpoint_file(file.holding(bytes));
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::runtime_error&) {
    return false;
  }
  return true;
}

}  // namespace hearsay::fuzz
