#include "node/learning/kernel_set.hpp"

#include <malloc.h>

#include <cstdlib>

#include "node/base/error.hpp"

namespace hearsay {
namespace {

bool has_v3() {
  return __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("fma") != 0 &&
         __builtin_cpu_supports("bmi2") != 0;
}

bool has_v4() {
  return has_v3() && __builtin_cpu_supports("avx512f") != 0 &&
         __builtin_cpu_supports("avx512bw") != 0 && __builtin_cpu_supports("avx512cd") != 0 &&
         __builtin_cpu_supports("avx512dq") != 0 && __builtin_cpu_supports("avx512vl") != 0;
}

std::string set_or(const char* variable, const char* otherwise) {
  const char* const value = std::getenv(variable);
  return value != nullptr && *value != '\0' ? value : otherwise;
}

void check_fused_isa(const std::string& isa) {
  const bool known = isa == "x86-64-v4" || isa == "x86-64-v3" || isa == "x86-64";
  if (!known) {
    throw UserError("HEARSAY_FUSED_ISA: '" + isa + "' is none of x86-64-v4, x86-64-v3 and x86-64");
  }
  if ((isa == "x86-64-v4" && !has_v4()) || (isa == "x86-64-v3" && !has_v3())) {
    throw UserError("HEARSAY_FUSED_ISA: this processor lacks " + isa);
  }
}

}  // namespace

KernelSet choose_kernels(bool portable) {
  if (portable && !has_v3()) {
    throw UserError("portable kernels: this processor lacks x86-64-v3 (AVX2 and FMA)");
  }
  // OpenBLAS 0.3.21 falls back to slow kernels on processors younger than itself, and
  // SkylakeX stands for all that have AVX-512.
  KernelSet chosen{"Prescott", "SSE41", "default", "x86-64"};
  if (has_v3()) chosen = {"Haswell", "AVX2", "avx2", "x86-64-v3"};
  if (has_v4() && !portable) chosen = {"SkylakeX", "AVX512_CORE", "avx512", "x86-64-v4"};
  KernelSet kernels{
      .openblas_coretype = set_or("OPENBLAS_CORETYPE", chosen.openblas_coretype.c_str()),
      .onednn_max_cpu_isa = set_or("ONEDNN_MAX_CPU_ISA", chosen.onednn_max_cpu_isa.c_str()),
      .aten_cpu_capability = set_or("ATEN_CPU_CAPABILITY", chosen.aten_cpu_capability.c_str()),
      .fused_isa = set_or("HEARSAY_FUSED_ISA", chosen.fused_isa.c_str())};
  check_fused_isa(kernels.fused_isa);
  return kernels;
}

void apply_kernels(const KernelSet& kernels) {
  constexpr int kReplace = 1;
  constexpr int kKeep = 0;
  setenv("OPENBLAS_CORETYPE", kernels.openblas_coretype.c_str(), kReplace);
  setenv("ONEDNN_MAX_CPU_ISA", kernels.onednn_max_cpu_isa.c_str(), kReplace);
  setenv("ATEN_CPU_CAPABILITY", kernels.aten_cpu_capability.c_str(), kReplace);
  setenv("OMP_NUM_THREADS", "1", kKeep);
  setenv("OPENBLAS_NUM_THREADS", "1", kKeep);
  mallopt(M_MMAP_THRESHOLD, 1 << 30);
  mallopt(M_TRIM_THRESHOLD, 1 << 30);
  mallopt(M_TOP_PAD, 64 << 20);
}

}  // namespace hearsay
