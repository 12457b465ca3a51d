#pragma once

#include <gtest/gtest.h>

#include <array>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "node/protocols/message_data.hpp"
#include "node/protocols/protocol.hpp"
#include "node/protocols/server_tasks.hpp"

namespace hearsay {

inline ModelBuffer model_of(float value) { return ModelBuffer::copy_of(std::span(&value, 1)); }
inline float value_of(const ModelBuffer& model) { return model.values()[0]; }

/// Peer 0, a server whose clients are 1, 2 and 4, driven by hand.
class ServerPeer : public testing::Test {
 protected:
  static constexpr std::array<PeerId, 3> kClients{1, 2, 4};
  static constexpr std::array<double, 3> kWeights{0.25, 0.25, 0.25};

  template <class Options>
  void start(const Options& options, std::vector<PeerId> absent = {}) {
    server_ = make_protocol(options, {.self = 0,
                                      .neighbors = kClients,
                                      .weights = kWeights,
                                      .self_weight = 0.25,
                                      .absent = absent,
                                      .rng = Rng(7)});
    server_->on_start(model_of(10), StartKind::kTogether, effects_);
    look();
  }

  /// Keeps what has happened since the last look, and the tasks of it.
  void look() {
    seen_ = std::exchange(effects_, Effects{.now = effects_.now});
    for (const Message& message : seen_.sends) {
      if (message.kind == MessageKind::kModel) given_[message.to] = message;
    }
  }

  TaskNote note_of(PeerId client) const {
    TaskNote note;
    EXPECT_TRUE(unpack_note(given_.at(client).data, note));
    return note;
  }

  /// The client's answer to a task: to its last one, unless another is given.
  Reception answer(PeerId client, float value) { return answer(given_.at(client), value); }
  Reception answer(const Message& task, float value) {
    TaskNote note;
    EXPECT_TRUE(unpack_note(task.data, note));
    const Reception reception = server_->on_message({.from = task.to,
                                                     .to = 0,
                                                     .kind = MessageKind::kTrained,
                                                     .round = task.round,
                                                     .model = model_of(value),
                                                     .data = pack(note.id, ++clock_)},
                                                    effects_);
    look();
    return reception;
  }

  Reception tell(PeerId from, MessageKind kind) { return tell_at(++clock_, from, kind); }
  Reception tell_at(std::int64_t clock, PeerId from, MessageKind kind) {
    const Reception reception = server_->on_message(
        {.from = from, .to = 0, .kind = kind, .model = {}, .data = pack(clock)}, effects_);
    look();
    return reception;
  }

  void aggregated(float value) {
    server_->on_aggregated(model_of(value), effects_);
    look();
  }

  void time_out(std::uint64_t id) {
    server_->on_timer(id, effects_);
    look();
  }

  /// To whom a message of this kind was just sent, in the order of sending.
  std::vector<PeerId> sent(MessageKind kind) const {
    std::vector<PeerId> to;
    for (const Message& message : seen_.sends) {
      if (message.kind == kind) to.push_back(message.to);
    }
    return to;
  }

  using Ids = std::vector<PeerId>;

  std::unique_ptr<Protocol> server_;
  Effects effects_;
  Effects seen_;
  std::map<PeerId, Message> given_;
  std::int64_t clock_ = 100;  ///< Of all clients.
};

}  // namespace hearsay
