"""How fast units are related to patterns: this project, scipy, scikit-learn, numpy, the floors, and the forward pass.

    python benchmarks/scan.py
    python benchmarks/scan.py --rounds 21 --json scan.json

Every contender lives in a process of its own, and all of them take one step in turn, round after round, so that
whatever else the machine does concerns them alike. Ratios are taken within each round; their median and quartiles are
printed.

A speed is in (unit × pattern × character) a second. Functions that take one pair at a time are asked for a few pairs.
The forward pass reads a text by a network of two layers with half of the units each and random weights; its speed is
multiplied by units × patterns, as if it served them all. A scan reads and measures in turn: what measures add to the
forward pass is the ratio of their times.
"""

import argparse
import contextlib
import json
import statistics
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from contenders.scanning import LAYERS, PAIRS
from neighbours import Neighbours, disturbed, said
from train import Bar, ratios, verdict
from workers import Worker
from workload import Workload

from probe.files import replace_text
from probe.model import ModelOptions
from probe.render import table

# Characters of the forward pass in one step, and its streams.
READ, STREAMS = 1 << 15, 256
WARM_UP = 2


@dataclass(frozen=True)
class Contender:
    """Who measures.

    Attributes:
        kind: its class in ``contenders.scanning``.
        work: units × patterns of one step, from (units, boolean patterns, graded patterns).
    """

    kind: str
    work: Callable[[int, int, int], int]


def _pairs(units: int, boolean: int, graded: int) -> int:
    return PAIRS


def _boolean(units: int, boolean: int, graded: int) -> int:
    return units * boolean


def _graded(units: int, boolean: int, graded: int) -> int:
    return units * graded


def _every(units: int, boolean: int, graded: int) -> int:
    return units * (boolean + graded)


CONTENDERS = {
    "scipy pearsonr": Contender("PearsonR", _pairs),
    "scikit-learn AUC": Contender("RocAuc", _pairs),
    "scikit-learn AP": Contender("AveragePrecision", _pairs),
    "numpy corrcoef": Contender("CorrCoef", _every),
    "ours Pearson": Contender("Moment", _every),
    "ours AUC, AP, MI, F1, IoU": Contender("Classes", _boolean),
    "ours Spearman": Contender("Levels", _graded),
    "ours all": Contender("All", _every),
    "ours null": Contender("Rolls", _every),
    "floor product": Contender("Product", _every),
    "floor reading": Contender("Reading", _every),
}
FORWARD = "forward pass"
# All measures are to take at most half of the forward pass's time, the null, of the text that confirms, three tenths.
BARS = (Bar("ours Pearson", "floor product", 1 / 1.5), Bar("ours AUC, AP, MI, F1, IoU", "scikit-learn AUC", 1000.0),
        Bar("ours all", FORWARD, 1 / 0.5), Bar("ours null", FORWARD, 1 / 0.3))


def main() -> None:
    arguments = _arguments()
    size = arguments.units, arguments.boolean, arguments.graded
    network = Workload(ModelOptions(units=arguments.units // LAYERS, layers=LAYERS), arguments.characters, STREAMS,
                       READ // STREAMS)
    speeds: dict[str, list[float]] = {name: [] for name in (*CONTENDERS, FORWARD)}
    with contextlib.ExitStack() as stack:
        workers = {name: stack.enter_context(Worker(f"contenders.scanning:{each.kind}", *size, arguments.block,
                                                    arguments.threads, threads=arguments.threads))
                   for name, each in CONTENDERS.items()}
        workers[FORWARD] = stack.enter_context(Worker("contenders.timed:Timed", "contenders.ours_reading:Hidden",
                                                      "float32", arguments.threads, threads=arguments.threads))
        workers[FORWARD].ask("build", network)
        for number in range(WARM_UP + arguments.rounds):
            if number == WARM_UP:
                neighbours = Neighbours(workers.values())
            for name, worker in workers.items():
                seconds = worker.ask("step")
                if number >= WARM_UP:
                    speeds[name].append(work(name, size, arguments.block) / seconds)
            if sys.stderr.isatty():
                print(f"\rround {number + 1} of {WARM_UP + arguments.rounds}", end="", file=sys.stderr)
        busy = neighbours.cores()
    print(f"{arguments.units} units × {arguments.boolean} boolean and {arguments.graded} graded patterns, blocks of "
          f"{arguments.block} characters, {arguments.threads} threads, {arguments.rounds} rounds")
    print(table(("contender", "unit × pattern × character /s", "µs a character", "of the forward pass", "quartiles"),
                [row(name, speeds, size) for name in speeds]))
    print(said(busy), end="\n\n")
    lines = [[f"{bar.faster} / {bar.slower}", statistics.median(found), bar.least,
              verdict(bar, found, disturbed(busy))] for bar in BARS
             for found in [ratios(speeds, bar.faster, bar.slower)]]
    print(table(("bar, by speed", "measured", "at least", "verdict"), lines))
    if arguments.json:
        replace_text(arguments.json, json.dumps({
            "speeds": speeds, "threads": arguments.threads, "units": arguments.units, "boolean": arguments.boolean,
            "graded": arguments.graded, "block": arguments.block, "cores_used_by_others": busy,
            "bars": [dict(zip(("bar", "measured", "at_least", "verdict"), line, strict=True)) for line in lines]},
            indent=1))


def work(name: str, size: tuple[int, int, int], block: int) -> int:
    """Return units × patterns × characters of one step of a contender."""
    return _every(*size) * READ if name == FORWARD else CONTENDERS[name].work(*size) * block


def row(name: str, speeds: dict[str, list[float]], size: tuple[int, int, int]) -> list[object]:
    """Return one contender's line of the table: its time is that of all pairs that it serves."""
    served = _every(*size) if name == FORWARD or CONTENDERS[name].work is _pairs else CONTENDERS[name].work(*size)
    shares = [served / _every(*size) * share for share in ratios(speeds, FORWARD, name)]
    spread = statistics.quantiles(shares, n=4, method="inclusive") if len(shares) > 1 else []
    speed = statistics.median(speeds[name])
    return [name, f"{speed:.2g}", round(served / speed * 1e6, 2), f"{statistics.median(shares):.0%}",
            f"{spread[0]:.0%} … {spread[2]:.0%}" if spread else "–"]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--units", type=int, default=1024, help="of two layers together")
    parser.add_argument("--boolean", type=int, default=33, help="boolean patterns")
    parser.add_argument("--graded", type=int, default=7, help="graded patterns")
    parser.add_argument("--block", type=int, default=1 << 14, help="characters in one step")
    parser.add_argument("--characters", type=int, default=80, help="size of the vocabulary")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--threads", type=int, default=2, help="of every contender")
    parser.add_argument("--json", type=Path, help="also write all speeds to this file")
    return parser.parse_args()


if __name__ == "__main__":
    main()
