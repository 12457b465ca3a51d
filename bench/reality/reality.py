#!/usr/bin/env python3
"""Simulation against reality: scenarios/reality.yaml, deployed on four hosts and simulated.

The hosts are network namespaces whose links have the rates and the latency of the scenario
(namespaces.py); on each runs one process `hearsay node` with one peer, over TCP with CURVE, and
trains for as long as the scenario says. Compares, for every case:
  * rounds, bytes, models: must be equal;
  * the time of a round, from the second to the last: must agree within --tolerance;
  * the accuracy of every round.

Usage: reality.py [--binary FILE] [--delay-line FILE] [--runs DIR] [--repetitions N]
                  [--rounds N] [--cases NAME,...] [--tolerance SHARE] [--write FILE]
Prints a table; --write puts it into FILE too, with a description. Exit code 1 if something does
not agree, 77 (skipped, with the reason) where namespaces are forbidden. Needs Python 3.9,
iproute2, and root or user namespaces.
"""

import argparse
import csv
import json
import os
import pathlib
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
import namespaces  # pylint: disable=wrong-import-position

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCENARIO = ROOT / "scenarios" / "reality.yaml"
SKIPPED = 77
HOSTS = 4
PORT = 5555
DEADLINE_S = 120


class Case:
    """Links in Mbit/s and ms, the time of a local step, and what else is not as in the file."""

    def __init__(self, name, up, down, latency_ms, step_ms, rounds, heartbeat="10s", tcp="",
                 overrides=()):
        self.name = name
        self.up = up
        self.down = down
        self.latency_ms = latency_ms
        self.step_ms = step_ms
        self.rounds = rounds
        self.heartbeat = heartbeat
        self.tcp = tcp
        self.overrides = list(overrides)

    def network(self, kind="shared", tcp=True):
        return (f"network={{kind: {kind}, latency: {self.latency_ms}ms, up: {self.up}Mbit/s, "
                f"down: {self.down}Mbit/s{', tcp: {' + self.tcp + '}' if tcp else ''}}}")

    def settings(self, network, rounds):
        values = [network, f"compute.step_time={self.step_ms}ms",
                  f"protocol.rounds={rounds or self.rounds}", *self.overrides]
        return [word for value in values for word in ("-c", value)]

    def slug(self, of):
        return f"{self.name}-{of}"

    def product_kb(self):
        """Bandwidth times round trip."""
        return self.up * 2 * self.latency_ms / 8


CASES = (
    Case("low", up=20, down=100, latency_ms=2, step_ms=20, rounds=24),
    Case("high", up=100, down=200, latency_ms=50, step_ms=100, rounds=12),
    Case("high-heartbeats", up=100, down=200, latency_ms=50, step_ms=100, rounds=12,
         heartbeat="200ms", tcp="idle_restart: false"),
    Case("high-large", up=100, down=200, latency_ms=50, step_ms=100, rounds=12,
         overrides=["model={kind: mlp, hidden: [256]}"]),
    Case("busy-downlinks", up=20, down=20, latency_ms=10, step_ms=20, rounds=24,
         overrides=["topology={kind: complete}"]),
)


class Result:
    """What a run directory says."""

    def __init__(self, directory):
        summary = json.loads((directory / "summary.json").read_text())
        with open(directory / "metrics.csv", newline="") as file:
            rows = list(csv.DictReader(file))
        self.digest = summary["model_digest"]
        self.bytes = [int(row["bytes_sent"]) for row in rows]
        self.rounds = [int(row["round"]) for row in rows]
        self.accuracy = [float(row["accuracy_mean"]) for row in rows]
        self.times = [float(row["time_s"]) for row in rows]

    def round_s(self):
        return (self.times[-1] - self.times[0]) / (len(self.times) - 1)


