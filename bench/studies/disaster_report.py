"""Table, figure and verdict of the disaster study, from its run directories."""

import csv
import json
import pathlib
import subprocess

from paired import Paired, holm

CLASSES = ("all", "connected", "small", "isolated")
HEADINGS = {
    "all": "All survivors",
    "connected": "Connected survivors (in the largest component)",
    "small": "Survivors in smaller components (with at least one live neighbor)",
    "isolated": "Isolated survivors (no live neighbor)",
}
SHORT = {"highest_degree": "degree", "highest_betweenness": "betweenness",
         "random": "random", "lowest_degree": "lowest degree"}
HUBS = ("highest_degree", "highest_betweenness")
COMPARISONS = (("C", "B"), ("D", "C"), ("B", "A"))
CLOSE = 0.5  # points of accuracy: what "about equal" means here


def mean(values):
    return sum(values) / len(values)


class Record:
    """What a run left behind."""

    def __init__(self, directory):
        self.summary = json.loads((directory / "summary.json").read_text())
        self.manifest = json.loads((directory / "manifest.json").read_text())
        with open(directory / "peers.csv", newline="") as file:
            rows = list(csv.DictReader(file))
        last = max(int(row["round"]) for row in rows)
        self.rows = {int(row["peer"]): row for row in rows if int(row["round"]) == last}

    def accuracy(self, peers):
        """Mean in percent; None if there are no peers."""
        return mean([100 * float(self.rows[p]["accuracy"]) for p in peers]) if peers else None


class Results:
    """All records of runs that are done; cells of which one is not are left out."""

    def __init__(self, runs, runs_dir):
        self.runs = [run for run in runs if (runs_dir / (run.name() + ".from")).exists()]
        self.missing = len(runs) - len(self.runs)
        self.seeds = sorted({run.seed for run in runs})
        self.records = {run.name(): Record(runs_dir / run.name()) for run in self.runs}
        self.by_key = {self.key(run): run for run in self.runs}

    @staticmethod
    def key(run):
        if run.case == "D":
            return ("D", run.seed)
        return (run.case, run.seed, run.selection, run.share, run.rounds_before, run.rule)

    def survivors(self, run):
        """The peers of each class, by what is left of the graph in case A."""
        rows = self.records[run.first_crash().name()].rows
        sizes = {}
        for row in rows.values():
            sizes[row["component"]] = sizes.get(row["component"], 0) + 1
        largest = max(sizes, key=lambda name: (sizes[name], -int(name)))
        classes = {name: [] for name in CLASSES if name != "all"} | {"all": sorted(rows)}
        for peer, row in sorted(rows.items()):
            kind = "small"
            if row["component"] == largest:
                kind = "connected"
            elif row["live_neighbors"] == "0":
                kind = "isolated"
            classes[kind].append(peer)
        return classes

    def accuracy(self, case, cell, seed, kind, rule="mixing"):
        """Mean accuracy in percent of one class of one run; None if there is none."""
        first = self.by_key.get(("A", seed, *cell[:2], 5, "mixing"))
        key = ("D", seed) if case == "D" else (case, seed, *cell, rule)
        if first is None or key not in self.by_key:
            return None
        record = self.records[self.by_key[key].name()]
        return record.accuracy(self.survivors(first)[kind])

    def paired(self, minuend, subtrahend, cell, kind, rule="mixing"):
        """minuend - subtrahend, per seed, in points."""
        differences = []
        for seed in self.seeds:
            a = self.accuracy(minuend, cell, seed, kind, "mixing" if minuend in "AD" else rule)
            b = self.accuracy(subtrahend, cell, seed, kind,
                              "mixing" if subtrahend in "AD" else rule)
            if a is not None and b is not None:
                differences.append(a - b)
        return Paired(differences)

    def cells(self):
        """(selection, share, rounds before) of which no run is missing."""
        seen = {(run.selection, run.share, run.rounds_before) for run in self.runs
                if run.case != "D"}
        order = list(SHORT)
        return [cell for cell in sorted(seen, key=lambda c: (order.index(c[0]), -c[1], c[2]))
                if all((case, seed, *cell, "mixing") in self.by_key and ("D", seed) in self.by_key
                       for case in "ABC" for seed in self.seeds)]


