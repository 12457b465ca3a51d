#include "node/protocols/fedcompass.hpp"

#include <map>
#include <utility>

#include "node/protocols/compass_scheduler.hpp"
#include "node/protocols/linear.hpp"
#include "node/protocols/server_client.hpp"
#include "node/protocols/server_tasks.hpp"
#include "node/protocols/update_mixing.hpp"

namespace hearsay {
namespace {

/// Something that has happened and is to be dealt with.
struct Occasion {
  enum class Kind : std::uint8_t {
    kAnswer,   ///< A client has sent `update`.
    kHello,    ///< A client has nothing to do, as far as it knows.
    kGoodbye,  ///< A client has left.
    kDue,      ///< It is the latest time of `group`.
  };

  Kind kind = Kind::kDue;
  std::int32_t client = 0;
  std::int32_t group = 0;
  SimTime time;
  Update update{};

  void persist(Archive& archive) { archive(kind, client, group, time, update); }
};

CompassRule rule_of(const FedcompassOptions& options) {
  return {.q_min = options.q_min,
          .q_max = options.q_max,
          .lambda = options.lambda,
          .momentum = options.speed_momentum};
}

class FedcompassServer final : public Protocol {
 public:
  FedcompassServer(const FedcompassOptions& options, const PeerView& view)
      : options_(options),
        keep_previous_(view.keep_previous),
        tasks_(view),
        scheduler_(rule_of(options), static_cast<int>(view.neighbors.size())) {}

  void on_start(ModelBuffer model, StartKind how, Effects& effects) override {
    model_ = std::move(model);
    is_aggregating_ = false;
    occasions_.clear();
    arrived_.clear();
    late_.clear();
    next_to_assign_.clear();
    scheduler_.clear();
    if (how != StartKind::kTogether) tasks_.start_again(effects);
    for (ClientRecord& client : tasks_.clients()) {
      if (!client.is_absent) assign(client, effects);
    }
  }

  Reception on_message(Message message, Effects& effects) override {
    ClientRecord* const client = tasks_.find(message.from);
    if (client == nullptr) return Reception::kRefused;
    Occasion occasion{.client = index_of(*client), .time = effects.now};
    switch (message.kind) {
      case MessageKind::kTrained: {
        const Reception reception = TaskBook::accept(*client, message);
        if (reception != Reception::kAccepted) return reception;
        occasion.kind = Occasion::Kind::kAnswer;
        occasion.update = {.sender = client->id,
                           .version = client->version,
                           .change = combine({{1.0, &message.model}, {-1.0, &client->model}})};
        client->model = {};
        break;
      }
      case MessageKind::kHello:
      case MessageKind::kGoodbye: {
        const Reception reception = TaskBook::note(*client, message);
        if (reception != Reception::kAccepted) return reception;
        occasion.kind = client->is_absent ? Occasion::Kind::kGoodbye : Occasion::Kind::kHello;
        break;
      }
      default:
        return Reception::kRefused;
    }
    add(std::move(occasion), effects);
    return Reception::kAccepted;
  }

  void on_trained(ModelBuffer, double, Effects&) override {}

  void on_aggregated(ModelBuffer model, Effects& effects) override {
    is_aggregating_ = false;
    model_ = std::move(model);
    ++version_;
    effects.completed = RoundReport{.round = version_, .model = model_};
    if (has_finished()) {
      tasks_.give_last(model_, version_, effects);
      effects.finished = true;
    } else {
      for (const std::int32_t client : std::exchange(next_to_assign_, {})) {
        assign_if_answered(record(client), effects);
      }
    }
    work(effects);
  }

  void on_timer(std::uint64_t id, Effects& effects) override {
    add({.kind = Occasion::Kind::kDue, .group = static_cast<std::int32_t>(id)}, effects);
  }

  void on_leave(Effects&) override {}

  std::vector<PeerId> waiting_for() const override {
    if (is_aggregating_ || has_finished()) return {};
    return tasks_.awaited();
  }

  void persist(Archive& archive) override {
    archive(version_, is_aggregating_, model_, tasks_, scheduler_, occasions_, arrived_, late_,
            next_to_assign_);
  }

 private:
  bool has_finished() const { return options_.rounds > 0 && version_ == options_.rounds; }

  std::int32_t index_of(const ClientRecord& client) {
    return static_cast<std::int32_t>(&client - tasks_.clients().data());
  }

  ClientRecord& record(std::int32_t client) {
    return tasks_.clients()[static_cast<std::size_t>(client)];
  }

  void add(Occasion occasion, Effects& effects) {
    occasions_.push_back(std::move(occasion));
    work(effects);
  }

  void work(Effects& effects) {
    while (!is_aggregating_ && !occasions_.empty()) {
      Occasion occasion = std::move(occasions_.front());
      occasions_.erase(occasions_.begin());
      deal_with(std::move(occasion), effects);
    }
  }