class Bench:
    """Programs, and where their runs go."""

    def __init__(self, options):
        self.hearsay = str(pathlib.Path(options.binary).resolve())
        self.delay_line = pathlib.Path(options.delay_line).resolve()
        self.runs = pathlib.Path(options.runs or tempfile.mkdtemp(prefix="hearsay-reality-"))
        self.rounds = options.rounds

    def simulate(self, case, name, network):
        out = self.runs / case.slug(name)
        subprocess.run([self.hearsay, "run", SCENARIO, "--out", out, "--no-report",
                        *case.settings(network, self.rounds)],
                       check=True, capture_output=True)
        return Result(out)

    def deploy(self, case, repetition):
        """The result, how many pieces of work were late, and what passed the wire."""
        out = self.runs / case.slug(f"live-{repetition}")
        shutil.rmtree(out, ignore_errors=True)
        out.mkdir(parents=True)
        self._write_deployment(case, out)
        with namespaces.Network(self.delay_line, HOSTS, case.up * 10**6, case.down * 10**6,
                                case.latency_ms * 1e-3) as network:
            started = [self._start(out, f"host-{host}", network.inside(host))
                       for host in range(HOSTS)]
            started.append(self._start(out, "recorder", ["nice", "-n", "10"]))
            codes = [process.wait(timeout=DEADLINE_S) for process in started]
        if any(codes):
            raise RuntimeError(f"exit codes {codes}; see {out}/*.log")
        late = 0
        for host in range(HOSTS):
            log = (out / f"host-{host}.log").read_text()
            late += int(log.split("compute model says: ")[1].split()[0].rstrip(","))
        return Result(out / "run"), late, network.passed

    def _write_deployment(self, case, out):
        # The scenario with all overrides, as `hearsay run` has resolved it.
        lines = [f"scenario: {self.runs / case.slug('shared-tcp') / 'scenario.yaml'}",
                 f"run: {out.name}", "emulate_compute: true", f"heartbeat: {case.heartbeat}",
                 "processes:"]
        places = [(f"host-{host}", namespaces.Network.address(host),
                   f", first_peer: {host}, peers: 1") for host in range(HOSTS)]
        for name, address, peers in places + [("recorder", namespaces.MANAGEMENT, "")]:
            key = subprocess.run([self.hearsay, "keys", "--keys", out / "keys", "new", name],
                                 check=True, capture_output=True, text=True).stdout.strip()
            lines.append(f"  - {{name: {name}, key: '{key}', listen: 'tcp://{address}:{PORT}', "
                         f"address: 'tcp://{address}:{PORT}'{peers}}}")
        (out / "deployment.yaml").write_text("\n".join(lines) + "\n")

    def _start(self, out, name, prefix):
        with open(out / f"{name}.log", "w", encoding="utf-8") as log:
            return subprocess.Popen(
                [*prefix, self.hearsay, "node", "--deployment", str(out / "deployment.yaml"),
                 "--host", name, "--keys", str(out / "keys"),
                 *(["--out", str(out / "run")] if name == "recorder" else [])],
                stdout=log, stderr=subprocess.STDOUT)


class Comparison:
    """One case: simulated with what TCP adds (the scenario), and without; deployed."""

    def __init__(self, bench, case, repetitions):
        self.case = case
        self.simulated = bench.simulate(case, "shared-tcp", case.network())
        self.queued = bench.simulate(case, "links-tcp", case.network("links"))
        self.without = bench.simulate(case, "shared", case.network(tcp=False))
        self.live, self.late, self.passed = zip(*[bench.deploy(case, repetition)
                                                  for repetition in range(repetitions)])
        self.round_s = statistics.median(run.round_s() for run in self.live)

    def difference(self, simulated):
        return simulated.round_s() / self.round_s - 1

    def accuracy_gap(self):
        return max(abs(a - b) for run in self.live
                   for a, b in zip(run.accuracy, self.simulated.accuracy))

    def failures(self, tolerance):
        wrong = []
        for run in self.live:
            for what in ("rounds", "bytes", "digest"):
                if getattr(run, what) != getattr(self.simulated, what):
                    wrong.append(f"{what}: {getattr(run, what)} deployed, "
                                 f"{getattr(self.simulated, what)} simulated")
        if abs(self.difference(self.simulated)) > tolerance:
            wrong.append(f"a round takes {self.round_s:.4f} s deployed, "
                         f"{self.simulated.round_s():.4f} s simulated")
        return [f"{self.case.name}: {text}" for text in wrong]

    def row(self):
        case = self.case
        times = sorted(run.round_s() * 1e3 for run in self.live)
        same = all(run.digest == self.simulated.digest for run in self.live)
        same_bytes = all(run.bytes == self.simulated.bytes for run in self.live)

        def simulated(result):
            return f"{result.round_s() * 1e3:.0f} ({100 * self.difference(result):+.1f} %)"

        return [case.name, f"{case.up}, {case.down}", f"{case.latency_ms}",
                f"{case.product_kb():.0f}", f"{self.simulated.rounds[-1]}",
                f"{self.simulated.bytes[-1] / 1e6:.2f}, {'equal' if same_bytes else 'DIFFER'}",
                f"{self.simulated.digest}, {'equal' if same else 'DIFFER'}",
                f"{self.round_s * 1e3:.0f} [{times[0]:.0f}, {times[-1]:.0f}]",
                simulated(self.simulated), simulated(self.queued), simulated(self.without),
                f"{self.simulated.accuracy[-1]:.4f}, {self.accuracy_gap():.4f}",
                f"{sum(self.late)}"]


