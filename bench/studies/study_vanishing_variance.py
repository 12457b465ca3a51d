"""Averaging independent models shrinks their weights' variance: how long learning waits for it,
and what ends the wait."""

from study import (Sweep, differences, figure, interval, mean_curve, p_texts, percent, run_all,
                   seconds, table, write)

SEEDS = [1, 2, 3, 4, 5]
PLAIN = "aggregator={kind: mixing}"
COMMON = "model.init=common"
METHODS = (("plain", "plain mixing", [PLAIN]),
           ("corrected", "variance-corrected", []),
           ("gain", "gain-corrected initialisation", [PLAIN, "model.gain_correction=true"]),
           ("gain-later", "gain-corrected, training from round 150",
            [PLAIN, "model.gain_correction=true", "training.optimizer.lr=1e-9",
             "training.optimizer.schedule={kind: step, every_steps: 150, factor: 1e7}"]),
           ("plain-common", "plain mixing, common init", [PLAIN, COMMON]),
           ("corrected-common", "variance-corrected, common init", [COMMON]),
           ("fedavg", "FedAvg, all clients",
            ["peers=51", "topology={kind: star}", "mixing={kind: metropolis_hastings}",
             "data.holders=[1-50]", "protocol={kind: fedavg, rounds: 300, clients: all}",
             "aggregator={kind: decavg}", "evaluation.peers=[0]"]))
PAIRS = (("plain", "corrected"), ("plain", "gain-later"), ("gain-later", "corrected"),
         ("fedavg", "corrected"), ("plain-common", "corrected-common"),
         ("plain-common", "corrected"))
TARGETS = (0.5, 0.8)
ROUNDS = (50, 100, 200, 300)


def all_sweeps():
    return [Sweep(name, "vanishing_variance", overrides, seed=SEEDS)
            for name, _, overrides in METHODS]


def accuracy_at(run, round_):
    return next(row["accuracy_mean"] for row in run.metrics if row["round"] == round_)


def reached(sweep, target):
    """Rounds until the mean accuracy is first seen to be at least the target."""
    hits = [run.reach("accuracy_mean", target) for run in sweep.runs]
    found = [hit["round"] for hit in hits if hit is not None]
    text = interval(found, seconds)
    return text if len(found) == len(hits) else f"{text} ({len(found)} of {len(hits)} runs)"


def summary_rows(sweeps):
    return [[label] + [interval([accuracy_at(run, r) for run in sweep.runs], percent)
                       for r in ROUNDS] + [reached(sweep, target) for target in TARGETS]
            for (_, label, _), sweep in zip(METHODS, sweeps)]


def difference_rows(sweeps):
    labels = {name: label for name, label, _ in METHODS}
    final = {sweep.name: sweep.by_seed(lambda run: run.last("accuracy_mean"))
             for sweep in sweeps}
    found = [differences(final[first], final[second], percent) for first, second in PAIRS]
    return [[labels[second], labels[first], text, p] for (first, second), (text, _), p
            in zip(PAIRS, found, p_texts([p for _, p in found]))]


def draw(sweeps, options):
    points = list(range(10, ROUNDS[-1] + 1, 10))
    curves = {sweep.name: mean_curve(sweep.runs, "round", "accuracy_mean", points)
              for sweep in sweeps}
    with_common = {name for name, _, overrides in METHODS if COMMON in overrides}
    own = {name: curve for name, curve in curves.items() if name not in with_common}
    common = {name: curves[name] for name in sorted(with_common) + ["fedavg"]}
    scale = ["set yrange [0:0.9]"]
    figure(options.out / "vanishing_variance.svg",
           [("each its own initial model", own, scale), ("a common initial model", common, scale)],
           ("round", "accuracy"), columns=2, key="center right")


def run(options):
    sweeps = all_sweeps()
    run_all(sweeps, options, "vanishing_variance")
    draw(sweeps, options)
    lines = [
        "**Question:** averaging models that start from different weights shrinks every layer's",
        "variance, and learning waits until it has grown again (Tian, Al-Ars, Kitsak, Hofstee,",
        "arXiv:2404.04616). How long, and does correcting the variance end the wait?", "",
        "Set-up: `scenarios/vanishing_variance.yaml`: 50 peers, random 8-regular graphs,",
        "Fashion-MNIST, IID, mlp 784-100-100-100-100-10, Xavier, each peer its own initial model;",
        "one local step of 64 samples a round, lr 0.01, momentum 0.9; self weight 0.5, 1/16 for",
        "each neighbor, so that one averaging of independent models leaves 0.28 of their variance.",
        "Gain-corrected: initial weights sqrt(50) times as large (Badie-Modiri et al.,",
        "arXiv:2403.15855), mixing as it is; once training from the first round, once with the",
        "learning rate at 1e-9 until round 150, so that models are mixed before they learn.",
        "FedAvg: a server, one initial model, all 50 clients in every round. Accuracy in percent",
        "on 2,000 test samples, mean of 20 peers; ± half the 95 % t interval over seeds 1 to 5;",
        "models that are not finite any more count as 0. Rounds to a target: seen every ten.", ""]
    lines += table(["method"] + [f"round {r}" for r in ROUNDS] +
                   [f"rounds to {percent(t)}" for t in TARGETS], summary_rows(sweeps))
    lines += ["", "![accuracy over rounds](vanishing_variance.svg)", "",
              "Differences after 300 rounds in points, paired by seed; p two-sided, corrected by",
              "Holm.", ""]
    lines += table(["method", "less", "points", "p (Holm)"], difference_rows(sweeps))
    write("vanishing_variance", "Vanishing variance", lines, sweeps, options)
