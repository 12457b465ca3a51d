#!/usr/bin/env python3
"""Studies of protocols and aggregation rules: what papers claim, on our simulator.

Usage: run_studies.py STUDY... [--binary FILE] [--runs DIR] [--out DIR] [--jobs N]
Studies: modest, fedcompass, dadao, a2cid2, optimizers, skewed_labels; protocols: all of these;
robustness, vanishing_variance; aggregation: both.
Each runs its sweeps into DIR (a run that is there is not repeated), then writes STUDY.md,
STUDY.csv and, with gnuplot, STUDY.svg. Needs Python 3.9, nothing else.
"""

import argparse
import importlib
import pathlib
import sys

sys.dont_write_bytecode = True
from study import Options, ROOT  # pylint: disable=wrong-import-position

GROUPS = {"protocols": ("modest", "fedcompass", "dadao", "a2cid2", "optimizers",
                        "skewed_labels"),
          "aggregation": ("robustness", "vanishing_variance")}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("studies", nargs="+", choices=tuple(GROUPS) + sum(GROUPS.values(), ()))
    parser.add_argument("--binary", default=ROOT / "build" / "node" / "hearsay")
    parser.add_argument("--runs", default=ROOT / "results" / "runs" / "studies")
    parser.add_argument("--out", default=ROOT / "results" / "reference")
    parser.add_argument("--jobs", type=int, default=2)
    given = parser.parse_args()
    options = Options(given.binary, given.runs, given.out, given.jobs)
    pathlib.Path(options.runs).mkdir(parents=True, exist_ok=True)
    for name in [name for word in given.studies for name in GROUPS.get(word, (word,))]:
        importlib.import_module(f"study_{name}").run(options)


if __name__ == "__main__":
    main()
