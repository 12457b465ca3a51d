#include "node/protocols/server_client.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "node/base/check.hpp"
#include "node/protocols/message_data.hpp"
#include "node/protocols/server_tasks.hpp"

namespace hearsay {
namespace {

class ServerClient final : public Protocol {
 public:
  ServerClient(const ServerClientOptions& options, const PeerView& view) : options_(options) {
    HEARSAY_CHECK(std::ranges::binary_search(view.neighbors, options.server));
  }

  void on_start(ModelBuffer model, StartKind how, Effects& effects) override {
    size_ = model.size();
    is_training_ = false;
    asks_ = 0;
    if (how != StartKind::kTogether) tell(MessageKind::kHello, effects);
    wait(effects);
  }

  Reception on_message(Message message, Effects& effects) override {
    if (message.from != options_.server) return Reception::kRefused;
    switch (message.kind) {
      case MessageKind::kModel:
        return on_task(std::move(message), effects);
      case MessageKind::kPong:
        asks_ = 0;
        if (is_waiting()) wait(effects);
        return Reception::kAccepted;
      case MessageKind::kHello:
        asks_ = 0;
        if (is_waiting()) {
          tell(MessageKind::kHello, effects);
          wait(effects);
        }
        return Reception::kAccepted;
      default:
        return Reception::kRefused;
    }
  }

  void on_trained(ModelBuffer model, double, Effects& effects) override {
    is_training_ = false;
    effects.sends.push_back({.to = options_.server,
                             .kind = MessageKind::kTrained,
                             .round = version_,
                             .model = std::move(model),
                             .data = pack(task_, effects.now.nanoseconds)});
    wait(effects);
  }

  void on_aggregated(ModelBuffer, Effects&) override {}

  void on_timer(std::uint64_t id, Effects& effects) override {
    if (!is_waiting() || id != wait_) return;
    ++asks_;
    tell(MessageKind::kHello, effects);
    if (asks_ < kMostAsks) wait(effects);
  }

  void on_leave(Effects& effects) override { tell(MessageKind::kGoodbye, effects); }

  std::vector<PeerId> waiting_for() const override {
    if (!is_waiting()) return {};
    return {options_.server};
  }

  void persist(Archive& archive) override {
    archive(size_, is_training_, has_finished_, asks_, wait_, task_, version_, reported_);
  }

 private:
  bool is_waiting() const { return !is_training_ && !has_finished_; }

  void tell(MessageKind kind, Effects& effects) const {
    effects.sends.push_back({.to = options_.server,
                             .kind = kind,
                             .round = version_,
                             .model = {},
                             .data = pack(effects.now.nanoseconds)});
  }

  void wait(Effects& effects) {
    if (options_.ask_after == SimTime{}) return;
    ++wait_;
    effects.timers.push_back(
        {.delay = options_.ask_after * (std::int64_t{1} << asks_), .id = wait_});
  }

  Reception on_task(Message message, Effects& effects) {
    TaskNote note;
    const bool is_in_range =
        message.round >= 0 && (options_.rounds == 0 || message.round <= options_.rounds);
    if (!is_in_range || message.model.size() != size_ || !unpack_note(message.data, note)) {
      return Reception::kRefused;
    }
    if (has_finished_ || note.id <= task_) return Reception::kLate;
    asks_ = 0;
    task_ = note.id;
    version_ = message.round;
    if (version_ > reported_) {
      reported_ = version_;
      effects.completed = RoundReport{.round = version_, .model = message.model};
    }
    effects.stop_training = std::exchange(is_training_, !note.is_last);
    if (note.is_last) {
      effects.finished = has_finished_ = true;
    } else {
      effects.train = TrainRequest{std::move(message.model), note.steps};
    }
    return Reception::kAccepted;
  }

  ServerClientOptions options_;
  std::uint64_t size_ = 0;  ///< Of every model.
  bool is_training_ = false;
  bool has_finished_ = false;
  std::int32_t asks_ = 0;   ///< Since the server was last heard.
  std::uint64_t wait_ = 0;  ///< Counts the waits; names their timers.
  std::int64_t task_ = std::numeric_limits<std::int64_t>::min();  ///< The last one taken.
  std::int32_t version_ = 0;                                      ///< What it started from.
  std::int32_t reported_ = 0;                                     ///< The newest version reported.
};

}  // namespace

std::unique_ptr<Protocol> make_server_client(const ServerClientOptions& options,
                                             const PeerView& view) {
  return std::make_unique<ServerClient>(options, view);
}

}  // namespace hearsay