HEADINGS = ["case", "up, down (Mbit/s)", "latency (ms)", "bandwidth x round trip (kB)", "rounds",
            "MB sent, live and simulated", "model digest, live and simulated", "ms per round, live",
            "simulated: `shared`, tcp", "`links`, tcp", "`shared` without tcp",
            "accuracy, largest gap", "late"]


def table(comparisons):
    rows = [HEADINGS, ["---"] * len(HEADINGS)] + [item.row() for item in comparisons]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows) + "\n"


def description(repetitions):
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        model = next(line.split(":")[1].strip() for line in file if line.startswith("model name"))
    return f"""# Simulation against reality

**Question:** does a simulated round take as long as a real one, and is all else equal?

`scenarios/reality.yaml` with the links of each case, deployed and simulated. Deployed: four
network namespaces with one process and one peer each, TCP with CURVE; rates by `tc tbf` on both
ends of a virtual Ethernet pair, latency by a wire that holds every packet that long, congestion
control cubic with Linux's defaults; training and aggregation take what the compute model says
(`emulate_compute`), heartbeats come every 10 s but in one case.
The median of {repetitions} runs stands before the least and the most; a round's time is the mean
from the first round's end to the last one's. *Late* counts work that took longer than the
compute model says. The accuracy gap is the largest of any round.

Made by `bench/reality/reality.py --write results/reference/reality.md` on {os.cpu_count()} cores
of an {model}, Linux {platform.release()}, load average {os.getloadavg()[0]:.1f} at the start,
{time.strftime('%Y-%m-%d')}.

"""


READING = """
* `low`: less than TCP's first window is under way at a time: nobody waits for a window.
* `high`: a model takes three round trips more than the links alone would let it, since windows
  have shrunk to ten segments while the peers trained. A simulation without `tcp` cannot know.
* `high-heartbeats`: the heartbeats of a deployment, every 200 ms by default, keep connections
  from being idle for longer than a timeout, so that windows stay open; the scenario says so with
  `tcp: {idle_restart: false}`.
* `high-large`: models of 0.8 MB. Two connections that fill one queue with windows of this size
  leave slow start earlier than one would (HyStart), which the simulator leaves out.
* `busy-downlinks`: three models come to each host at once, through one downlink.

`links` sends a host's models one after the other, `shared` side by side, as TCP does.
"""


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", default=ROOT / "build/node/hearsay")
    parser.add_argument("--delay-line", default=ROOT / "build/bench/delay_line")
    parser.add_argument("--runs", help="where runs are left (default: a new temporary folder)")
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=0, help="of every case (default: its own)")
    parser.add_argument("--cases", default=",".join(case.name for case in CASES))
    parser.add_argument("--tolerance", type=float, default=0.1, help="of a round's time")
    parser.add_argument("--write", help="file that gets the table")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


def main():
    options = parse_options()
    started = description(options.repetitions)
    try:
        if not options.inside:
            namespaces.enter([sys.executable, *sys.argv, "--inside"])
        namespaces.try_out()
    except namespaces.Forbidden as reason:
        print(f"skipped: {reason}")
        return SKIPPED
    try:
        os.nice(-10)
    except PermissionError:
        pass
    bench = Bench(options)
    comparisons = [Comparison(bench, case, options.repetitions)
                   for case in CASES if case.name in options.cases.split(",")]
    text = table(comparisons)
    print(text)
    if options.write:
        pathlib.Path(options.write).write_text(started + text + READING, encoding="utf-8")
    failures = [line for item in comparisons for line in item.failures(options.tolerance)]
    for line in failures:
        print(line)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
