#!/usr/bin/env python3
"""The disaster study: what survivors lose when peers disappear in the middle of training.

Cases, for the same removed peers of one seed:
  A  they crash: their data and their links are lost
  B  they crash, but never held data: only links are lost, survivors own all data
  C  they lose their data but stay as relays: only data is lost
  D  nothing happens
Palmieri, Boldrini, Valerio, Passarella, Conti (arXiv 2310.02986 and 2405.02377) study A and
B on graphs of this kind. The parameters here are ours: scenarios/disaster.yaml and below.

Usage: disaster.py [--binary FILE] [--runs DIR] [--jobs N] [--out DIR] [--report-only]
Runs scenarios/disaster.yaml with overrides, two processes at a time, into DIR; a run that
is there is not repeated, so that an interrupted study goes on where it was. Then writes
disaster.md, disaster.csv and, with gnuplot, disaster.svg. Needs Python 3.9, nothing else.
"""

import argparse
import concurrent.futures
import json
import math
import pathlib
import subprocess
import sys
import time

sys.dont_write_bytecode = True
import disaster_report  # pylint: disable=wrong-import-position

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCENARIO = ROOT / "scenarios" / "disaster.yaml"

PEERS = 50
TRAIN_SAMPLES = 60_000
BATCH = 32
SEEDS = (1, 2, 3, 4, 5)
SELECTIONS = ("highest_degree", "highest_betweenness", "random", "lowest_degree")
SHARES = (20, 10)
ROUNDS_BEFORE = (5, 50)


class Run:
    """One run: its case, and where its record is."""

    def __init__(self, case, seed, selection="", share=0, rounds_before=0, rule="mixing"):
        self.case = case
        self.seed = seed
        self.selection = selection
        self.share = share
        self.rounds_before = rounds_before
        self.rule = rule

    def name(self):
        parts = [self.case]
        if self.case != "D":
            parts += [self.selection, f"q{self.share}", f"t{self.rounds_before}"]
        if self.rule != "mixing":
            parts.append(self.rule)
        return "-".join(parts + [f"s{self.seed}"])

    def first_crash(self):
        """The run of case A that draws the peers that this one removes."""
        return Run("A", self.seed, self.selection, self.share, ROUNDS_BEFORE[0])


def all_runs():
    """The most telling ones first; each after the one that draws its peers."""
    runs = [Run("D", seed) for seed in SEEDS]
    for share in SHARES:
        for rounds_before in ROUNDS_BEFORE:
            for selection in SELECTIONS:
                for case in "ABC":
                    runs += [Run(case, s, selection, share, rounds_before) for s in SEEDS]
    for rounds_before in ROUNDS_BEFORE:
        for case in "BC":
            runs += [Run(case, s, "highest_degree", 20, rounds_before, "decavg") for s in SEEDS]
    return runs


def disaster_time_us(rounds, holders):
    """In the last millisecond of that many rounds, while their models are combined: all
    messages have come and no later one has been sent. A round takes its local steps of
    2 ms, 20 ms latency and 1 ms of aggregation, and lasts equally long for all who hold
    data, since their shares differ by one sample at most."""
    steps = {math.ceil(n / BATCH)
             for n in (TRAIN_SAMPLES // holders, -(-TRAIN_SAMPLES // holders))}
    assert len(steps) == 1, "peers take different numbers of steps: no common round length"
    return rounds * (2 * steps.pop() + 21) * 1000 - 500


def removed_peers(run, runs_dir):
    """Who crashed in the run that drew them."""
    events = (runs_dir / run.first_crash().name() / "events.jsonl").read_text().splitlines()
    return sorted(event["peer"] for event in map(json.loads, events) if event["kind"] == "crash")


def overrides(run, runs_dir):
    """What distinguishes the run from the scenario file."""
    result = [f"seed={run.seed}", f"aggregator.kind={run.rule}"]
    if run.case == "D":
        return result + ["faults=[]"]
    draws = run.name() == run.first_crash().name()
    who = f"{{{run.selection}: {run.share}%}}"
    if not draws:
        removed = removed_peers(run, runs_dir)
        who = str(removed)
    holders = PEERS
    if run.case == "B":
        kept = [peer for peer in range(PEERS) if peer not in removed]
        holders = len(kept)
        result.append(f"data.holders={kept}")
    action = "lose_data" if run.case == "C" else "crash"
    at = disaster_time_us(run.rounds_before, holders)
    return result + [f"faults=[{{at: {at}us, {action}: {who}}}]"]


def scenario_lines():
    """Without comments: what a run is made from."""
    return [line for line in SCENARIO.read_text().splitlines() if not line.startswith("#")]


def execute(run, drawn, binary, runs_dir):
    """Makes the run unless it is there, once its peers are drawn. Returns its seconds, 0 if
    it was there."""
    if drawn is not None:
        drawn.result()
    directory = runs_dir / run.name()
    arguments = [argument for override in overrides(run, runs_dir)
                 for argument in ("-c", override)]
    made_from = runs_dir / (run.name() + ".from")
    wanted = "\n".join(scenario_lines() + arguments) + "\n"
    if made_from.exists() and made_from.read_text() == wanted:
        return 0.0
    made_from.unlink(missing_ok=True)
    start = time.monotonic()
    done = subprocess.run(
        [binary, "run", SCENARIO, "--workers", "1", "--out", directory, *arguments],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        last = done.stderr.strip().splitlines()[-1:]
        raise RuntimeError(f"{run.name()}: exit code {done.returncode}: {' '.join(last)}")
    made_from.write_text(wanted)
    return time.monotonic() - start


def execute_all(runs, arguments):
    """Begins the runs in their order; after one that fails, no more."""
    left = len(runs)
    futures = {}
    pool = concurrent.futures.ThreadPoolExecutor(arguments.jobs)
    for run in runs:
        drawn = futures.get(run.first_crash().name())
        futures[run.name()] = pool.submit(execute, run, drawn, arguments.binary, arguments.runs)
    names = {future: name for name, future in futures.items()}
    try:
        for finished in concurrent.futures.as_completed(names):
            left -= 1
            seconds = finished.result()
            if seconds > 0:
                print(f"{names[finished]}: {seconds:.0f} s, {left} runs left",
                      file=sys.stderr, flush=True)
    finally:
        pool.shutdown(cancel_futures=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", default=ROOT / "build" / "node" / "hearsay")
    parser.add_argument("--runs", type=pathlib.Path, default="/tmp/hearsay-disaster",
                        help="where run directories go (default %(default)s)")
    parser.add_argument("--jobs", type=int, default=2, help="runs at a time (default 2)")
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / "results" / "reference",
                        help="where table and figure go (default results/reference)")
    parser.add_argument("--report-only", action="store_true", help="run nothing")
    arguments = parser.parse_args()
    runs = all_runs()
    arguments.runs.mkdir(parents=True, exist_ok=True)
    if not arguments.report_only:
        execute_all(runs, arguments)
    disaster_report.write(runs, arguments.runs, arguments.out)


if __name__ == "__main__":
    main()
