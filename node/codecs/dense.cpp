#include "node/codecs/dense.hpp"

namespace hearsay {
namespace {

class DenseCodec final : public Codec {
 public:
  Buffer encode(const ModelBuffer& model) const override { return model.buffer(); }

  std::optional<ModelBuffer> decode(const Buffer& payload,
                                    const ParameterLayout& layout) const override {
    if (payload.size() != layout.size() * sizeof(float)) return std::nullopt;
    return ModelBuffer(payload);
  }
};

}  // namespace

std::unique_ptr<Codec> make_codec(const DenseCodecOptions&) {
  return std::make_unique<DenseCodec>();
}

}  // namespace hearsay
