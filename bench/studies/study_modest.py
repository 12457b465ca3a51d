"""MoDeST: four fifths of the peers crash; peers join; bytes to a target accuracy."""

from study import (Sweep, differences, figure, interval, mean_curve, megabytes, p_texts, percent,
                   run_all, seconds, table, write)

SEEDS = [1, 2, 3, 4, 5]
TARGET = 0.75
SIZES = (100, 355, 500, 610)
ABSENT = "faults=[{at: 3000s, join: [20-99]}]"
JOINS = "[" + ", ".join(f"{{at: {300 + 60 * k}s, join: [{90 + k}]}}" for k in range(10)) + "]"
BYTES = ["model={kind: mlp, hidden: [64]}", "compute={kind: fixed, step_time: 20ms}", "faults=[]",
         "training={optimizer: {kind: sgd, lr: 0.05}, batch_size: 20, local_epochs: 1}"]


def crash_sweeps():
    return [Sweep("crash", "modest_crash", seed=SEEDS),
            Sweep("control", "modest_crash", [ABSENT], seed=SEEDS)]


def rounds_in(runs, begin, end):
    """Mean seconds per round between two times."""
    values = []
    for run in runs:
        first = [row["round"] for row in run.metrics if row["time_s"] <= begin][-1]
        last = [row["round"] for row in run.metrics if row["time_s"] <= end][-1]
        values.append((end - begin) / max(1, last - first))
    return interval(values, lambda v: f"{v:.1f}")


def crash_part(sweeps, options):
    final = [sweep.by_seed(lambda r: r.last("accuracy_mean")) for sweep in sweeps]
    newest = [sweep.by_seed(lambda r: r.last("accuracy_max")) for sweep in sweeps]
    both = [differences(pair[1], pair[0], percent) for pair in (final, newest)]
    ps = p_texts([p for _, p in both])
    lines = ["## Four fifths crash", "",
             "Accuracy in percent after 2,400 s, of peers 0 to 19: mean over the peers, whose",
             "models are as old as the last round they were in, and best of them, the newest.", ""]
    lines += table(["", "80 crash", "control: 20 peers", "difference", "p (Holm)"],
                   [[label, interval(values[0].values(), percent),
                     interval(values[1].values(), percent), text, p]
                    for label, values, (text, _), p
                    in zip(("mean of the peers", "newest model"), (final, newest), both, ps)])
    spans = ((60, 300), (300, 600), (600, 900), (900, 1200), (1200, 1500), (1500, 2400))
    lines += ["", "Seconds per round: the last crash is at 1,200 s; a dead peer stays a candidate",
              "for 20 rounds, and each one that is asked costs 2 s.", ""]
    lines += table(["from - to, s"] + [f"{a} - {b}" for a, b in spans],
                   [[sweep.name] + [rounds_in(sweep.runs, a, b) for a, b in spans]
                    for sweep in sweeps])
    points = list(range(60, 2401, 60))
    panels = [("mean of 20 peers", {s.name: mean_curve(s.runs, "time_s", "accuracy_mean", points)
                                    for s in sweeps}, []),
              ("newest model", {s.name: mean_curve(s.runs, "time_s", "accuracy_max", points)
                                for s in sweeps}, [])]
    figure(options.out / "modest.svg", panels, ("virtual time (s)", "accuracy"), columns=2)
    return lines + ["", "![accuracy over time](modest.svg)", ""]


def first_work(run, peer):
    """When a peer is first seen to have trained."""
    return next((float(row["time_s"]) for row in run.peers()
                 if int(row["peer"]) == peer and int(row["steps"]) > 0), None)


def join_part(sweep):
    rows = []
    for k in range(10):
        peer, joined = 90 + k, 300 + 60 * k
        delays = [first_work(run, peer) for run in sweep.runs]
        known = [delay - joined for delay in delays if delay is not None]
        rows.append([peer, joined, interval(known, seconds), f"{len(known)} of {len(SEEDS)}"])
    return ["## Joining", "",
            "90 peers start, 10 join, one every 60 s; success fraction 0.9. A joiner is in a",
            "sample of ten with a chance of a tenth per round of 8 s, so that 80 s pass in the",
            "mean until it is first asked even if all know it at once. Seen every 20 s.",
            ""] + table(
                ["peer", "joins at, s", "first training after, s", "seeds"], rows) + [""]


