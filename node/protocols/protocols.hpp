#pragma once

#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "node/protocols/a2cid2.hpp"
#include "node/protocols/ad_psgd.hpp"
#include "node/protocols/compass_gossip.hpp"
#include "node/protocols/dadao.hpp"
#include "node/protocols/dpsgd.hpp"
#include "node/protocols/exact_diffusion.hpp"
#include "node/protocols/extra.hpp"
#include "node/protocols/fedasync.hpp"
#include "node/protocols/fedavg.hpp"
#include "node/protocols/fedbuff.hpp"
#include "node/protocols/fedcompass.hpp"
#include "node/protocols/gossip.hpp"
#include "node/protocols/gradient_tracking.hpp"
#include "node/protocols/local.hpp"
#include "node/protocols/modest.hpp"
#include "node/protocols/protocol.hpp"
#include "node/protocols/qg_dsgdm.hpp"
#include "node/protocols/relaysum.hpp"
#include "node/protocols/sgp.hpp"
#include "topologies/gossip_plan.hpp"
#include "topologies/graph.hpp"
#include "topologies/link_schedule.hpp"

namespace hearsay {

/// Every protocol there is. To add one, add its options here.
using ProtocolOptions =
    std::variant<DpsgdOptions, GossipOptions, AdPsgdOptions, ModestOptions, SgpOptions,
                 LocalOptions, FedavgOptions, FedasyncOptions, FedbuffOptions, FedcompassOptions,
                 CompassGossipOptions, GradientTrackingOptions, ExactDiffusionOptions, ExtraOptions,
                 QgDsgdmOptions, RelaySumOptions, A2cid2Options, DadaoOptions>;

/// What is wrong with the graph for a protocol that needs one of some kind, and what would
/// fit. Protocols that do have an overload of their own.
template <class Options>
std::optional<std::string> unfit(const Options&, const Graph&) {
  return std::nullopt;
}

/// The same for the chosen protocol.
inline std::optional<std::string> chosen_unfit(const ProtocolOptions& options, const Graph& graph) {
  return std::visit([&](const auto& chosen) { return unfit(chosen, graph); }, options);
}

/// What a protocol that must know how the peers' objectives bend is not told: the key below
/// `protocol`, and why. Protocols that must have an overload of their own.
template <class Options>
std::optional<std::string> unfit(const Options&, const std::optional<Curvature>&) {
  return std::nullopt;
}

/// The same for the chosen protocol.
inline std::optional<std::string> chosen_unfit(const ProtocolOptions& options,
                                               const std::optional<Curvature>& curvature) {
  return std::visit([&](const auto& chosen) { return unfit(chosen, curvature); }, options);
}

/// Whether the chosen protocol follows the links of a topology that varies in time, as its
/// options' kUsesSchedule says; else it sees the static graph of all links.
inline bool uses_schedule(const ProtocolOptions& options) {
  return std::visit(
      [](const auto& chosen) {
        if constexpr (requires { chosen.kUsesSchedule; }) {
          return chosen.kUsesSchedule;
        } else {
          return false;
        }
      },
      options);
}

/// Whether peers of the chosen protocol combine, in every round in which all goes well, the
/// models of all their neighbors, as its options' kCombinesNeighborhood says; else other
/// numbers of models, or none.
inline bool combines_neighborhoods(const ProtocolOptions& options) {
  return std::visit(
      [](const auto& chosen) {
        return requires { chosen.kCombinesNeighborhood; };
      },
      options);
}

/// The links, the same in every round, that a protocol lays over a graph whose neighbors it
/// does not all speak to; it finds them in PeerView::schedule. Null: it speaks to all. Protocols
/// that lay some have an overload of their own.
template <class Options>
std::unique_ptr<LinkSchedule> make_links(const Options&, const Graph&) {
  return nullptr;
}

/// The same for the chosen protocol.
inline std::unique_ptr<LinkSchedule> chosen_links(const ProtocolOptions& options,
                                                  const Graph& graph) {
  return std::visit([&](const auto& chosen) { return make_links(chosen, graph); }, options);
}

/// How often links are used, for a protocol that finds it in PeerView::plan; nothing for all
/// others. Protocols that need one have an overload of their own. REQUIRES: not unfit.
template <class Options>
std::optional<GossipPlan> plan_of(const Options&, const Graph&) {
  return std::nullopt;
}

/// The same for the chosen protocol.
inline std::optional<GossipPlan> chosen_plan(const ProtocolOptions& options, const Graph& graph) {
  return std::visit([&](const auto& chosen) { return plan_of(chosen, graph); }, options);
}

/// Builds one peer's state machine of the chosen protocol.
inline std::unique_ptr<Protocol> make_chosen(const ProtocolOptions& options, const PeerView& view) {
  return std::visit([&](const auto& chosen) { return make_protocol(chosen, view); }, options);
}

}  // namespace hearsay