def shown(result, sign="+"):
    if result.mean is None:
        return ""
    if result.half is None:
        return f"{result.mean:{sign}.2f}"
    return f"{result.mean:{sign}.2f} ± {result.half:.2f}"


def shown_p(p):
    if p is None:
        return ""
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def name_of(cell):
    return f"{SHORT[cell[0]]}, {cell[1]} %, round {cell[2]}"


def class_table(results, kind):
    """One row per cell."""
    lines = ["| removed by | q | round | peers | D | A - D | B - D | C - D "
             "| C - B | p | D - C | p | B - A | p |",
             "|---|---|---|---|---|---|---|---|---|---|---|---|---|---|"]
    for cell in results.cells():
        undisturbed = [results.accuracy("D", cell, seed, kind) for seed in results.seeds]
        undisturbed = [value for value in undisturbed if value is not None]
        if not undisturbed:
            continue
        counts = [len(results.survivors(run)[kind]) for run in results.runs
                  if results.key(run)[2:] == (*cell, "mixing") and run.case == "A"]
        row = [SHORT[cell[0]], f"{cell[1]} %", str(cell[2]),
               f"{mean(counts):.1f}" + (f" (n = {len(undisturbed)})"
                                        if len(undisturbed) < len(results.seeds) else ""),
               f"{mean(undisturbed):.2f}"]
        row += [shown(results.paired(case, "D", cell, kind)) for case in "ABC"]
        tests = [results.paired(a, b, cell, kind) for a, b in COMPARISONS]
        for test, p in zip(tests, holm([test.p for test in tests])):
            row += [shown(test), shown_p(p)]
        lines.append("| " + " | ".join(row) + " |")
    return lines if len(lines) > 2 else ["Nobody."]


def rule_table(results):
    """The comparison of the two aggregation rules."""
    lines = ["| survivors | round | B - D, uniform | B - D, decavg | C - D, uniform "
             "| C - D, decavg |", "|---|---|---|---|---|---|"]
    for kind in CLASSES:
        for cell in results.cells():
            values = [results.paired(case, "D", cell, kind, rule)
                      for case in "BC" for rule in ("mixing", "decavg")]
            if values[1].n and values[3].n:
                row = [shown(v) + (f" (n = {v.n})" if v.n < len(results.seeds) else "")
                       for v in values]
                lines.append(f"| {kind} | {cell[2]} | " + " | ".join(row) + " |")
    return lines if len(lines) > 2 else ["Not run."]


def tally(title, outcomes):
    """A claim's verdict: how many of the cells it holds in, and where it does not."""
    held = [name_of(cell) for cell, holds in outcomes if holds]
    broken = [name_of(cell) for cell, holds in outcomes if not holds]
    if not outcomes:
        return f"* {title}: no data."
    if not broken:
        return f"* {title}: **holds**, in {len(outcomes)} of {len(outcomes)} cells."
    if not held:
        return f"* {title}: **does not hold**, in 0 of {len(outcomes)} cells."
    where = f"not for {'; '.join(broken)}"
    if len(held) < len(broken):
        where = f"only for {'; '.join(held)}"
    return f"* {title}: **holds in part**, in {len(held)} of {len(outcomes)} cells, {where}."


def corrected(results, cell, kind):
    """{(minuend, subtrahend): (Paired, Holm's p)}"""
    tests = [results.paired(a, b, cell, kind) for a, b in COMPARISONS]
    return dict(zip(COMPARISONS, zip(tests, holm([test.p for test in tests]))))


