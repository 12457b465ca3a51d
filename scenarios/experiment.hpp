#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "node/data/data_source.hpp"
#include "node/learning/kernel_set.hpp"
#include "node/learning/learning_problem.hpp"
#include "node/runtime/adversaries.hpp"
#include "node/runtime/simulation.hpp"
#include "node/world/compute_model.hpp"
#include "node/world/fault_timeline.hpp"
#include "node/world/networks.hpp"
#include "scenarios/live_graph.hpp"
#include "scenarios/run_record.hpp"
#include "scenarios/scenario.hpp"
#include "topologies/gossip_plan.hpp"
#include "topologies/link_schedule.hpp"
#include "topologies/mixing_matrix.hpp"

namespace hearsay {

/// The graph of a scenario: always the same for the same seed.
/// @throws UserError if it cannot be made.
Graph graph_of(const Scenario& scenario);

/// What a scenario describes, built: everything that a simulation and its record need.
class Experiment {
 public:
  /// @throws UserError for missing or foreign data, models that do not fit it, graphs that
  ///         could not be drawn, faults that contradict each other, neighborhoods in which
  ///         the aggregation rule cannot work, attackers that could not be placed.
  Experiment(const Scenario& scenario, const KernelSet& kernels,
             const DataLoader& load_data = hearsay::load_data);

  const LearningProblem& problem() const { return *problem_; }
  const FaultTimeline& faults() const { return faults_; }
  const LiveGraph& live_graph() const { return live_; }
  NetworkModel& network() { return *network_; }
  const Adversaries& adversaries() const { return adversaries_; }

  /// True if the virtual time of a local step is measured before the run.
  bool measures_steps() const;

  /// Measures it, if measures_steps(); zero else.
  SimTime measure_steps() const;

  RecordPlan record_plan() const;
  SamplingPlan sampling_plan() const;

  /// `step_time`: from measure_steps(). The pool and `stop` outlive the world.
  SimulationWorld make_world(SimTime step_time, JobPool& pool, const std::atomic<bool>& stop);

 private:
  void check_neighborhoods() const;
  void check_held_out() const;
  std::function<double(PeerId)> trial_steps() const;
  std::unique_ptr<Protocol> make_protocol(PeerId peer, SimTime now) const;

  const Scenario& scenario_;
  Graph graph_;
  std::unique_ptr<LinkSchedule> schedule_;  ///< Null: all neighbors in every round.
  std::optional<GossipPlan> plan_;          ///< Of protocols that need one.
  MixingMatrix mixing_;
  std::unique_ptr<Aggregator> aggregator_;
  std::unique_ptr<Codec> codec_;
  Adversaries adversaries_;
  std::vector<std::int64_t> held_out_;  ///< Samples by peer; empty if there is no data.
  std::unique_ptr<LearningProblem> problem_;
  std::optional<Curvature> curvature_;
  FaultTimeline faults_;
  LiveGraph live_;
  std::unique_ptr<NetworkModel> network_;
  std::unique_ptr<ComputeModel> compute_;
};

}  // namespace hearsay
