#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "node/base/archive.hpp"
#include "node/base/time.hpp"

namespace hearsay {

/// A time at which peers of different speeds are to arrive together.
struct Rendezvous {
  SimTime expected;          ///< T_a: when they should.
  SimTime latest;            ///< T_max: when those that have arrived go on.
  std::int64_t fastest = 1;  ///< Least nanoseconds per step among its peers.

  void persist(Archive& archive) { archive(expected, latest, fastest); }
};

/// Three hours: a bound that keeps sums and products of times in range.
inline constexpr std::int64_t kSlowestStep = 10'800'000'000'000;

/// How the computing power aware scheduler assigns steps.
struct CompassRule {
  int q_min = 20;
  int q_max = 100;        ///< At most 10,000.
  double lambda = 1.2;    ///< Latest over expected duration; 1 to 10.
  double momentum = 0.9;  ///< m: weight of a new measurement of a speed.
};

/// Nanoseconds per step after a task of `steps` that took `elapsed`:
///   s = elapsed / steps,  S = s the first time, then S = (1 - m) S + m s,
/// in whole nanoseconds, 1 to kSlowestStep. `before`: S so far, 0 for the first time.
std::int64_t measured_speed(const CompassRule& rule, std::int64_t before, SimTime elapsed,
                            int steps);

/// Steps with which a peer of speed S would arrive at the expected time,
///   q = floor((T_a - now) / S),  if q_min <= q <= q_max.
std::optional<int> steps_to_join(const CompassRule& rule, const Rendezvous& there,
                                 std::int64_t speed, SimTime now);

/// Steps for a peer that can join nowhere: as many as let it meet the next arrival of the
/// fastest peer of one of the groups,
///   q = max over groups with now < T_max of floor((T_max + f q_max - now) / S),
/// f the group's least S, those above q_max left aside; at least q_min; q_max if there is
/// none.
int steps_to_create(const CompassRule& rule, std::span<const Rendezvous> open, std::int64_t speed,
                    SimTime now);

/// The rendezvous of a new group: T_a = now + Q S, T_max = now + lambda Q S.
Rendezvous new_rendezvous(const CompassRule& rule, std::int64_t speed, int steps, SimTime now);

/// FedCompass's scheduler: who of the clients belongs to which arrival group, and how many
/// steps each does. Clients are numbered 0 .. n - 1. All times are of one clock, in whole
/// nanoseconds, so that quotients are exact. Formulas above; to join, the group that gives
/// the most steps is taken, of equals the last created.
class CompassScheduler {
 public:
  static constexpr std::int32_t kNoGroup = -1;

  struct Assignment {
    int steps = 0;
    std::int32_t group = kNoGroup;
    bool is_new = false;  ///< The client has created its group.
    SimTime latest;       ///< Of the group.
  };

  /// What an arrival means.
  enum class Arrival {
    kFirst,   ///< The client belongs to no group yet.
    kLate,    ///< Its group has gone on without it; it belongs to none now.
    kInTime,  ///< It has joined those of its group who have arrived.
  };

  CompassScheduler(const CompassRule& rule, int num_clients);

  /// The client begins its very first task, or one after which all is anew.
  void begin_first(int client, SimTime now);

  /// A client that belongs to no group begins a task. REQUIRES: it has arrived before.
  Assignment assign(int client, SimTime now);

  /// The client has done its task by `now`; its speed is measured. The group of one that is
  /// late is gone if nobody else is under way there.
  Arrival arrive(int client, SimTime now);

  /// The client's task is void, and it belongs to no group, unless it has arrived.
  void withdraw(int client);

  bool has_speed(int client) const { return member(client).speed > 0; }
  std::int32_t group_of(int client) const { return member(client).group; }

  /// Somebody has arrived in this group, nobody is under way in it, and it is still open.
  bool is_complete(std::int32_t group) const;

  /// Somebody has arrived in this group, and it is still open.
  bool has_arrivals(std::int32_t group) const;

  /// Ends the group: nobody may join it any more, those under way will be late. Returns
  /// those who have arrived, the fastest first, who belong to no group now.
  std::vector<int> close(std::int32_t group);

  /// Forgets all groups and tasks, but not the speeds.
  void clear();

  void persist(Archive& archive) { archive(next_group_, members_, groups_); }

 private:
  struct Member {
    std::int64_t speed = 0;  ///< S in nanoseconds per step; 0: not known.
    std::int32_t group = kNoGroup;
    std::int32_t steps = 0;
    SimTime start;

    void persist(Archive& archive) { archive(speed, group, steps, start); }
  };

  struct Group {
    std::int32_t id = 0;
    bool is_closed = false;
    Rendezvous rendezvous;
    std::vector<std::int32_t> under_way;
    std::vector<std::int32_t> arrived;  ///< In this order.

    void persist(Archive& archive) { archive(id, is_closed, rendezvous, under_way, arrived); }
  };

  const Member& member(int client) const { return members_[static_cast<std::size_t>(client)]; }
  Member& member(int client) { return members_[static_cast<std::size_t>(client)]; }
  std::size_t index_of(std::int32_t group) const;  ///< groups_.size() if it is gone.
  std::int64_t fastest_of(const Group& group) const;
  void remove(Group& group, int client);

  CompassRule rule_;
  std::int32_t next_group_ = 0;
  std::vector<Member> members_;
  std::vector<Group> groups_;  ///< In the order of their creation.
};

}  // namespace hearsay
