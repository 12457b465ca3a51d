#include "node/learning/kernel_set.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <string>

#include "node/base/error.hpp"
#include "tests/learning/isas.hpp"

namespace hearsay {
namespace {

class KernelChoice : public testing::Test {
 protected:
  KernelChoice() {
    for (const char* variable :
         {"OPENBLAS_CORETYPE", "ONEDNN_MAX_CPU_ISA", "ATEN_CPU_CAPABILITY", "HEARSAY_FUSED_ISA"}) {
      unsetenv(variable);
    }
  }
};

TEST_F(KernelChoice, TakesTheBestThatTheProcessorHas) {
  EXPECT_EQ(choose_kernels(false).fused_isa, available_isas().back());
}

TEST_F(KernelChoice, PortableMeansAvx2ForEverything) {
  if (available_isas().size() < 2) GTEST_SKIP() << "this processor lacks AVX2";
  const KernelSet expected{"Haswell", "AVX2", "avx2", "x86-64-v3"};
  EXPECT_EQ(choose_kernels(true), expected);
}

TEST_F(KernelChoice, KeepsWhatTheUserHasSet) {
  setenv("OPENBLAS_CORETYPE", "Zen", 1);
  setenv("HEARSAY_FUSED_ISA", "x86-64", 1);
  const KernelSet kernels = choose_kernels(false);
  EXPECT_EQ(kernels.openblas_coretype, "Zen");
  EXPECT_EQ(kernels.fused_isa, "x86-64");
}

TEST_F(KernelChoice, RefusesAnUnknownInstructionSet) {
  setenv("HEARSAY_FUSED_ISA", "avx512", 1);
  EXPECT_THROW(choose_kernels(false), UserError);
}

TEST_F(KernelChoice, AppliesToTheEnvironmentButKeepsThreadCounts) {
  setenv("OPENBLAS_NUM_THREADS", "3", 1);
  unsetenv("OMP_NUM_THREADS");
  const KernelSet kernels{"Haswell", "AVX2", "avx2", "x86-64-v3"};
  apply_kernels(kernels);
  EXPECT_EQ(std::string(std::getenv("OPENBLAS_CORETYPE")), "Haswell");
  EXPECT_EQ(std::string(std::getenv("OMP_NUM_THREADS")), "1");
  EXPECT_EQ(std::string(std::getenv("OPENBLAS_NUM_THREADS")), "3");
}

}  // namespace
}  // namespace hearsay
