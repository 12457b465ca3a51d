"""What the studies share: sweeps run by `hearsay sweep`, tables, figures."""

import csv
import json
import math
import pathlib
import subprocess

from paired import Paired, holm, t_quantile

FAILED = 3  # hearsay's exit code where a run failed.
ROOT = pathlib.Path(__file__).resolve().parents[2]


class Options:
    """How a study is run."""

    def __init__(self, binary, runs, out, jobs):
        self.binary = pathlib.Path(binary)
        self.runs = pathlib.Path(runs)
        self.out = pathlib.Path(out)
        self.jobs = jobs


class Run:
    """One finished run: its keys in the sweep, its metrics.csv as numbers."""

    def __init__(self, directory, row):
        self.directory = directory
        self.row = row
        with open(directory / "metrics.csv", newline="") as file:
            self.metrics = [{key: float(value) if value else math.nan
                             for key, value in line.items()} for line in csv.DictReader(file)]
        self.summary = json.loads((directory / "summary.json").read_text())

    def seed(self):
        return int(self.row["seed"])

    def last(self, column):
        return self.metrics[-1][column]

    def peers(self):
        """Rows of peers.csv."""
        with open(self.directory / "peers.csv", newline="") as file:
            return list(csv.DictReader(file))

    def reach(self, column, target):
        """The first row in which the column is at least the target; None if there is none."""
        return next((row for row in self.metrics if row[column] >= target), None)


class Sweep:
    """One method of a study: a scenario with overrides, run for every value of the axes."""

    def __init__(self, name, scenario, overrides=(), **axes):
        self.name = name
        self.scenario = scenario
        self.overrides = list(overrides)
        self.axes = {key.replace("__", "."): value for key, value in axes.items()}
        self.runs = []
        self.failed = []  # Points, left out of all tables; write() names them.

    def command(self):
        words = ["hearsay", "sweep", f"scenarios/{self.scenario}.yaml"]
        for override in [f"name={self.name}"] + self.overrides:
            words += ["-c", override]
        return words + ["-c", "sweep=" + json.dumps(self.axes)]

    def run(self, options, study):
        out = options.runs / study / self.name
        words = self.command()
        words[0] = str(options.binary)
        words[2] = str(ROOT / words[2])
        words += ["--out", str(out), "--jobs", str(options.jobs)]
        if out.exists():
            words.append("--resume")
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        if done.returncode not in (0, FAILED):
            raise SystemExit(f"{' '.join(words)}\n{done.stderr}{done.stdout}")
        self.read(out)

    def read(self, out):
        with open(out / "sweep.csv", newline="") as file:
            rows = list(csv.DictReader(file))
        self.runs = [Run(out / row["point"], row) for row in rows if row["status"] == "done"]
        self.failed = [row["point"] for row in rows if row["status"] != "done"]

    def by_seed(self, value):
        """seed -> value(run); runs for which it is None are left out."""
        found = {run.seed(): value(run) for run in self.runs}
        return {seed: number for seed, number in found.items() if number is not None}


def run_all(sweeps, options, study):
    for number, sweep in enumerate(sweeps, 1):
        print(f"{study}: {sweep.name} ({number} of {len(sweeps)})", flush=True)
        sweep.run(options, study)


def interval(values, form):
    """Mean and half the 95 % t interval; `form` says how a number looks."""
    values = list(values)
    if not values:
        return "-"
    mean = sum(values) / len(values)
    if len(values) < 2:
        return form(mean)
    spread = math.sqrt(sum((v - mean) ** 2 for v in values) / (len(values) - 1))
    half = t_quantile(len(values) - 1) * spread / math.sqrt(len(values))
    return f"{form(mean)} ± {form(half)}"


def percent(value):
    return f"{100 * value:.1f}"


def seconds(value):
    return f"{value:,.0f}"


def megabytes(value):
    return f"{value / 1e6:,.0f}"


def differences(first, second, form):
    """Paired by seed, second less first: (text, p)."""
    seeds = sorted(first.keys() & second.keys())
    paired = Paired([second[seed] - first[seed] for seed in seeds])
    if paired.mean is None:
        return "-", None
    half = "" if paired.half is None else f" ± {form(paired.half)}"
    return f"{'+' if paired.mean >= 0 else '-'}{form(abs(paired.mean))}{half} (n = {paired.n})", \
        paired.p


def p_texts(p_values):
    return ["-" if p is None else "< 0.001" if p < 0.001 else f"{p:.3f}" for p in holm(p_values)]


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return lines + ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]


