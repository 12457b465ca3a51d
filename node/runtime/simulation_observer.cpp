#include "node/runtime/simulation_observer.hpp"

namespace hearsay {

void DelayedObserver::replay() {
  for (const Divergence& item : diverged_) target_.on_diverged(item.peer, item.time);
  for (const Refusal& item : refused_) target_.on_refused(item.peer, item.envelope, item.time);
  for (const RoundNotice& notice : rounds_) target_.on_round(notice);
  diverged_.clear();
  refused_.clear();
  rounds_.clear();
}

}  // namespace hearsay
