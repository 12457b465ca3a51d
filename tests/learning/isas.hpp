#pragma once

#include <string>
#include <vector>

namespace hearsay {

/// The instruction sets of the hand-written kernels that this processor has.
inline std::vector<std::string> available_isas() {
  std::vector<std::string> isas = {"x86-64"};
  if (__builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("fma") != 0) {
    isas.emplace_back("x86-64-v3");
    if (__builtin_cpu_supports("avx512vl") != 0 && __builtin_cpu_supports("avx512bw") != 0 &&
        __builtin_cpu_supports("avx512dq") != 0) {
      isas.emplace_back("x86-64-v4");
    }
  }
  return isas;
}

/// As a test's name: letters, digits and underscores only.
inline std::string isa_name(const std::string& isa) {
  std::string name = isa;
  for (char& character : name) {
    if (character == '-') character = '_';
  }
  return name;
}

}  // namespace hearsay
