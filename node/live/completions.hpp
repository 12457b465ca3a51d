#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <variant>
#include <vector>

#include "node/base/time.hpp"
#include "node/learning/learning_problem.hpp"
#include "node/runtime/aggregation.hpp"

namespace hearsay {

/// A training or an aggregation that is done.
struct Completion {
  PeerId peer = 0;
  std::uint64_t ticket = 0;  ///< Which of the peer's trainings or aggregations.
  std::variant<TrainResult, AggregationResult> result;
  SimTime took{};
  SimTime begun{};      ///< When it was asked for.
  SimTime due{};        ///< When the compute model says that it is done; zero: when it is.
  std::string error{};  ///< If not empty, there is no result.
};

/// Where worker threads leave what they have done, and a host finds it: a queue whose
/// descriptor can be polled together with sockets.
class Completions {
 public:
  /// @throws std::runtime_error if the system gives no descriptor.
  Completions();
  ~Completions();
  Completions(const Completions&) = delete;
  Completions& operator=(const Completions&) = delete;

  /// On any thread.
  void push(Completion completion);

  /// Everything since the last call, in order. On the host's thread.
  std::vector<Completion> take();

  /// Readable when there is something to take.
  int descriptor() const { return descriptor_; }

 private:
  int descriptor_;
  std::mutex mutex_;
  std::vector<Completion> done_;
};

}  // namespace hearsay
