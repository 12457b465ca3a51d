"""Training on a ring of 32 peers by asynchronous pairwise averaging, with and without
continuous momentum."""

from study import (Sweep, differences, figure, interval, mean_curve, megabytes, p_texts, percent,
                   run_all, table, write)

SEEDS = [1, 2, 3, 4, 5]
METHODS = (
    ("plain", "plain gossip, rate 1", ["protocol.momentum=false"]),
    ("a2cid2", "A2CiD2, rate 1", []),
    ("plain-twice", "plain gossip, rate 2", ["protocol.momentum=false", "protocol.rate=2"]),
    ("ad_psgd", "AD-PSGD", ["protocol={kind: ad_psgd, rounds: 0}"]),
)


def run(options):
    sweeps = [Sweep(name, "a2cid2", overrides, seed=SEEDS) for name, _, overrides in METHODS]
    run_all(sweeps, options, "a2cid2")
    accuracy = [sweep.by_seed(lambda r: r.last("accuracy_mean")) for sweep in sweeps]
    distance = [sweep.by_seed(lambda r: r.last("consensus_distance")) for sweep in sweeps]
    texts, ps = zip(*[differences(accuracy[0], other, percent) for other in accuracy[1:]])
    adjusted = p_texts(ps)
    rows = []
    for number, (sweep, (_, label, _)) in enumerate(zip(sweeps, METHODS)):
        rows.append([label,
                     interval(accuracy[number].values(), percent),
                     interval([r.last("accuracy_mean_model") for r in sweep.runs], percent),
                     interval(distance[number].values(), lambda v: f"{v:.3f}"),
                     interval([r.last("bytes_sent") for r in sweep.runs], megabytes),
                     "baseline" if number == 0 else texts[number - 1],
                     "" if number == 0 else adjusted[number - 1]])
    points = [0.2 * k for k in range(1, 11)]
    panels = [(title, {label: mean_curve(sweep.runs, "time_s", column, points)
                       for sweep, (_, label, _) in zip(sweeps, METHODS)}, settings)
              for title, column, settings in (
                  ("mean accuracy", "accuracy_mean", ["set key bottom right"]),
                  ("consensus distance", "consensus_distance", ["set yrange [0:*]"]))]
    figure(options.out / "a2cid2.svg", panels, ("virtual time (s)", ""), columns=2)
    lines = [
        "**Question:** Nabli, Belilovsky, Oyallon (NeurIPS 2023) claim that on a ring continuous",
        "momentum is worth about twice the communication. Is it so here, at equal communication?",
        "", "Set-up: `scenarios/a2cid2.yaml`, 32 peers on a ring, Fashion-MNIST Dirichlet 0.5,",
        "mlp 784-64-10, SGD with learning rate 0.05, 10 local steps of 32 samples per training,",
        "until 2 s of virtual time (some 100 trainings per peer). Scaled down from ResNet-18 on",
        "CIFAR-10. Accuracy in percent on 1,000 test images: mean over the peers, and of the mean",
        "model. Mean ± half the 95 % t interval over seeds 1 to 5; differences in accuracy paired",
        "by seed, p two-sided, corrected by Holm.", ""]
    lines += table(["method", "accuracy", "of the mean model", "consensus distance", "MB sent",
                    "accuracy less plain", "p (Holm)"], rows)
    lines += ["", "![accuracy and consensus distance over time](a2cid2.svg)"]
    write("a2cid2", "A2CiD2 against plain asynchronous gossip", lines, sweeps, options)
