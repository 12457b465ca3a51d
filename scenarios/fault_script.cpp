#include "scenarios/fault_script.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>

#include "scenarios/fault_checks.hpp"
#include "scenarios/quantities.hpp"

namespace hearsay {
namespace {

/// In the order in which they happen at equal times.
enum class StepKind { kRestart, kUntil, kJoin, kFreeze, kCrash, kCrashWithStateLoss, kLeave };

/// One scripted change of one peer.
struct Step {
  PeerId peer = 0;
  SimTime at;
  StepKind kind = StepKind::kCrash;
  std::size_t item = 0;
  SimTime until = SimTime::max();  ///< Of a freeze.
};

/// The steps that an item is for each of its peers; `peer` is left to the caller.
std::vector<Step> steps_of(std::size_t item, const Fault& fault) {
  return std::visit(
      [item](const auto& action) -> std::vector<Step> {
        using Action = std::decay_t<decltype(action)>;
        if constexpr (std::is_same_v<Action, CrashFault>) {
          const bool kept = action.state == StoredState::kKept;
          std::vector<Step> steps = {
              {.at = action.at,
               .kind = kept ? StepKind::kCrash : StepKind::kCrashWithStateLoss,
               .item = item}};
          if (action.until) {
            steps.push_back({.at = *action.until, .kind = StepKind::kUntil, .item = item});
          }
          return steps;
        } else if constexpr (std::is_same_v<Action, RestartFault>) {
          return {{.at = action.at, .kind = StepKind::kRestart, .item = item}};
        } else if constexpr (std::is_same_v<Action, LeaveFault>) {
          return {{.at = action.at, .kind = StepKind::kLeave, .item = item}};
        } else if constexpr (std::is_same_v<Action, JoinFault>) {
          return {{.at = action.at, .kind = StepKind::kJoin, .item = item}};
        } else if constexpr (std::is_same_v<Action, FreezeFault>) {
          return {{.at = action.at,
                   .kind = StepKind::kFreeze,
                   .item = item,
                   .until = action.until.value_or(SimTime::max())}};
        } else {
          return {};
        }
      },
      fault.action);
}

Departure departure_of(StepKind kind) {
  if (kind == StepKind::kLeave) return Departure::kLeave;
  return kind == StepKind::kCrash ? Departure::kCrash : Departure::kCrashWithStateLoss;
}

/// Follows one peer through its steps.
class Player {
 public:
  Player(const std::vector<Fault>& faults, FaultScript& script)
      : faults_(faults), script_(script) {}

  void begin(const Step& first) {
    finish();
    down_.reset();
    frozen_.reset();
    peer_ = first.peer;
    if (first.kind == StepKind::kJoin) {
      down_ = {FaultTimelineBuilder::kBeforeStart, Departure::kLeave, first.item};
    }
  }

  void play(const Step& step) {
    switch (step.kind) {
      case StepKind::kCrash:
      case StepKind::kCrashWithStateLoss:
      case StepKind::kLeave:
        if (down_) fail(step, is_down(step));
        down_ = {step.at, departure_of(step.kind), step.item};
        return;
      case StepKind::kFreeze:
        freeze(step);
        return;
      case StepKind::kRestart:
      case StepKind::kUntil:
      case StepKind::kJoin:
        come_back(step);
        return;
    }
  }

  /// Who is down at the end stays down.
  void finish() {
    if (down_) add_down(SimTime::max());
  }

 private:
  struct Down {
    SimTime begin;
    Departure departure = Departure::kCrash;
    std::size_t item = 0;
  };

  struct Frozen {
    SimTime until;
    std::size_t item = 0;
  };

  void freeze(const Step& step) {
    if (down_) fail(step, is_down(step) + "; only a peer that is up can freeze");
    if (frozen_ && step.at < frozen_->until) {
      const bool ends = frozen_->until != SimTime::max();
      fail(step, name() + " is frozen already, by " + name_of(frozen_->item) +
                     (ends ? " until " + print_value(frozen_->until) : ""));
    }
    frozen_ = {step.until, step.item};
    script_.freezes.push_back({peer_, {step.at, step.until}});
  }

  void come_back(const Step& step) {
    const bool joins = step.kind == StepKind::kJoin;
    if (step.kind == StepKind::kUntil && (!down_ || down_->item != step.item)) {
      fail(step, name() + " restarts before " + print_value(step.at) + " already");
    }
    if (!down_) {
      fail(step, name() + " is up at " + print_value(step.at) + "; only a peer that has " +
                     (joins ? "left can join" : "crashed can restart"));
    }
    const bool has_left = down_->departure == Departure::kLeave;
    if (has_left != joins) {
      fail(step, name() + (has_left ? " has left (" : " has crashed (") + name_of(down_->item) +
                     "); it comes back with " + (has_left ? "join" : "restart"));
    }
    add_down(step.at);
    down_.reset();
  }

  void add_down(SimTime end) {
    script_.downs.push_back({peer_, {down_->begin, end}, down_->departure});
  }

  std::string name() const { return "peer " + std::to_string(peer_); }

  std::string name_of(std::size_t item) const {
    return FaultMistake::path_of(item, action_of(faults_[item]));
  }

  std::string is_down(const Step& step) const {
    return name() + " is down at " + print_value(step.at) + " already, by " + name_of(down_->item) +
           " at " + print_value(down_->begin);
  }

  [[noreturn]] void fail(const Step& step, const std::string& message) const {
    const bool at_until = step.kind == StepKind::kUntil;
    throw FaultMistake(step.item, at_until ? "until" : action_of(faults_[step.item]), message);
  }

  const std::vector<Fault>& faults_;
  FaultScript& script_;
  PeerId peer_ = 0;
  std::optional<Down> down_;
  std::optional<Frozen> frozen_;
};

}  // namespace

bool is_scripted(const Fault& fault) { return !steps_of(0, fault).empty(); }

FaultScript play_script(const std::vector<Fault>& faults,
                        const std::vector<std::vector<PeerId>>& chosen) {
  std::vector<Step> steps;
  for (std::size_t i = 0; i < faults.size(); ++i) {
    for (Step step : steps_of(i, faults[i])) {
      for (const PeerId peer : chosen[i]) {
        step.peer = peer;
        steps.push_back(step);
      }
    }
  }
  std::ranges::sort(steps, {}, [](const Step& step) {
    return std::tuple(step.peer, step.at, step.kind, step.item);
  });
  FaultScript script;
  Player player(faults, script);
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (i == 0 || steps[i].peer != steps[i - 1].peer) player.begin(steps[i]);
    player.play(steps[i]);
  }
  player.finish();
  return script;
}

}  // namespace hearsay