def bytes_sweeps(size):
    modest = Sweep(f"modest-{size}", "modest_crash", BYTES + [
        f"peers={size}", "protocol={kind: modest, sample_size: 10}", "until=400s",
        "evaluation={every: 2s, samples: 2000, peers: {random: 20}}"], seed=SEEDS)
    dpsgd = Sweep(f"dpsgd-{size}", "modest_crash", BYTES + [
        f"peers={size}", "topology={kind: one_peer_exponential}",
        "protocol={kind: dpsgd, rounds: 60}", "until=0s",
        "evaluation={every_rounds: 1, samples: 2000, peers: {random: 20}}"], seed=SEEDS)
    fedavg = Sweep(f"fedavg-{size}", "modest_crash", BYTES + [
        f"peers={size + 1}", "topology={kind: star}", f"data.holders=[1-{size}]",
        "protocol={kind: fedavg, rounds: 400, clients: 10}", "aggregator.kind=decavg", "until=0s",
        "evaluation={every_rounds: 4, samples: 2000, peers: [0]}"], seed=SEEDS)
    return modest, dpsgd, fedavg


def bytes_part(cases):
    rows = []
    for size, (modest, dpsgd, fedavg) in cases:
        costs = {}
        for label, sweep, column in (("MoDeST, newest model", modest, "accuracy_max"),
                                     ("MoDeST, mean of peers", modest, "accuracy_mean"),
                                     ("D-PSGD", dpsgd, "accuracy_mean"),
                                     ("FedAvg", fedavg, "accuracy_mean")):
            hits = [run.reach(column, TARGET) for run in sweep.runs]
            found = [hit for hit in hits if hit is not None]
            costs[label] = [hit["bytes_sent"] for hit in found]
            rows.append([size, label, interval([hit["round"] for hit in found], seconds),
                         interval([hit["time_s"] for hit in found], seconds),
                         interval(costs[label], megabytes), f"{len(found)} of {len(SEEDS)}"])
            if label == "D-PSGD" and found and costs["MoDeST, newest model"]:
                mean = [sum(costs[name]) / len(costs[name])
                        for name in (label, "MoDeST, newest model")]
                rows[-1].append(f"{mean[0] / mean[1]:.1f}")
            else:
                rows[-1].append("")
    return [f"## Bytes to {percent(TARGET)} % accuracy", "",
            "As many peers as the paper's four tasks have; all on Fashion-MNIST, IID, mlp",
            "784-64-10 (scaled down: the paper's tasks have models of their own). D-PSGD on the",
            "one-peer exponential graph, all peers in every round. FedAvg: a server and samples",
            "of 10. Rounds, virtual time and megabytes sent by all at the first evaluation that",
            "reaches the target. The paper claims 3 to 14 times less than D-PSGD.", ""] + table(
                ["peers", "method", "rounds", "virtual s", "MB sent", "seeds",
                 "D-PSGD's MB over MoDeST's"], rows)


def run(options):
    crash = crash_sweeps()
    join = Sweep("join", "modest_crash", [
        f"faults={JOINS}", "until=1200s", "protocol.success_fraction=90%",
        "evaluation={every: 20s, samples: 500, peers: [90-99]}"], seed=SEEDS)
    run_all(crash + [join], options, "modest")
    cases = [(size, bytes_sweeps(size)) for size in SIZES]
    of_bytes = [sweep for _, sweeps in cases for sweep in sweeps]
    run_all(of_bytes, options, "modest")
    lines = ["**Question:** does MoDeST (de Vos et al., arXiv:2302.13837v1) learn on when 80",
             "of 100 peers crash, does it take up joiners, and what does it save?", "",
             "Set-up: `scenarios/modest_crash.yaml`: 100 peers, Fashion-MNIST IID, lenet5, step",
             "time 250 ms, so that a round takes about 8 s; five peers crash every 60 s from 300 s",
             "on. Different from the published settings: 2 aggregators, aggregation timeout 20 s",
             "and rejoining after 60 s; without them the first crash of a peer that trains ends",
             "the run, and survivors that are not asked for 20 rounds are never asked again. Mean",
             "± half the 95 % t interval over seeds 1 to 5; differences paired by seed, p",
             "two-sided, corrected by Holm.", ""]
    lines += crash_part(crash, options) + join_part(join) + bytes_part(cases)
    write("modest", "MoDeST: crashes, joins, bytes", lines, crash + [join] + of_bytes, options)