def verdicts(results, kind, cells):
    """Each part of the claimed ordering acc(D) >= acc(C) > acc(B) ~ acc(A)."""
    tested = [(cell, corrected(results, cell, kind)) for cell in cells]
    tested = [(cell, by) for cell, by in tested
              if all(test.half is not None for test, _ in by.values())]

    def outcomes(pair, holds):
        return [(cell, holds(*by[pair])) for cell, by in tested]

    return [
        tally("D is not below C (no significant difference the other way)",
              outcomes(("D", "C"), lambda test, p: test.mean >= 0 or p >= 0.05)),
        tally("D is above C, significantly",
              outcomes(("D", "C"), lambda test, p: test.mean > 0 and p < 0.05)),
        tally("C is above B, significantly",
              outcomes(("C", "B"), lambda test, p: test.mean > 0 and p < 0.05)),
        tally(f"B is about A (the whole interval within {CLOSE:g} points)",
              outcomes(("B", "A"), lambda test, p: abs(test.mean) + test.half <= CLOSE)),
        tally("B is above A, significantly",
              outcomes(("B", "A"), lambda test, p: test.mean > 0 and p < 0.05)),
    ]


def size_verdict(results, kind, cells):
    """What each case costs, from the cheapest to the dearest cell; means over seeds."""
    parts = []
    for case, (_, meaning) in STYLES.items():
        drops = [results.paired("D", case, cell, kind).mean for cell in cells]
        drops = [drop for drop in drops if drop is not None]
        if drops:
            parts.append(f"{min(drops):.2f} to {max(drops):.2f} in {case} ({meaning[3:]})")
    return f"* Points lost against D (negative: won): {', '.join(parts)}."


def timing_verdict(results):
    """Does a later disruption cost less? Paired by seed."""
    lines = []
    for kind in CLASSES:
        for case in "ABC":
            outcomes = []
            for cell in results.cells():
                later = (*cell[:2], 50)
                if cell[2] != 5 or later not in results.cells():
                    continue
                pairs = [(results.accuracy(case, later, seed, kind),
                          results.accuracy(case, cell, seed, kind))
                         for seed in results.seeds]
                gain = Paired([b - a for b, a in pairs if a is not None and b is not None])
                if gain.half is not None:
                    outcomes.append((cell, gain.mean > 0 and gain.p < 0.05))
            if outcomes:
                lines.append(tally(f"{kind}, case {case}", outcomes).replace(", round 5", ""))
    return lines


