#pragma once

#include <string>

namespace hearsay {

/// Which variants of floating-point kernels a run uses. Two runs give the same bits
/// only if their kernel sets agree; the manifest records it.
struct KernelSet {
  std::string openblas_coretype;    ///< OPENBLAS_CORETYPE, e.g. "SkylakeX".
  std::string onednn_max_cpu_isa;   ///< ONEDNN_MAX_CPU_ISA, e.g. "AVX512_CORE".
  std::string aten_cpu_capability;  ///< ATEN_CPU_CAPABILITY, e.g. "avx512".
  std::string fused_isa;            ///< "x86-64-v4", "x86-64-v3" or "x86-64".

  friend bool operator==(const KernelSet&, const KernelSet&) = default;
};

/// The best kernels for this processor, or, if `portable`, those of x86-64-v3 (AVX2),
/// which give the same bits on every machine that has it. What the user has set in
/// the environment (the three variables above, and HEARSAY_FUSED_ISA) is kept.
/// @throws UserError if `portable` and the processor lacks x86-64-v3, or if
/// HEARSAY_FUSED_ISA names none of the three or one that the processor lacks.
KernelSet choose_kernels(bool portable);

/// Prepares the process for LibTorch: sets the variables of `kernels`, one thread for
/// OpenMP and OpenBLAS unless the user has set a number, and keeps freed memory in the
/// process (evaluation in big batches is bound by page faults otherwise). Call before
/// LibTorch is loaded and before threads are started.
void apply_kernels(const KernelSet& kernels);

}  // namespace hearsay
