#include "node/protocols/async_server.hpp"

#include <utility>

#include "node/base/check.hpp"
#include "node/protocols/linear.hpp"
#include "node/protocols/server_tasks.hpp"
#include "node/protocols/update_mixing.hpp"

namespace hearsay {
namespace {

/// What a client has sent, and what it was made from.
struct Answer {
  PeerId sender = 0;
  std::int32_t version = 0;
  ModelBuffer base;
  ModelBuffer trained;

  void persist(Archive& archive) { archive(sender, version, base, trained); }
};

class AsyncServer final : public Protocol {
 public:
  AsyncServer(const AsyncServerOptions& options, const PeerView& view)
      : options_(options), keep_previous_(view.keep_previous), tasks_(view) {
    HEARSAY_CHECK(options.buffer == 1 || options.offer == AsyncServerOptions::Offer::kChange);
  }

  void on_start(ModelBuffer model, StartKind how, Effects& effects) override {
    model_ = std::move(model);
    is_aggregating_ = false;
    queue_.clear();
    buffer_.clear();
    if (how != StartKind::kTogether) tasks_.start_again(effects);
    for (ClientRecord& client : tasks_.clients()) {
      if (!client.is_absent) give(client, effects);
    }
  }

  Reception on_message(Message message, Effects& effects) override {
    ClientRecord* const client = tasks_.find(message.from);
    if (client == nullptr) return Reception::kRefused;
    switch (message.kind) {
      case MessageKind::kTrained: {
        const Reception reception = TaskBook::accept(*client, message);
        if (reception != Reception::kAccepted) return reception;
        queue_.push_back({.sender = client->id,
                          .version = client->version,
                          .base = std::exchange(client->model, {}),
                          .trained = std::move(message.model)});
        work(effects);
        return Reception::kAccepted;
      }
      case MessageKind::kHello:
      case MessageKind::kGoodbye: {
        const Reception reception = TaskBook::note(*client, message);
        if (reception != Reception::kAccepted || client->is_absent) return reception;
        if (client->state == ClientRecord::State::kAnswered) {
          tasks_.answer_hello(*client, effects);
        } else {
          give(*client, effects);
        }
        return Reception::kAccepted;
      }
      default:
        return Reception::kRefused;
    }
  }

  void on_trained(ModelBuffer, double, Effects&) override {}

  void on_aggregated(ModelBuffer model, Effects& effects) override {
    is_aggregating_ = false;
    model_ = std::move(model);
    ++version_;
    effects.completed = RoundReport{.round = version_, .model = model_};
    if (has_finished()) {
      queue_.clear();
      tasks_.give_last(model_, version_, effects);
      effects.finished = true;
    } else {
      reply(last_sender_, effects);
      work(effects);
    }
  }

  void on_timer(std::uint64_t, Effects&) override {}
  void on_leave(Effects&) override {}

  std::vector<PeerId> waiting_for() const override {
    if (is_aggregating_ || has_finished()) return {};
    return tasks_.awaited();
  }

  void persist(Archive& archive) override {
    archive(version_, is_aggregating_, last_sender_, model_, tasks_, queue_, buffer_);
  }

 private:
  bool has_finished() const { return options_.rounds > 0 && version_ == options_.rounds; }

  void give(ClientRecord& client, Effects& effects) {
    tasks_.give(client, {.model = model_, .version = version_, .is_last = has_finished()}, effects);
  }

  void reply(PeerId id, Effects& effects) {
    ClientRecord& client = *tasks_.find(id);
    if (client.state == ClientRecord::State::kAnswered) give(client, effects);
  }

  void work(Effects& effects) {
    while (!is_aggregating_ && !queue_.empty()) {
      Answer answer = std::move(queue_.front());
      queue_.erase(queue_.begin());
      last_sender_ = answer.sender;
      take_in(std::move(answer), effects);
      if (!is_aggregating_) reply(last_sender_, effects);
    }
  }

  void take_in(Answer answer, Effects& effects) {
    if (options_.offer == AsyncServerOptions::Offer::kModel) {
      aggregate(mix_with(std::move(answer)), effects);
      return;
    }
    buffer_.push_back({.sender = answer.sender,
                       .version = answer.version,
                       .change = combine({{1.0, &answer.trained}, {-1.0, &answer.base}})});
    if (static_cast<int>(buffer_.size()) < options_.buffer) return;
    const UpdateMix mix{.model = model_,
                        .version = version_,
                        .factor = options_.factor,
                        .keep_previous = keep_previous_};
    aggregate(request_for(buffer_, mix, options_.staleness), effects);
    buffer_.clear();
  }

  AggregationRequest mix_with(Answer answer) const {
    const double weight =
        options_.factor * staleness_weight(options_.staleness, version_ - answer.version);
    return {.round = version_,
            .own_weight = 1.0 - weight,
            .own = model_,
            .previous = keep_previous_ ? model_ : ModelBuffer{},
            .received = {{.sender = answer.sender,
                          .weight = weight,
                          .round = answer.version,
                          .model = std::move(answer.trained)}}};
  }

  void aggregate(AggregationRequest request, Effects& effects) {
    is_aggregating_ = true;
    effects.aggregate = std::move(request);
  }

  AsyncServerOptions options_;
  bool keep_previous_;
  std::int32_t version_ = 0;  ///< Models made.
  bool is_aggregating_ = false;
  PeerId last_sender_ = 0;  ///< Whose answer was taken up last.
  ModelBuffer model_;
  TaskBook tasks_;
  std::vector<Answer> queue_;   ///< Not yet taken up, as they came.
  std::vector<Update> buffer_;  ///< For the next model.
};

}  // namespace

std::unique_ptr<Protocol> make_async_server(const AsyncServerOptions& options,
                                            const PeerView& view) {
  return std::make_unique<AsyncServer>(options, view);
}

}  // namespace hearsay