def write_csv(results, path):
    fields = ["case", "removed_by", "share_percent", "rounds_before", "rule", "seed"]
    fields += [f"peers_{kind}" for kind in CLASSES]
    fields += [f"accuracy_{kind}" for kind in CLASSES] + ["accuracy_min"]
    fields += [f"undisturbed_{kind}" for kind in CLASSES]
    fields += ["accuracy_removed", "model_digest", "event_digest"]

    def percent(value):
        return "" if value is None else f"{value:.4f}"

    with open(path, "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(fields)
        for run in results.runs:
            record = results.records[run.name()]
            everyone = sorted(record.rows)
            classes = {"all": everyone, "connected": everyone, "small": [], "isolated": []}
            if run.case != "D":
                classes = results.survivors(run)
            alive = classes["all"]
            cell = (run.selection, run.share, run.rounds_before)
            row = [run.case, run.selection, run.share or "", run.rounds_before or "", run.rule,
                   run.seed]
            row += [len(classes[kind]) for kind in CLASSES]
            row += [percent(record.accuracy(classes[kind])) for kind in CLASSES]
            row += [percent(min(100 * float(record.rows[p]["accuracy"]) for p in alive))]
            row += [percent(None if run.case == "D" else
                            results.accuracy("D", cell, run.seed, kind)) for kind in CLASSES]
            relays = [p for p in record.rows if p not in alive]
            row += [percent(record.accuracy(relays)), record.summary["model_digest"],
                    record.summary["event_digest"]]
            writer.writerow(row)


PLOT = """
set terminal svg size 1000,1080 font "sans-serif,14" background "white"
set output "{out}"
set multiplot layout 3,2 margins 0.08,0.99,0.06,0.93 spacing 0.05,0.11
set grid ytics lc rgb "#dddddd"
set xtics ({ticks}) scale 0
set xrange [-0.6:{last}]
unset key
{labels}
"""

# How a case is drawn, and what the legend says of it.
STYLES = {
    "A": ('lc rgb "#b2182b" pt 7 ps 0.75', "A: data and links lost"),
    "B": ('lc rgb "#2166ac" pt 5 ps 0.75', "B: links lost"),
    "C": ('lc rgb "#1a9850" pt 9 ps 0.95', "C: data lost"),
}

PANEL = """
set title "{title}"
set ylabel "{ylabel}"
set yrange [{low}:{high}]
plot 0 lc rgb "black" lw 1 notitle, {curves}
unset label 101
unset label 102
unset label 103
"""


def axis(groups):
    """Ticks say the share, labels below them the selection, once for neighbors that agree."""
    ticks = ", ".join(f'"{share} %%" {i}' for i, (_, share) in enumerate(groups))
    labels = []
    for name in dict.fromkeys(name for name, _ in groups):
        places = [i for i, group in enumerate(groups) if group[0] == name]
        labels.append(f'set label "{SHORT[name]}" at first {mean(places)}, graph -0.16 center')
    return ticks, labels


def legend():
    """A line above all panels; a key is never wider than its panel."""
    return [f'set label {101 + i} "{text}" at screen {0.2 + 0.27 * i},0.975 '
            f"left offset 1.2,0 point {style}" for i, (style, text) in enumerate(STYLES.values())]


def curve(results, groups, case, time, kind):
    """(x, mean, half of the interval) of each group that has such survivors."""
    differences = [results.paired(case, "D", (*group, time), kind) for group in groups]
    return [(i + 0.22 * ("ABC".index(case) - 1), found.mean, found.half)
            for i, found in enumerate(differences) if found.half is not None]


def figure(results, path):
    """Differences to D by case, class and time, with 95 % intervals."""
    groups = list(dict.fromkeys(cell[:2] for cell in results.cells()))
    ticks, labels = axis(groups)
    script = PLOT.format(out=path, ticks=ticks, labels="\n".join(labels + legend()),
                         last=len(groups) - 0.4)
    for kind in ("all", "connected", "isolated"):
        curves = {(case, time): curve(results, groups, case, time, kind)
                  for time in (5, 50) for case in STYLES}
        ends = [0.0] + [mean_ + sign * half for points in curves.values()
                        for _, mean_, half in points for sign in (-1, 1)]
        margin = 0.08 * (max(ends) - min(ends)) or 1.0
        for time in (5, 50):
            plots = []
            for case, (style, _) in STYLES.items():
                block = f"${case}_{kind}_{time}"
                points = curves[case, time] or [(-9, 0, 0)]  # Nothing: a point out of sight.
                script += f"{block} << EOD\n"
                script += "".join(f"{x} {y:.4f} {half:.4f}\n" for x, y, half in points) + "EOD\n"
                plots.append(f"{block} with yerrorbars lw 1.6 {style}")
            script += PANEL.format(title=f"{kind} survivors, disruption at round {time}",
                                   ylabel="accuracy minus D, points" if time == 5 else "",
                                   low=min(ends) - margin, high=max(ends) + margin,
                                   curves=", ".join(plots))
    subprocess.run(["gnuplot"], input=script, text=True, check=True)


def setup_lines(results):
    first = results.records[results.runs[0].name()]
    cpu = sum(record.summary["cpu_seconds"] for record in results.records.values())
    round_ = first.summary["final"]["round"]
    return [
        "* 50 peers on a Barabási–Albert graph with 3 edges per new peer; Fashion-MNIST, dealt",
        "  IID in equal shares; mlp 784-64-10; SGD, learning rate 0.05, batches of 32, one local",
        f"  epoch per round; synchronous D-PSGD, {round_} rounds; a neighbor that is not heard for",
        "  200 ms is left out, the weights of the others grow in proportion.",
        "* The base is `scenarios/disaster.yaml`. Seeds 1 to 5 set all: graph, data, initial",
        "  models, batches, random removals. In A, B and C of one seed the same peers go.",
        "* The disaster comes while round 5, or 50, is being combined: all models of that round",
        "  have been heard, none of the next has been sent.",
        "* A: they crash. B: they crash and have held no data from the start; survivors own all",
        "  60,000 samples from the start, so 25 % (11 %) more each for q = 20 % (10 %), and take",
        "  as many more local steps per round. C: they lose their data and go on as relays.",
        "  D: nothing happens; it is looked at on the same peers.",
        "* Rule: uniform mixing weights over oneself and the neighbors heard. For peers with",
        "  equal shares of data that is DecAvg; they differ for relays. DecAvg as published gives",
        "  a model the weight of its owner's data: a peer without data passes nothing on.",
        "  With uniform mixing a relay counts as any neighbor. DecAvg is compared below.",
        "* Accuracy is that on the 10,000 test images after the last round, in percent, averaged",
        "  over the peers of a class, then over seeds. Differences are paired by seed: mean and",
        "  95 % t interval, n = 5 seeds unless said otherwise (a seed counts only if it has",
        "  peers of the class). p: two-sided, corrected by Holm over the three comparisons",
        "  of a row and class.",
        f"* {len(results.runs)} runs, {cpu / 60:.0f} minutes of CPU time in all;"
        f" {first.manifest['cpu']}, kernels {first.manifest['kernels']['fused']},"
        f" {first.manifest['versions']['compiler']}.",
    ] + ([f"* **Not complete: {results.missing} runs are missing.** Verdict, tables and figure",
          "  cover only the disruptions of which no run is missing."] if results.missing else [])


def report(results):
    hubs = [cell for cell in results.cells() if cell[0] in HUBS]
    others = [cell for cell in results.cells() if cell[0] not in HUBS]
    lines = ["# Disaster study", "",
             "Written by `make study-disaster` (`bench/studies/disaster.py`).", "",
             "**Question:** peers disappear for good in the middle of training. What do those lose",
             "that survive, by whom is removed and when, and is it the lost data or the lost",
             "links? Expected for the removal of hubs, from the abstracts of Palmieri, Boldrini,",
             "Valerio, Passarella, Conti (arXiv 2310.02986 and 2405.02377):",
             "acc(D) >= acc(C) > acc(B) ~ acc(A); the drop is small except for survivors left",
             "isolated; the later the disruption, the smaller the drop.", "",
             "![accuracy lost by case](disaster.svg)", "",
             "Points: mean over seeds of the accuracy less that of the undisturbed run (D) on the",
             "same peers; bars: 95 % t interval. All runs: [disaster.csv](disaster.csv).", "",
             "## Set-up", "", *setup_lines(results), "", "## Verdict", ""]
    for kind in CLASSES:
        for title, cells in (("removal of hubs", hubs), ("random and lowest", others)):
            found = verdicts(results, kind, cells)
            if "no data" not in found[0]:
                lines += [f"**{kind.capitalize()} survivors, {title}**", "",
                          size_verdict(results, kind, cells), *found, ""]
    lines += ["**A later disruption costs less** (round 50 against 5, significantly)", "",
              *timing_verdict(results), ""]
    for kind in CLASSES:
        lines += [f"## {HEADINGS[kind]}", "", *class_table(results, kind), ""]
    lines += ["## DecAvg instead of uniform mixing", "",
              "Removal of the 20 % of highest degree. D and A have no relays: there the rules are",
              "the same.", "", *rule_table(results), ""]
    return "\n".join(lines)


def write(runs, runs_dir, out):
    results = Results(runs, runs_dir)
    (out / "disaster.md").write_text(report(results))
    write_csv(results, out / "disaster.csv")
    figure(results, pathlib.Path(out).resolve() / "disaster.svg")
