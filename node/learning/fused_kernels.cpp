#include "node/base/check.hpp"
#include "node/learning/dense_kernels.hpp"
#include "node/learning/lenet5_kernels.hpp"
#include "node/learning/pooling_kernels.hpp"

namespace hearsay {

namespace kernels_v4 {
extern const DenseKernels kDenseKernels;
extern const Lenet5Kernels kLenet5Kernels;
extern const PoolingKernels kPoolingKernels;
}  // namespace kernels_v4
namespace kernels_v3 {
extern const DenseKernels kDenseKernels;
extern const Lenet5Kernels kLenet5Kernels;
extern const PoolingKernels kPoolingKernels;
}  // namespace kernels_v3
namespace kernels_v1 {
extern const DenseKernels kDenseKernels;
extern const Lenet5Kernels kLenet5Kernels;
extern const PoolingKernels kPoolingKernels;
}  // namespace kernels_v1

const DenseKernels& dense_kernels(std::string_view isa) {
  if (isa == "x86-64-v4") return kernels_v4::kDenseKernels;
  if (isa == "x86-64-v3") return kernels_v3::kDenseKernels;
  HEARSAY_CHECK(isa == "x86-64");
  return kernels_v1::kDenseKernels;
}

const Lenet5Kernels& lenet5_kernels(std::string_view isa) {
  if (isa == "x86-64-v4") return kernels_v4::kLenet5Kernels;
  if (isa == "x86-64-v3") return kernels_v3::kLenet5Kernels;
  HEARSAY_CHECK(isa == "x86-64");
  return kernels_v1::kLenet5Kernels;
}

const PoolingKernels& pooling_kernels(std::string_view isa) {
  if (isa == "x86-64-v4") return kernels_v4::kPoolingKernels;
  if (isa == "x86-64-v3") return kernels_v3::kPoolingKernels;
  HEARSAY_CHECK(isa == "x86-64");
  return kernels_v1::kPoolingKernels;
}

}  // namespace hearsay
