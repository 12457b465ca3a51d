#include "node/protocols/gossip.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "node/protocols/message_data.hpp"
#include "node/protocols/neighborhood.hpp"

namespace hearsay {
namespace {

// More trainings than any run has.
constexpr int kOldest = 1'000'000'000;

/// A model that waits to be merged.
struct Heard {
  PeerId sender = 0;
  double weight = 0.0;  ///< Of the mixing matrix.
  std::int32_t age = 0;
  ModelBuffer model;

  void persist(Archive& archive) { archive(sender, weight, age, model); }
};

class Gossip final : public Protocol {
 public:
  Gossip(const GossipOptions& options, const PeerView& view)
      : options_(options), keep_previous_(view.keep_previous), neighborhood_(view), rng_(view.rng) {
    if (!options.sampling) return;
    Rng bootstrap = view.rng.split("peer sampling");
    sampling_.emplace(*options.sampling, view.self,
                      std::vector<PeerId>(view.neighbors.begin(), view.neighbors.end()), bootstrap);
  }

  void on_start(ModelBuffer model, StartKind how, Effects& effects) override {
    own_ = std::move(model);
    if (keep_previous_) previous_ = own_;
    inbox_.clear();
    due_ = useful_ = 0;
    is_busy_ = false;
    if (how != StartKind::kTogether && !sampling_) neighborhood_.say_hello(effects);
    effects.timers.push_back({.delay = first_delay(options_.clock, options_.period, rng_)});
  }

  Reception on_message(Message message, Effects& effects) override {
    const auto sender = neighborhood_.find(message.from);
    if (!sender || message.round < 0 || message.round > kOldest) return Reception::kRefused;
    switch (message.kind) {
      case MessageKind::kModel:
        return on_model(std::move(message), *sender, effects);
      case MessageKind::kRequest:
        send_model(*sender, false, effects);
        break;
      case MessageKind::kHello:
      case MessageKind::kGoodbye:
        break;
      case MessageKind::kMembership:
        return on_offer(message, effects);
      default:
        return Reception::kRefused;
    }
    neighborhood_.note(message, *sender);
    return Reception::kAccepted;
  }

  void on_trained(ModelBuffer model, double, Effects& effects) override {
    own_ = std::move(model);
    ++age_;
    is_busy_ = false;
    report(effects);
    if (options_.train == GossipTraining::kWakeUp) {
      conclude_wake_up(effects);
    } else {
      react(effects);
    }
    go_on(effects);
  }

  void on_aggregated(ModelBuffer model, Effects& effects) override {
    own_ = std::move(model);
    age_ = merged_age_;
    is_busy_ = false;
    report(effects);
    if (options_.train == GossipTraining::kHeard) {
      train(effects);
    } else {
      react(effects);
      go_on(effects);
    }
  }

  void on_timer(std::uint64_t, Effects& effects) override {
    ++due_;
    if (options_.rounds == 0 || done_ + due_ < options_.rounds) {
      effects.timers.push_back({.delay = next_delay(options_.clock, options_.period, rng_)});
    }
    go_on(effects);
  }

  void on_leave(Effects& effects) override {
    if (!sampling_) neighborhood_.say_goodbye(effects);
  }

  std::vector<PeerId> waiting_for() const override { return {}; }

  void persist(Archive& archive) override {
    archive(own_, previous_, age_, merged_age_, models_, done_, due_, tokens_, useful_, is_busy_,
            inbox_, neighborhood_, rng_);
    if (sampling_) archive(*sampling_);
  }

 private:
  bool is_done() const { return options_.rounds > 0 && done_ >= options_.rounds; }

  Reception on_model(Message message, std::size_t sender, Effects& effects) {
    bool wants_answer = false;
    const bool has_data = !message.data.is_null();
    if (message.model.size() != own_.size() || (has_data && !unpack(message.data, wants_answer))) {
      return Reception::kRefused;
    }
    neighborhood_.note(message, sender);
    if (wants_answer) send_model(sender, false, effects);
    if (is_done()) return Reception::kLate;
    const auto place = std::ranges::lower_bound(inbox_, message.from, {}, &Heard::sender);
    const bool is_there = place != inbox_.end() && place->sender == message.from;
    if (is_there && message.round < place->age) return Reception::kLate;
    Heard heard{.sender = message.from,
                .weight = neighborhood_.weight(sender),
                .age = message.round,
                .model = std::move(message.model)};
    if (is_there) {
      *place = std::move(heard);
    } else {
      inbox_.insert(place, std::move(heard));
    }
    go_on(effects);
    return Reception::kAccepted;
  }

  /// The other half of an exchange of views: offers one's own, unless this is the answer.
  Reception on_offer(const Message& message, Effects& effects) {
    bool is_answer = false;
    std::vector<SampledPeer> offered;
    if (!sampling_ || !unpack(message.data, is_answer, offered)) return Reception::kRefused;
    std::vector<SampledPeer> own;
    if (!is_answer) own = sampling_->offer(rng_);
    if (!sampling_->merge(offered, rng_)) return Reception::kRefused;
    if (!is_answer) send_offer(message.from, true, std::move(own), effects);
    return Reception::kAccepted;
  }

  void send_offer(PeerId to, bool is_answer, std::vector<SampledPeer> offered,
                  Effects& effects) const {
    effects.sends.push_back({.to = to,
                             .kind = MessageKind::kMembership,
                             .round = age_,
                             .model = {},
                             .data = pack(is_answer, std::move(offered))});
  }

