#include "node/protocols/synchronous_rounds.hpp"

#include <map>
#include <optional>
#include <utility>

#include "node/protocols/message_data.hpp"

namespace hearsay {
namespace {

using Neighbor = NeighborLetters::Neighbor;

class SynchronousRounds final : public Protocol {
 public:
  SynchronousRounds(const RoundOptions& options, const PeerView& view,
                    std::unique_ptr<RoundMethod> method, LetterParts parts)
      : options_(options),
        letters_(options, view),
        keep_previous_(view.keep_previous),
        parts_(parts),
        method_(std::move(method)) {}

  void on_start(ModelBuffer model, StartKind how, Effects& effects) override {
    own_ = {};
    halves_.clear();
    letters_.forget();
    if (how != StartKind::kTogether) {
      say_hello(effects);
      letters_.owe_all();
    }
    begin_round(std::move(model), effects);
  }

  Reception on_message(Message message, Effects& effects) override {
    Neighbor* const neighbor = letters_.find(message.from);
    if (neighbor == nullptr || message.round < 0 || message.round > options_.rounds) {
      return Reception::kRefused;
    }
    switch (message.kind) {
      case MessageKind::kModel:
      case MessageKind::kTracker:
        return on_letter(*neighbor, std::move(message), effects);
      case MessageKind::kHello:
        letters_.set_awaited(*neighbor);
        letters_.set_asked(*neighbor, true);
        if (!last_own_.model.empty() && message.round == last_own_.round) {
          post(neighbor->id, last_own_, effects.sends, effects.sends);
        }
        if (has_finished()) {
          answer(*neighbor, final_, effects);
        } else if (!own_.model.empty()) {
          answer(*neighbor, own_, effects);
        }
        return Reception::kAccepted;
      case MessageKind::kGoodbye:
        letters_.set_absent(*neighbor);
        aggregate_if_complete(effects);
        return Reception::kAccepted;
      default:
        return Reception::kRefused;
    }
  }

  void on_trained(ModelBuffer model, double, Effects& effects) override {
    own_ = method_ ? method_->adapt(start_, std::move(model)) : Letter{.model = std::move(model)};
    own_.round = round_;
    send_own(effects);
    if (!letters_.is_complete() && options_.missing != MissingPolicy::kWait) {
      effects.timers.push_back(
          {.delay = options_.timeout, .id = static_cast<std::uint64_t>(round_)});
    }
    aggregate_if_complete(effects);
  }

  void on_aggregated(ModelBuffer model, Effects& effects) override {
    if (method_) model = method_->conclude(std::move(model));
    const int next = letters_.next_round();
    const bool skips = next > round_ + 1;
    round_ = next;
    effects.completed = RoundReport{.round = round_, .model = model};
    if (!has_finished()) {
      begin_round(std::move(model), effects);
      return;
    }
    start_ = {};
    final_ = method_ ? method_->last_letter(std::move(model)) : Letter{.model = std::move(model)};
    final_.round = round_;
    effects.finished = true;
    // Who skips rounds owes its neighbors the letters of those; the final one stands for all.
    for (Neighbor& neighbor : letters_.neighbors()) {
      if (neighbor.has_asked || (skips && !neighbor.absent)) answer(neighbor, final_, effects);
    }
  }

  void on_timer(std::uint64_t id, Effects& effects) override {
    if (own_.model.empty() || id != static_cast<std::uint64_t>(round_)) return;
    letters_.suspect_missing();
    aggregate_if_complete(effects);
  }

  void on_leave(Effects& effects) override { tell_all(MessageKind::kGoodbye, effects); }

  std::vector<PeerId> waiting_for() const override {
    return own_.model.empty() ? std::vector<PeerId>{} : letters_.missing();
  }

  void persist(Archive& archive) override {
    archive(round_, own_, last_own_, start_, final_, halves_, letters_);
    if (method_) method_->persist(archive);
  }

 private:
  bool has_finished() const { return round_ == options_.rounds; }

  Reception on_letter(Neighbor& neighbor, Message message, Effects& effects) {
    std::optional<Letter> letter = read(message);
    if (!letter) return Reception::kRefused;
    if (has_finished()) {
      // Its hello may have been overtaken by an older goodbye.
      if (!neighbor.is_awaited()) {
        letters_.set_awaited(neighbor);
        answer(neighbor, final_, effects);
      }
      return Reception::kLate;
    }
    if (parts_.tracker) {
      if (letter->round < letters_.open_round()) {
        letters_.set_awaited(neighbor);
        return Reception::kLate;
      }
      if (!match(neighbor.id, *letter)) return Reception::kRefused;
      if (letter->model.empty() || letter->tracker.empty()) return Reception::kAccepted;
    }
    const Reception reception = letters_.take(neighbor, std::move(*letter));
    if (reception == Reception::kAccepted) aggregate_if_complete(effects);
    return reception;
  }

