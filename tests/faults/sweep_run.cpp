#include "tests/faults/sweep_run.hpp"

#include <atomic>
#include <sstream>

#include "scenarios/experiment.hpp"
#include "tests/faults/run_checker.hpp"

namespace hearsay {
namespace {

class Unseen final : public SimulationObserver {
 public:
  bool wants_model(int) const override { return false; }
  void on_round(const RoundNotice&) override {}
  void on_diverged(PeerId, SimTime) override {}
  void on_refused(PeerId, const Envelope&, RefusalReason, SimTime) override {}
  void on_change(PeerId, const PeerChange&) override {}
};

std::string report_of(const SimulationOutcome& outcome) {
  std::ostringstream text;
  const PeerCounters& totals = outcome.totals;
  text << "status " << static_cast<int>(outcome.status) << "\nend " << outcome.end.nanoseconds
       << "\nevents " << outcome.events << "\nevent digest " << outcome.event_digest
       << "\nmodel digest " << outcome.model_digest.value_or(0) << "\nlive " << outcome.live_peers
       << "\nlost peers " << outcome.lost_peers << "\nsent " << totals.messages_sent << ' '
       << totals.bytes_sent << "\nreceived bytes " << totals.bytes_received << "\nlost "
       << totals.messages_lost << "\nlate " << totals.messages_late << "\nrefused "
       << totals.messages_refused << "\nsteps " << totals.steps << ' ' << totals.samples << ' '
       << totals.wasted_steps << "\nbusy " << totals.busy.nanoseconds << "\nup "
       << totals.up.nanoseconds << "\nheard " << totals.models_heard << "\nstaleness "
       << totals.staleness_sum << "\nsent again " << outcome.network.retransmissions
       << "\nduplicates " << outcome.network.duplicates << "\nbusiest "
       << outcome.network.busiest.nanoseconds << "\nlongest wait "
       << outcome.network.longest_wait.nanoseconds << "\nwaiting";
  for (const WaitingPeer& waiting : outcome.waiting) {
    text << "\n  " << waiting.peer << " for";
    for (const PeerId id : waiting.waits_for) text << ' ' << id;
  }
  return text.str();
}

}  // namespace

bool can_use_loops(const Scenario& scenario) {
  Experiment experiment(scenario, choose_kernels(false));
  return experiment.problem().traits().is_cheap && experiment.network().least_latency() > SimTime{};
}

SweepResult run_sweep(const Scenario& scenario, const SweepLayout& layout) {
  Experiment experiment(scenario, choose_kernels(false));
  JobPool pool(experiment.problem(), layout.workers);
  std::atomic<bool> stop{false};
  Unseen observer;
  Simulation simulation(experiment.make_world({}, pool, stop), {.loops = layout.loops}, observer,
                        experiment.sampling_plan());
  if (layout.resume_from != nullptr) {
    LoadingArchive archive(*layout.resume_from);
    simulation.persist(archive);
    archive.finish();
  }
  SweepResult result;
  result.outcome = simulation.run({.every = layout.save_at, .on_pause = [&] {
                                     SavingArchive archive;
                                     simulation.persist(archive);
                                     result.saved = archive.take();
                                     stop.store(true);
                                   }});
  result.report = report_of(result.outcome);
  return result;
}

SweepResult run_checked(const Scenario& scenario) {
  Experiment experiment(scenario, choose_kernels(false));
  JobPool pool(experiment.problem(), 1);
  std::atomic<bool> stop{false};
  RunChecker checker(scenario, experiment.problem(), experiment.faults(), stop);
  SimulationWorld world = experiment.make_world({}, pool, stop);
  world.make_protocol = checker.watch(std::move(world.make_protocol));
  Simulation simulation(std::move(world), {}, checker, experiment.sampling_plan());
  SweepResult result;
  result.outcome = simulation.run();
  checker.conclude(result.outcome);
  result.report = report_of(result.outcome);
  result.complaints = checker.complaints();
  return result;
}

}  // namespace hearsay
