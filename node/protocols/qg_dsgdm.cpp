#include "node/protocols/qg_dsgdm.hpp"

#include <utility>

#include "node/protocols/linear.hpp"
#include "node/protocols/synchronous_rounds.hpp"

namespace hearsay {
namespace {

class QgDsgdm final : public RoundMethod {
 public:
  explicit QgDsgdm(const QgDsgdmOptions& options) : beta_(options.beta), mu_(options.mu) {}

  Letter adapt(const ModelBuffer& start, ModelBuffer trained) override {
    start_ = start;
    if (beta_ == 0.0 || momentum_.empty()) return {.model = std::move(trained)};
    return {.model = combine({{1.0, &trained}, {-beta_, &momentum_}})};
  }

  ModelBuffer conclude(ModelBuffer mixed) override {
    const double share = 1.0 - mu_;
    momentum_ = momentum_.empty()
                    ? combine({{share, &start_}, {-share, &mixed}})
                    : combine({{mu_, &momentum_}, {share, &start_}, {-share, &mixed}});
    start_ = {};
    return mixed;
  }

  void persist(Archive& archive) override { archive(momentum_, start_); }

 private:
  double beta_;
  double mu_;
  ModelBuffer momentum_;  ///< M; none before the first round.
  ModelBuffer start_;     ///< x^t, until the round is concluded.
};

}  // namespace

std::unique_ptr<Protocol> make_protocol(const QgDsgdmOptions& options, const PeerView& view) {
  return make_synchronous(options, view, std::make_unique<QgDsgdm>(options));
}

}  // namespace hearsay
