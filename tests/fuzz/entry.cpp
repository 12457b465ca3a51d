// What libFuzzer calls (llvm.org/docs/LibFuzzer.html). HEARSAY_FUZZED is a name in readers.hpp.
#include <cstddef>
#include <cstdint>

#include "tests/fuzz/readers.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  hearsay::fuzz::HEARSAY_FUZZED(std::as_bytes(std::span(data, size)));
  return 0;
}
