#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "node/base/describe.hpp"
#include "node/base/quantity.hpp"
#include "node/base/time.hpp"
#include "node/protocols/protocol.hpp"
#include "topologies/graph.hpp"

namespace hearsay {

struct ModestOptions {
  static constexpr std::string_view kKind = "modest";
  static constexpr std::string_view kSummary =
      "MoDeST: a sample of the peers trains in each round, and some of the next one average.";
  static constexpr bool kCommonRounds = false;

  int rounds = 0;
  int sample_size = 10;
  int aggregators = 1;
  Fraction success_fraction{1.0};
  SimTime ping_timeout{5'000'000'000};
  SimTime second_ping{1'000'000'000};
  int inactive_rounds = 1000;
  SimTime aggregation_timeout{0};
  SimTime rejoin{0};

  friend bool operator==(const ModestOptions&, const ModestOptions&) = default;
};

template <class Visitor>
void describe(Visitor& visit, ModestOptions& options) {
  visit("rounds", options.rounds, between(0, 1'000'000'000),
        "samples that train; 0: until the scenario's end");
  visit("sample_size", options.sample_size, between(1, 1'000'000), "peers that train in a round");
  visit("aggregators", options.aggregators, between(1, 1'000'000),
        "peers that each average all models of a round");
  visit("success_fraction", options.success_fraction, Range{.low = 0, .high = 1, .low_open = true},
        "share of the sample whose models an aggregator waits for");
  visit("ping_timeout", options.ping_timeout, above(0),
        "after which a peer that does not answer is passed over");
  visit("second_ping", options.second_ping, above(0),
        "after which it is asked again, if that comes before");
  visit("inactive_rounds", options.inactive_rounds, between(1, 1'000'000'000),
        "without a sign of life after which a peer is no longer asked");
  visit("aggregation_timeout", options.aggregation_timeout, at_least(0),
        "from the first model on, after which those that came are averaged; 0: never");
  visit("rejoin", options.rejoin, at_least(0),
        "without being asked for anything after which a peer joins again; 0: never");
}

/// MoDeST, Mostly-Consistent Decentralized Sampling Training. In round k = 1, 2, ... the
/// sample of k, s = sample_size peers, trains; each sends its model to a = aggregators
/// peers of the sample of k + 1, who average and send the mean to the sample of k + 1.
/// Nobody tells who is in a sample: all find out by the order of sample_order.hpp, over
/// what they know of each other (membership_view.hpp), and by asking (live_sampling.hpp).
///
///   start        all: order(1)[:s] over all that are there. Its members act as on
///                AGGREGATED(1, own initial model); use `model.init: common`.
///   AGGREGATED(k, model, view'), as trainer
///                merge view'. If k > k_train: k_train = k, give up what was being trained,
///                train from the model; then A = sample(k + 1, a) and send
///                TRAINED(k + 1, trained, view) to A. Only the first copy of k counts: no
///                peer trains twice in a round.
///   TRAINED(k, model, view'), as aggregator
///                merge view'. If k > k_agg: k_agg = k, empty the inbox. If k = k_agg, keep
///                the first of each sender. Once there are s * success_fraction: average,
///                P = sample(k, s); unless k_agg has grown, AGGREGATED(k, mean, view) to P.
///   join         advertise (newest round known, c, JOIN) to s random peers. They set it
///                aside, and apply it after their next model has been sent, so that the
///                sample being formed is not disturbed.
///   leave        advertise LEAVE, applied at once. Crash: silent.
///   candidates   of round k: the last active in or after round k - inactive_rounds.
///                Everything that comes from a peer shows that it was active in the newest
///                round that either of the two knows of.
/// A peer delivers to itself without a message. Models go out in random order, pings carry
/// the newest round that the sender knows of, views travel with models and count as bytes.
///
/// de Vos, Dhasade, Kermarrec, Lavoie, Pouwelse. MoDeST: Bridging the Gap between
/// Federated and Decentralized Learning with Decentralized Sampling. arXiv:2302.13837v1,
/// 2023. Details as in the authors' code, but for the error that membership_view.hpp names.
///
/// Aggregation rule: any, on the inbox in ascending order of senders with weights 1 / m. The
/// first of these stands as `own`, whoever aggregates, so that equal inboxes give equal bits;
/// rules that treat the own model apart, or weigh it by its peer's samples, see this one.
/// `previous` is the newest mean that the aggregator knows.
///
/// Reports. A peer's model is the newest mean of a sample that it has made or been sent,
/// before training. RoundReport::round is the number of samples that have trained it: k - 1
/// for AGGREGATED(k). A peer that has not been in a sample for long is evaluated with an
/// old model; the best of all peers shows the newest.
///
/// Beyond the paper:
///   aggregation_timeout, as in Plexus (arXiv:2302.13837v2): a round goes on without the
///     models that have not come by then. Without it, as published, it waits for ever.
///   rejoin: who is not in a sample for inactive_rounds drops out of all views although it
///     is there. With few inactive_rounds most peers drop out in time, unless they join
///     again. A peer does so at most ten times without being asked for anything, so that a
///     run that stands still comes to an end.
///   rest: a peer that knows of no other, and whose training takes no time since it owns no
///     samples, rests ping_timeout per round, or it would run through rounds in no time.
///   rounds > 0: the aggregators of the sample after the last send the final mean to
///     all members they know of, and the peers finish. Who misses it does not.
///
/// Failures.
///   loss         pings are repeated once. A lost model is missing from its round; a round
///                that lacks too many stalls, unless there is an aggregation_timeout. If
///                no aggregator of a round gets any model, or all of them crash before the
///                mean is out, training ends: use more than one.
///   crash        a restarted peer keeps its view, joins again under a new counter, and
///                takes up neither the training nor the averaging that it was at.
///   join, leave  of peers without memory: their counter starts at their clock's
///                milliseconds, so that it exceeds all of former lives. A peer that joins
///                after the end is sent the final mean.
/// Nobody waits for ever but an aggregator without aggregation_timeout: for the models of
/// its sample. waiting_for() names these, and who has been asked by ping.
std::unique_ptr<Protocol> make_protocol(const ModestOptions& options, const PeerView& view);

/// Every peer must be every other's neighbor, and there must be enough of them to fill an
/// inbox.
std::optional<std::string> unfit(const ModestOptions& options, const Graph& graph);

}  // namespace hearsay