def mean_curve(runs, x, y, points):
    """Means over runs of y at given x, each run's newest row at or before x."""
    curve = []
    for point in points:
        values = []
        for run in runs:
            rows = [row for row in run.metrics if row[x] <= point and not math.isnan(row[y])]
            if rows:
                values.append(rows[-1][y])
        if len(values) == len(runs):
            curve.append((point, sum(values) / len(values)))
    return curve


COLORS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#000000")


def figure(path, panels, labels, columns=3, key="bottom right"):
    """An SVG of panels [(title, {name: [(x, y), ...]}, gnuplot settings)], labels (x, y)."""
    rows = -(-len(panels) // columns)
    script = [f"set terminal svg size {330 * columns},{260 * rows} font 'sans,11'",
              f"set output '{path}'", f"set multiplot layout {rows},{columns}",
              "set grid lc rgb '#dddddd'", f"set key {key}",
              f"set xlabel '{labels[0]}'", f"set ylabel '{labels[1]}'"]
    for title, curves, settings in panels:
        script.append(f"set title '{title}'")
        script += settings
        plots = []
        for number, (name, points) in enumerate(curves.items()):
            block = f"$d{number}"
            script += [f"{block} << EOD"] + [f"{a} {b}" for a, b in points] + ["EOD"]
            plots.append(f"{block} with lines lw 2 lc rgb '{COLORS[number % len(COLORS)]}' "
                         f"title '{name}'")
        script.append("plot " + ", ".join(plots))
    script.append("unset multiplot")
    subprocess.run(["gnuplot"], input="\n".join(script) + "\n", text=True, check=True)


def heat_map(path, rows, columns, values, label):
    """An SVG of values[row][column] from 0 to 100, each written into its cell; None stays empty."""
    cells = [(x, y, value) for y, line in enumerate(values) for x, value in enumerate(line)
             if value is not None]
    ticks = [", ".join(f"'{name.replace('%', '%%')}' {i}" for i, name in enumerate(names))
             for names in (columns, rows)]
    script = [f"set terminal svg size {180 + 62 * len(columns)},{150 + 27 * len(rows)} "
              "font 'sans,11'", f"set output '{path}'", "$cells << EOD"]
    script += [f"{x} {y} {value}" for x, y, value in cells]
    script += ["EOD", "set palette defined (0 '#b2182b', 50 '#f7f7f7', 100 '#2166ac')",
               f"set cbrange [0:100]; set cblabel '{label}'",
               f"set xrange [-0.5:{len(columns) - 0.5}]; set yrange [{len(rows) - 0.5}:-0.5]",
               f"set xtics ({ticks[0]}) rotate by 40 right; set ytics ({ticks[1]})",
               "set tics scale 0; unset key",
               "plot $cells using 1:2:(0.5):(0.5):3 with boxxyerror fill solid lc palette, "
               "$cells using 1:2:(sprintf('%.0f', $3)) with labels font ',10'"]
    subprocess.run(["gnuplot"], input="\n".join(script) + "\n", text=True, check=True)


def write(study, title, lines, sweeps, options):
    """STUDY.md with the lines, the commands and the machine; STUDY.csv with every run."""
    runs = [run for sweep in sweeps for run in sweep.runs]
    cpu = sum(run.summary["cpu_seconds"] for run in runs)
    manifest = json.loads((runs[0].directory / "manifest.json").read_text())
    text = [f"# {title}", "", f"Written by `bench/studies/run_studies.py {study}`.", ""] + lines + [
        "", "## Runs", "",
        f"{len(runs)} runs, {cpu / 60:.0f} minutes of CPU time; {manifest['cpu']}, kernels "
        f"{manifest['kernels']['fused']}, {manifest['versions']['compiler']}. "
        f"Digests of every run: [{study}.csv]({study}.csv). Commands:", "", "```sh"]
    failed = [f"{sweep.name} {point}" for sweep in sweeps for point in sweep.failed]
    if failed:
        text[-2:-2] = ["Runs that failed, left out above: " + "; ".join(failed) + ".", ""]
    for sweep in sweeps:
        words = [word if all(c.isalnum() or c in "=./_-" for c in word) else f"'{word}'"
                 for word in sweep.command()]
        text.append(" ".join(words))
    text += ["```", ""]
    (options.out / f"{study}.md").write_text("\n".join(text))
    with open(options.out / f"{study}.csv", "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        names = ["scenario_digest", "model_digest", "event_digest"]
        writer.writerow(["sweep", "point"] + names + ["time_s", "accuracy_mean", "loss_mean",
                                                      "bytes_sent"])
        for sweep in sweeps:
            for run in sweep.runs:
                writer.writerow([sweep.name, run.row["point"]] + [run.row[n] for n in names] +
                                [run.row[n] for n in ("time_s", "accuracy_mean", "loss_mean",
                                                      "bytes_sent")])
