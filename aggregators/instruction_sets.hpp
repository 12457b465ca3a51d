#pragma once

/// Compiles a function of plain loops once per instruction set; the loader picks the widest
/// that the processor has. Such functions call nothing that is not inlined, and, since the
/// compiler fuses no multiplication with an addition, give the same bits in every version.
/// Sanitizers start before the loader can ask the processor.
#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define HEARSAY_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define HEARSAY_CLONES
#endif