  void exchange_views(Effects& effects) {
    if (!sampling_) return;
    if (const auto partner = sampling_->take_partner(rng_)) {
      send_offer(*partner, false, sampling_->offer(rng_), effects);
    }
  }

  /// Whom to speak to.
  std::optional<std::size_t> draw_partner() {
    if (!sampling_) return neighborhood_.pick(rng_);
    const auto id = sampling_->pick(rng_);
    return id ? neighborhood_.find(*id) : std::nullopt;
  }

  /// Starts what there is to do, unless the peer is at work.
  void go_on(Effects& effects) {
    if (is_busy_) return;
    if (!inbox_.empty()) {
      merge(effects);
      return;
    }
    if (options_.train == GossipTraining::kWakeUp && due_ > 0) {
      train(effects);
      return;
    }
    while (due_ > 0) conclude_wake_up(effects);
    if (!is_done()) return;
    if (!effects.completed) report(effects);
    effects.finished = true;
  }

  void train(Effects& effects) {
    is_busy_ = true;
    if (keep_previous_) previous_ = own_;
    effects.train = TrainRequest{own_};
  }

  void merge(Effects& effects) {
    is_busy_ = true;
    AggregationRequest request{.round = age_, .own = own_, .previous = previous_, .received = {}};
    request.received.reserve(inbox_.size());
    merged_age_ = age_;
    for (Heard& heard : inbox_) {
      if (heard.age >= age_) ++useful_;
      merged_age_ = std::max(merged_age_, heard.age);
      request.received.push_back({.sender = heard.sender,
                                  .weight = heard.weight,
                                  .round = heard.age,
                                  .model = std::move(heard.model)});
    }
    inbox_.clear();
    weigh(request);
    effects.aggregate = std::move(request);
  }

  void weigh(AggregationRequest& request) const {
    if (options_.merge == MergeWeights::kMixing) {
      request.own_weight = 1.0;
      for (const HeardModel& heard : request.received) request.own_weight -= heard.weight;
      return;
    }
    const bool by_age = options_.merge == MergeWeights::kAge && merged_age_ > 0;
    const auto share_of = [by_age](int age) { return by_age ? static_cast<double>(age) : 1.0; };
    double total = share_of(age_);
    for (const HeardModel& heard : request.received) total += share_of(heard.round);
    request.own_weight = share_of(age_) / total;
    for (HeardModel& heard : request.received) heard.weight = share_of(heard.round) / total;
  }

  void conclude_wake_up(Effects& effects) {
    --due_;
    ++done_;
    exchange_views(effects);
    if (options_.tokens && rng_.uniform() >= proactive()) {
      ++tokens_;
      return;
    }
    const auto partner = draw_partner();
    if (!partner) return;
    if (options_.style == GossipStyle::kPull) {
      effects.sends.push_back({.to = neighborhood_.id(*partner),
                               .kind = MessageKind::kRequest,
                               .round = age_,
                               .model = {}});
    } else {
      send_model(*partner, options_.style == GossipStyle::kPushPull, effects);
    }
  }

  double proactive() const {
    const int a = options_.tokens->reactivity;
    const double share = static_cast<double>(tokens_ - a + 1) / (options_.tokens->slack + 1);
    return std::clamp(share, 0.0, 1.0);
  }

  void react(Effects& effects) {
    for (int left = std::exchange(useful_, 0); options_.tokens && left > 0; --left) {
      const double reactive = static_cast<double>(tokens_) / options_.tokens->reactivity;
      int pushes = static_cast<int>(reactive);
      if (rng_.uniform() < reactive - pushes) ++pushes;
      for (int sent = 0; sent < pushes; ++sent) {
        const auto partner = draw_partner();
        if (!partner) return;
        --tokens_;
        send_model(*partner, false, effects);
      }
    }
  }

  void send_model(std::size_t to, bool wants_answer, Effects& effects) const {
    effects.sends.push_back({.to = neighborhood_.id(to),
                             .kind = MessageKind::kModel,
                             .round = age_,
                             .model = own_,
                             .data = wants_answer ? pack(true) : Buffer{}});
  }

  void report(Effects& effects) {
    effects.completed = RoundReport{.round = ++models_, .model = own_};
  }

  GossipOptions options_;
  bool keep_previous_;
  ModelBuffer own_;
  ModelBuffer previous_;  ///< The own model before its last training, if kept.
  std::int32_t age_ = 0;
  std::int32_t merged_age_ = 0;  ///< Of the result of the merge under way.
  int models_ = 0;               ///< Reported.
  int done_ = 0;                 ///< Wake-ups.
  int due_ = 0;                  ///< Wake-ups whose work is not done.
  int tokens_ = 0;
  int useful_ = 0;  ///< Useful models merged and not reacted to.
  bool is_busy_ = false;
  std::vector<Heard> inbox_;  ///< Ascending by sender.
  Neighborhood neighborhood_;
  std::optional<PeerSampling> sampling_;
  Rng rng_;
};

}  // namespace

std::unique_ptr<Protocol> make_protocol(const GossipOptions& options, const PeerView& view) {
  return std::make_unique<Gossip>(options, view);
}

std::optional<std::string> unfit(const GossipOptions& options, const Graph& graph) {
  if (!options.sampling) return std::nullopt;
  return unfit_unless_complete("peer sampling", graph);
}

}  // namespace hearsay