  void deal_with(Occasion occasion, Effects& effects) {
    switch (occasion.kind) {
      case Occasion::Kind::kAnswer:
        if (!has_finished()) on_answer(std::move(occasion), effects);
        break;
      case Occasion::Kind::kHello:
        on_hello(record(occasion.client), effects);
        break;
      case Occasion::Kind::kGoodbye: {
        const std::int32_t group = scheduler_.group_of(occasion.client);
        scheduler_.withdraw(occasion.client);
        if (scheduler_.is_complete(group)) go_on(group, effects);
        break;
      }
      case Occasion::Kind::kDue:
        if (scheduler_.has_arrivals(occasion.group)) go_on(occasion.group, effects);
        break;
    }
  }

  void on_answer(Occasion answer, Effects& effects) {
    const std::int32_t group = scheduler_.group_of(answer.client);
    switch (scheduler_.arrive(answer.client, answer.time)) {
      case CompassScheduler::Arrival::kFirst:
        next_to_assign_ = {answer.client};
        aggregate({std::move(answer.update)}, effects);
        break;
      case CompassScheduler::Arrival::kLate:
        late_.push_back(std::move(answer.update));
        assign_if_answered(record(answer.client), effects);
        break;
      case CompassScheduler::Arrival::kInTime:
        arrived_[group].push_back(std::move(answer.update));
        if (scheduler_.is_complete(group)) go_on(group, effects);
        break;
    }
  }

  void on_hello(ClientRecord& client, Effects& effects) {
    if (has_finished()) {
      tasks_.give(client, {.model = model_, .version = version_, .is_last = true}, effects);
      return;
    }
    if (client.is_absent || client.state == ClientRecord::State::kWorking) return;
    const std::int32_t index = index_of(client);
    const std::int32_t group = scheduler_.group_of(index);
    scheduler_.withdraw(index);
    if (scheduler_.group_of(index) != CompassScheduler::kNoGroup) {
      client.state = ClientRecord::State::kAnswered;
      tasks_.answer_hello(client, effects);
      return;
    }
    assign(client, effects);
    if (scheduler_.is_complete(group)) go_on(group, effects);
  }

  void assign_if_answered(ClientRecord& client, Effects& effects) {
    if (client.state == ClientRecord::State::kAnswered) assign(client, effects);
  }

  void assign(ClientRecord& client, Effects& effects) {
    const std::int32_t index = index_of(client);
    int steps = options_.q_min;
    if (scheduler_.has_speed(index)) {
      const CompassScheduler::Assignment assigned = scheduler_.assign(index, effects.now);
      steps = assigned.steps;
      if (assigned.is_new) {
        effects.timers.push_back({.delay = assigned.latest - effects.now,
                                  .id = static_cast<std::uint64_t>(assigned.group)});
      }
    } else {
      scheduler_.begin_first(index, effects.now);
    }
    tasks_.give(client, {.model = model_, .version = version_, .steps = steps}, effects);
  }

  void go_on(std::int32_t group, Effects& effects) {
    std::vector<Update> updates = std::move(arrived_.extract(group).mapped());
    for (Update& update : late_) updates.push_back(std::move(update));
    late_.clear();
    const std::vector<int> arrived = scheduler_.close(group);
    next_to_assign_.assign(arrived.begin(), arrived.end());
    aggregate(updates, effects);
  }

  void aggregate(const std::vector<Update>& updates, Effects& effects) {
    const auto n = static_cast<double>(tasks_.clients().size());
    const UpdateMix mix{.model = model_,
                        .version = version_,
                        .factor = options_.alpha / n,
                        .keep_previous = keep_previous_};
    is_aggregating_ = true;
    effects.aggregate = request_for(updates, mix, options_.staleness);
  }

  FedcompassOptions options_;
  bool keep_previous_;
  std::int32_t version_ = 0;  ///< Models made.
  bool is_aggregating_ = false;
  ModelBuffer model_;
  TaskBook tasks_;
  CompassScheduler scheduler_;
  std::vector<Occasion> occasions_;                      ///< Not yet dealt with, in order.
  std::map<std::int32_t, std::vector<Update>> arrived_;  ///< By group.
  std::vector<Update> late_;                             ///< For whichever group goes on next.
  std::vector<std::int32_t> next_to_assign_;             ///< Once aggregated.
};

}  // namespace

std::unique_ptr<Protocol> make_protocol(const FedcompassOptions& options, const PeerView& view) {
  if (view.self == options.server) return std::make_unique<FedcompassServer>(options, view);
  return make_server_client(
      {.server = options.server, .rounds = options.rounds, .ask_after = options.timeout}, view);
}

std::optional<std::string> unfit(const FedcompassOptions& options, const Graph& graph) {
  if (options.q_min > options.q_max) {
    return "q_min " + std::to_string(options.q_min) + " exceeds q_max " +
           std::to_string(options.q_max) + ": use " + std::to_string(options.q_max) + " or less";
  }
  return unfit_for_server(options.server, graph);
}

}  // namespace hearsay
