#include "node/protocols/sgp.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "node/protocols/message_data.hpp"
#include "node/protocols/neighborhood.hpp"
#include "node/protocols/push_sum.hpp"

namespace hearsay {
namespace {

constexpr std::int64_t kUnknown = -1;

/// A running sum that was heard, and the round it was sent in.
struct Slot {
  RunningSum sum;
  std::int32_t round = -1;  ///< -1: none.

  void persist(Archive& archive) { archive(sum, round); }
};

/// What the peer knows of a neighbor, beside whether it is there. The life of a peer is the
/// time at which it began with nothing; 0 for those that were there from the beginning.
struct Link {
  std::int64_t life = kUnknown;  ///< The neighbor's.
  bool suspected = false;        ///< Let a timeout pass and has not been heard from since.
  std::int32_t newest = -1;      ///< Round of the newest message in this life.
  Slot now;                      ///< Not taken yet; of the present round or before.
  Slot ahead;                    ///< The newest of a later round.

  void persist(Archive& archive) { archive(life, suspected, newest, now, ahead); }
};

class Sgp final : public Protocol {
 public:
  Sgp(const SgpOptions& options, const PeerView& view)
      : options_(options),
        neighborhood_(view),
        links_(neighborhood_.size()),
        mass_(neighborhood_.size()) {}

  void on_start(ModelBuffer model, StartKind how, Effects& effects) override {
    if (how != StartKind::kRestarted) begin_life(std::move(model), how, effects.now);
    if (how != StartKind::kTogether) {
      for (std::size_t k = 0; k < links_.size(); ++k) say_hello(k, effects);
    }
    begin_round(effects);
  }

  Reception on_message(Message message, Effects& effects) override {
    const auto sender = neighborhood_.find(message.from);
    if (!sender || message.round < 0 || message.round > options_.rounds) {
      return Reception::kRefused;
    }
    Reception reception = Reception::kAccepted;
    if (message.kind == MessageKind::kModel) {
      reception = on_sum(*sender, std::move(message), effects);
    } else if (message.kind == MessageKind::kHello) {
      std::int64_t life = kUnknown;
      if (!unpack(message.data, life) || life < 0) return Reception::kRefused;
      if (!is_of_this_life(*sender, life)) return Reception::kLate;
      neighborhood_.note(message, *sender);
      links_[*sender].suspected = false;
    } else if (message.kind == MessageKind::kGoodbye) {
      neighborhood_.note(message, *sender);
    } else {
      return Reception::kRefused;
    }
    mix_if_complete(effects);
    return reception;
  }

  void on_trained(ModelBuffer model, double, Effects& effects) override {
    mass_.add_difference(model, std::exchange(model_, {}));
    std::vector<std::size_t> receivers;
    for (std::size_t k = 0; k < links_.size(); ++k) {
      if (is_awaited(k)) receivers.push_back(k);
    }
    mass_.give(receivers);
    for (std::size_t k = 0; k < links_.size(); ++k) {
      if (!neighborhood_.is_present(k)) continue;
      if (links_[k].life == kUnknown) {
        say_hello(k, effects);
      } else {
        send_sum(k, effects);
      }
    }
    has_given_ = true;
    if (!is_complete()) set_timer(effects);
    mix_if_complete(effects);
  }

  void on_aggregated(ModelBuffer, Effects&) override {}

  void on_timer(std::uint64_t id, Effects& effects) override {
    if (!has_given_ || id != static_cast<std::uint64_t>(round_)) return;
    const bool goes_on_waiting = ++timeouts_ < options_.attempts;
    for (const std::size_t k : missing()) {
      if (goes_on_waiting) {
        send_sum(k, effects);
      } else {
        links_[k].suspected = true;
      }
    }
    if (goes_on_waiting) set_timer(effects);
    mix_if_complete(effects);
  }

  void on_leave(Effects& effects) override { neighborhood_.say_goodbye(effects); }

  std::vector<PeerId> waiting_for() const override {
    std::vector<PeerId> ids;
    if (!has_given_) return ids;
    for (const std::size_t k : missing()) ids.push_back(neighborhood_.id(k));
    return ids;
  }

  void persist(Archive& archive) override {
    archive(life_, round_, newest_heard_, timeouts_, has_given_, model_, neighborhood_, links_,
            mass_);
  }

 private:
  bool has_finished() const { return round_ == options_.rounds; }

  bool is_awaited(std::size_t k) const {
    return neighborhood_.is_present(k) && links_[k].life != kUnknown && !links_[k].suspected;
  }

  /// Awaited neighbors that have sent nothing recent enough.
  std::vector<std::size_t> missing() const {
    std::vector<std::size_t> positions;
    for (std::size_t k = 0; k < links_.size(); ++k) {
      if (is_awaited(k) && links_[k].newest < round_ - options_.overlap) positions.push_back(k);
    }
    return positions;
  }