  // What the message says; nothing if this method's letters are not like that.
  std::optional<Letter> read(Message& message) const {
    Letter letter{.round = message.round};
    const bool is_tracker = message.kind == MessageKind::kTracker;
    if (is_tracker && !parts_.tracker) return std::nullopt;
    if (!parts_.count) {
      if (!message.data.is_null()) return std::nullopt;
    } else if (!unpack(message.data, letter.count) || letter.count < 1 ||
               letter.count > Letter::kMostModels) {
      return std::nullopt;
    }
    (is_tracker ? letter.tracker : letter.model) = std::move(message.model);
    return letter;
  }

  // Completes the half of a letter by the other, if it is there, or keeps it. False if it is
  // there itself.
  bool match(PeerId from, Letter& letter) {
    const std::pair key(from, letter.round);
    const auto found = halves_.find(key);
    if (found == halves_.end()) {
      halves_.emplace(key, letter);
      return true;
    }
    Letter& other = found->second;
    if (letter.model.empty() == other.model.empty()) return false;
    (letter.model.empty() ? letter.model : letter.tracker) =
        std::move(letter.model.empty() ? other.model : other.tracker);
    halves_.erase(found);
    return true;
  }

  void answer(Neighbor& neighbor, const Letter& letter, Effects& effects) {
    letters_.set_asked(neighbor, false);
    post(neighbor.id, letter, effects.sends, effects.sends);
  }

  // Models first, so that neighbors which get the same one get it in turn.
  void send_own(Effects& effects) {
    std::vector<Message> trackers;
    letters_.address(
        [&](const Neighbor& neighbor) { post(neighbor.id, own_, effects.sends, trackers); });
    for (Message& message : trackers) effects.sends.push_back(std::move(message));
  }

  void post(PeerId to, const Letter& own, std::vector<Message>& models,
            std::vector<Message>& trackers) const {
    const Letter changed = method_ ? method_->letter_to(to, own) : Letter{};
    const Letter& letter = method_ ? changed : own;
    Message message{
        .to = to, .kind = MessageKind::kModel, .round = own.round, .model = letter.model};
    if (parts_.count) message.data = pack(letter.count);
    models.push_back(std::move(message));
    if (!parts_.tracker) return;
    trackers.push_back(
        {.to = to, .kind = MessageKind::kTracker, .round = own.round, .model = letter.tracker});
  }

  // To those as well that were absent when last heard of: they may have come meanwhile.
  void say_hello(Effects& effects) {
    for (const Neighbor& neighbor : letters_.neighbors()) {
      effects.sends.push_back(
          {.to = neighbor.id, .kind = MessageKind::kHello, .round = round_, .model = {}});
    }
  }

  void tell_all(MessageKind kind, Effects& effects) {
    for (const Neighbor& neighbor : letters_.neighbors()) {
      if (neighbor.absent) continue;
      effects.sends.push_back({.to = neighbor.id, .kind = kind, .round = round_, .model = {}});
    }
  }

  void begin_round(ModelBuffer model, Effects& effects) {
    letters_.begin(round_);
    std::erase_if(halves_, [this](const auto& half) { return half.first.second < round_; });
    if (keep_previous_ || method_) start_ = model;
    effects.train = TrainRequest{std::move(model)};
  }

  void aggregate_if_complete(Effects& effects) {
    if (own_.model.empty() || !letters_.is_complete()) return;
    Letter own = std::exchange(own_, {});
    AggregationRequest request{.round = round_};
    if (keep_previous_) request.previous = start_;
    HeardLetters heard;
    letters_.close(request, method_ ? &heard : nullptr);
    if (method_) {
      method_->mix(request, own, heard);
      last_own_ = own;
    }
    request.own = std::move(own.model);
    if (!method_) start_ = {};
    effects.aggregate = std::move(request);
  }

  RoundOptions options_;
  int round_ = 0;  ///< Rounds done or skipped.
  NeighborLetters letters_;
  bool keep_previous_;
  LetterParts parts_;
  Letter own_;         ///< While the neighbors' are awaited.
  Letter last_own_;    ///< Of the last round that was combined, if there is a method.
  ModelBuffer start_;  ///< The model that this round started from, if it is needed.
  Letter final_;       ///< Once all rounds are done.
  std::unique_ptr<RoundMethod> method_;
  std::map<std::pair<PeerId, std::int32_t>, Letter> halves_;  ///< By sender and round.
};

}  // namespace

std::unique_ptr<Protocol> make_synchronous(const RoundOptions& options, const PeerView& view,
                                           std::unique_ptr<RoundMethod> method, LetterParts parts) {
  return std::make_unique<SynchronousRounds>(options, view, std::move(method), parts);
}

}  // namespace hearsay
