#include "node/protocols/fedavg.hpp"

#include <algorithm>
#include <utility>

#include "node/protocols/server_client.hpp"
#include "node/protocols/server_tasks.hpp"

namespace hearsay {
namespace {

/// A client's part in the round under way, and what is known of it from earlier ones.
struct Part {
  bool is_drawn = false;
  bool is_suspected = false;  ///< Let a timeout pass and has not been heard from since.
  ModelBuffer answer;         ///< Empty until it comes.

  void persist(Archive& archive) { archive(is_drawn, is_suspected, answer); }
};

class FedavgServer final : public Protocol {
 public:
  FedavgServer(const FedavgOptions& options, const PeerView& view)
      : options_(options),
        keep_previous_(view.keep_previous),
        tasks_(view),
        parts_(view.neighbors.size()),
        rng_(view.rng) {}

  void on_start(ModelBuffer model, StartKind how, Effects& effects) override {
    model_ = std::move(model);
    is_aggregating_ = false;
    if (how != StartKind::kTogether) tasks_.start_again(effects);
    begin_round(effects);
  }

  Reception on_message(Message message, Effects& effects) override {
    ClientRecord* const client = tasks_.find(message.from);
    if (client == nullptr) return Reception::kRefused;
    Part& part = part_of(*client);
    switch (message.kind) {
      case MessageKind::kTrained: {
        const Reception reception = TaskBook::accept(*client, message);
        if (reception != Reception::kRefused) part.is_suspected = false;
        if (reception != Reception::kAccepted) return reception;
        if (is_aggregating_ || has_finished()) return Reception::kLate;
        part.answer = std::move(message.model);
        aggregate_if_complete(effects);
        return Reception::kAccepted;
      }
      case MessageKind::kHello:
      case MessageKind::kGoodbye: {
        const Reception reception = TaskBook::note(*client, message);
        if (reception != Reception::kAccepted) return reception;
        part.is_suspected = false;
        if (!client->is_absent) {
          on_hello(*client, effects);
          return Reception::kAccepted;
        }
        if (part.answer.empty()) part.is_drawn = false;
        aggregate_if_complete(effects);
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
    end_round(effects);
  }

  void on_timer(std::uint64_t id, Effects& effects) override {
    if (is_aggregating_ || id != static_cast<std::uint64_t>(round_)) return;
    for (Part& part : parts_) {
      part.is_suspected = part.is_suspected || (part.is_drawn && part.answer.empty());
    }
    if (answers() >= options_.least) {
      aggregate(effects);
    } else {
      end_round(effects);
    }
  }

  void on_leave(Effects&) override {}

  std::vector<PeerId> waiting_for() const override {
    if (is_aggregating_ || has_finished()) return {};
    return tasks_.awaited();
  }

  void persist(Archive& archive) override {
    archive(round_, is_aggregating_, model_, tasks_, parts_, rng_);
  }

 private:
  bool has_finished() const { return round_ == options_.rounds; }
  bool drops() const { return options_.missing == MissingClients::kDrop; }

  Part& part_of(const ClientRecord& client) {
    return parts_[static_cast<std::size_t>(&client - tasks_.clients().data())];
  }

  int drawn() const { return static_cast<int>(std::ranges::count(parts_, true, &Part::is_drawn)); }

  int answers() const {
    return static_cast<int>(
        std::ranges::count_if(parts_, [](const Part& part) { return !part.answer.empty(); }));
  }

  void begin_round(Effects& effects) {
    for (Part& part : parts_) {
      part.is_drawn = false;
      part.answer = {};
    }
    std::vector<ClientRecord*> present;
    for (ClientRecord& client : tasks_.clients()) {
      client.state = ClientRecord::State::kFree;
      if (!client.is_absent) present.push_back(&client);
    }
    if (options_.clients.value < static_cast<std::int64_t>(present.size())) {
      rng_.shuffle(std::span<ClientRecord*>(present));
      present.resize(static_cast<std::size_t>(options_.clients.value));
      std::ranges::sort(present, {}, [](const ClientRecord* client) { return client->id; });
    }
    for (ClientRecord* const client : present) draw(*client, effects);
    if (drops()) {
      effects.timers.push_back(
          {.delay = options_.timeout, .id = static_cast<std::uint64_t>(round_)});
    }
  }

  void draw(ClientRecord& client, Effects& effects) {
    part_of(client).is_drawn = true;
    tasks_.give(client, {.model = model_, .version = round_}, effects);
  }

  void on_hello(ClientRecord& client, Effects& effects) {
    const Part& part = part_of(client);
    if (has_finished()) {
      tasks_.give(client, {.model = model_, .version = round_, .is_last = true}, effects);
    } else if (part.answer.empty() && !is_aggregating_ &&
               (part.is_drawn || drawn() < options_.clients.value)) {
      draw(client, effects);
    } else {
      tasks_.answer_hello(client, effects);
    }
  }

  void aggregate_if_complete(Effects& effects) {
    if (is_aggregating_ || has_finished()) return;
    for (const Part& part : parts_) {
      if (part.is_drawn && part.answer.empty() && !part.is_suspected) return;
    }
    if (answers() >= (drops() ? options_.least : 1)) aggregate(effects);
  }

  void aggregate(Effects& effects) {
    AggregationRequest request{.round = round_,
                               .own = model_,
                               .previous = keep_previous_ ? model_ : ModelBuffer{},
                               .received = {}};
    const double weight = 1.0 / answers();
    for (const ClientRecord& client : tasks_.clients()) {
      Part& part = part_of(client);
      if (part.answer.empty()) continue;
      request.received.push_back({.sender = client.id,
                                  .weight = weight,
                                  .round = round_,
                                  .model = std::exchange(part.answer, {})});
    }
    is_aggregating_ = true;
    effects.aggregate = std::move(request);
  }

  void end_round(Effects& effects) {
    ++round_;
    effects.completed = RoundReport{.round = round_, .model = model_};
    if (has_finished()) {
      tasks_.give_last(model_, round_, effects);
      effects.finished = true;
    } else {
      begin_round(effects);
    }
  }

  FedavgOptions options_;
  bool keep_previous_;
  std::int32_t round_ = 0;  ///< Models made.
  bool is_aggregating_ = false;
  ModelBuffer model_;
  TaskBook tasks_;
  std::vector<Part> parts_;  ///< In parallel to the clients.
  Rng rng_;
};

}  // namespace

std::unique_ptr<Protocol> make_protocol(const FedavgOptions& options, const PeerView& view) {
  if (view.self == options.server) return std::make_unique<FedavgServer>(options, view);
  const bool asks = options.missing == MissingClients::kDrop;
  return make_server_client({.server = options.server,
                             .rounds = options.rounds,
                             .ask_after = asks ? options.timeout : SimTime{}},
                            view);
}

std::optional<std::string> unfit(const FedavgOptions& options, const Graph& graph) {
  if (auto wrong = unfit_for_server(options.server, graph)) return wrong;
  const int clients = graph.degree(options.server);
  const auto most = static_cast<int>(std::min<std::int64_t>(options.clients.value, clients));
  if (options.missing == MissingClients::kWait || options.least <= most) return std::nullopt;
  return "least " + std::to_string(options.least) + " is more than the clients of a round: use " +
         std::to_string(most) + " or less";
}

}  // namespace hearsay