  /// Who hears from nobody goes on by one round per timeout: else it would run away from
  /// those who are only slow.
  bool is_complete() const {
    if (!has_given_ || !missing().empty()) return false;
    bool is_isolated = false;
    for (std::size_t k = 0; k < links_.size(); ++k) {
      if (is_awaited(k)) return true;
      is_isolated = is_isolated || neighborhood_.is_present(k);
    }
    return !is_isolated || timeouts_ > 0;
  }

  void begin_life(ModelBuffer model, StartKind how, SimTime now) {
    const bool together = how == StartKind::kTogether;
    life_ = together ? 0 : std::max<std::int64_t>(1, now.nanoseconds);
    for (std::size_t k = 0; k < links_.size(); ++k) {
      links_[k].life = together && neighborhood_.is_present(k) ? 0 : kUnknown;
    }
    mass_.start(std::move(model));
  }

  void begin_round(Effects& effects) {
    has_given_ = false;
    timeouts_ = 0;
    for (Link& link : links_) {
      if (link.ahead.round >= 0 && link.ahead.round <= round_) {
        link.now = std::exchange(link.ahead, {});
      }
    }
    model_ = mass_.ratio();
    if (!has_finished()) effects.train = TrainRequest{model_};
  }

  /// Begins the link anew if the neighbor has; false if it is a life that is over.
  bool is_of_this_life(std::size_t k, std::int64_t life) {
    Link& link = links_[k];
    if (life < link.life) return false;
    if (life > link.life) {
      link = {.life = life};
      mass_.restart_link(k);
    }
    return true;
  }

  Reception on_sum(std::size_t k, Message message, Effects& effects) {
    std::int64_t life = kUnknown;
    std::int64_t receiver_life = kUnknown;
    double weight = 0.0;
    const bool is_sound = unpack(message.data, life, receiver_life, weight) && life >= 0 &&
                          message.model.size() == mass_.size();
    if (!is_sound) return Reception::kRefused;
    if (!is_of_this_life(k, life)) return Reception::kLate;
    if (!mass_.is_possible(k, weight)) return Reception::kRefused;
    Link& link = links_[k];
    neighborhood_.note(message, k);
    link.suspected = false;
    newest_heard_ = std::max(newest_heard_, message.round);
    if (has_finished()) {
      if (message.round + 1 < options_.rounds) send_sum(k, effects);
      return Reception::kLate;
    }
    if (receiver_life != life_ || message.round <= link.newest) return Reception::kLate;
    link.newest = message.round;
    (message.round <= round_ ? link.now : link.ahead) = {{std::move(message.model), weight},
                                                         message.round};
    return Reception::kAccepted;
  }

  void mix_if_complete(Effects& effects) {
    if (!is_complete()) return;
    std::vector<PushSum::Arrival> arrivals;
    for (std::size_t k = 0; k < links_.size(); ++k) {
      Link& link = links_[k];
      Slot& slot = link.now.round >= 0 ? link.now : link.ahead;
      if (slot.round >= 0) arrivals.push_back({k, std::exchange(slot, {}).sum});
    }
    mass_.take(std::move(arrivals));
    const bool skips = newest_heard_ > round_ + 1;
    round_ = std::max(round_ + 1, newest_heard_);
    begin_round(effects);
    effects.completed = RoundReport{.round = round_, .model = model_};
    if (!has_finished()) return;
    effects.finished = true;
    for (std::size_t k = 0; skips && k < links_.size(); ++k) {
      if (neighborhood_.is_present(k) && links_[k].life != kUnknown) send_sum(k, effects);
    }
  }

  void set_timer(Effects& effects) const {
    effects.timers.push_back({.delay = options_.timeout, .id = static_cast<std::uint64_t>(round_)});
  }

  void say_hello(std::size_t k, Effects& effects) const {
    effects.sends.push_back({.to = neighborhood_.id(k),
                             .kind = MessageKind::kHello,
                             .round = round_,
                             .model = {},
                             .data = pack(life_)});
  }

  void send_sum(std::size_t k, Effects& effects) const {
    const RunningSum& sum = mass_.given(k);
    effects.sends.push_back({.to = neighborhood_.id(k),
                             .kind = MessageKind::kModel,
                             .round = round_,
                             .model = sum.x.empty() ? ModelBuffer::zeros(mass_.size()) : sum.x,
                             .data = pack(life_, links_[k].life, sum.w)});
  }

  SgpOptions options_;
  Neighborhood neighborhood_;
  std::vector<Link> links_;  ///< By position.
  PushSum mass_;
  std::int64_t life_ = 0;
  int round_ = 0;           ///< Rounds done or skipped.
  int newest_heard_ = 0;    ///< Newest round of any message heard.
  int timeouts_ = 0;        ///< That have passed in this round.
  bool has_given_ = false;  ///< This round's shares are sent.
  ModelBuffer model_;       ///< The ratio that this round began with.
};

}  // namespace

std::unique_ptr<Protocol> make_protocol(const SgpOptions& options, const PeerView& view) {
  return std::make_unique<Sgp>(options, view);
}

}  // namespace hearsay
