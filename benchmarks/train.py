"""Characters a second in training: this project, Keras, PyTorch, the article's scheme, and the floor, side by side.

    python benchmarks/train.py
    python benchmarks/train.py --sizes 2x512 --rounds 21 --only torch,ours,floor --json train.json

Every contender lives in a process of its own, and all of them take one step in turn, round after round, so that
whatever else the machine does concerns them alike. Ratios are taken within each round; their median and quartiles are
printed.

A step of keras, torch and ours is the same work: forward, loss over every character, backward, clip by global norm,
Adam, the recurrent state carried on. The article's step reads as many windows of as many characters and predicts the
one character after each: it trains on one character a window. The floor is the step's matrix products alone, at the
rate of TensorFlow's product of the very same shapes; a kernel with products of its own may be below it.
"""

import argparse
import contextlib
import json
import statistics
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from neighbours import Neighbours, disturbed, said
from workers import Worker
from workload import Workload

from probe.files import replace_text
from probe.model import ModelOptions
from probe.render import table

# Name → class, precision, and whose ratio to it is shown.
CONTENDERS = {
    "keras": ("contenders.keras_lstm:KerasLSTM", "float32", "torch"),
    "torch": ("contenders.torch_lstm:TorchLSTM", "float32", "torch"),
    "torch bfloat16": ("contenders.torch_lstm:TorchLSTM", "bfloat16", "torch bfloat16"),
    "ours": ("contenders.ours:Ours", "float32", "torch"),
    "ours bfloat16": ("contenders.ours:Ours", "bfloat16", "torch bfloat16"),
    "article": ("contenders.article:Article", "float32", "torch"),
    "floor": ("contenders.floor:Floor", "float32", "torch"),
    "floor bfloat16": ("contenders.floor:Floor", "bfloat16", "torch bfloat16"),
}
INSTALL = "not installed: pip install -e .[bench]"
WARM_UP = 2


@dataclass(frozen=True)
class Bar:
    """``faster`` is to make at least ``least`` × the characters a second of ``slower``."""

    faster: str
    slower: str
    least: float
    stretch: bool = False


MAIN = "2 × 512"
MAIN_BARS = (Bar("ours", "torch", 1.3), Bar("ours", "floor", 0.7), Bar("ours", "keras", 2.0, stretch=True),
             Bar("ours bfloat16", "torch bfloat16", 1.3))
OTHER_BARS = (Bar("ours", "torch", 1.0), Bar("ours bfloat16", "torch bfloat16", 1.0))

# Characters a second of each contender, in each round.
Speeds = dict[str, list[float]]


def main() -> None:
    arguments = _arguments()
    names = [name for name in CONTENDERS if name.split()[0] in arguments.only or name in arguments.only]
    missing = [name for name in names if name.startswith("torch") and find_spec("torch") is None]
    measured, busy, verdicts = {}, {}, []
    with contextlib.ExitStack() as stack:
        workers = {name: stack.enter_context(Worker("contenders.timed:Timed", *CONTENDERS[name][:2], arguments.threads,
                                                    threads=arguments.threads))
                   for name in names if name not in missing}
        for layers, units in arguments.sizes:
            work = Workload(ModelOptions(units=units, layers=layers), arguments.characters, arguments.streams,
                            arguments.length)
            speeds, busy[work.name] = measure(workers, work, arguments.rounds)
            measured[work.name] = speeds
            print(f"{work.name} units, {work.streams} streams × {work.length} characters, V = {work.vocabulary}, "
                  f"{arguments.threads} threads, {arguments.rounds} rounds")
            print(table(("contender", "s a step", "characters/s", "× PyTorch", "quartiles", "of the floor"),
                        [*(row(name, speeds, work) for name in speeds),
                         *([name, None, None, None, INSTALL, None] for name in missing)]))
            print(said(busy[work.name]), end="\n\n", flush=True)
            for bar in MAIN_BARS if work.name == MAIN else OTHER_BARS:
                verdicts.append((work.name, bar, ratios(speeds, bar.faster, bar.slower)))
        idle = {name: worker.idle_work / max(worker.idle_seconds, 1e-9) for name, worker in workers.items()}
    lines = [[size, f"{bar.faster} / {bar.slower}", statistics.median(found) if found else None, bar.least,
              verdict(bar, found, disturbed(busy[size]))] for size, bar, found in verdicts]
    print(table(("size", "bar", "measured", "at least", "verdict"), lines))
    if "article" in names:
        print(f"\narticle: {arguments.streams} windows of {arguments.length} characters a step, each trains on one "
              "character; Dropout 0.5, no clipping")
    if idle:
        busiest, share = max(idle.items(), key=lambda each: each[1])
        print(f"\nwhile waiting for its turn, no contender used more than {share:.1%} of a core ({busiest})")
    if arguments.json:
        replace_text(arguments.json, json.dumps({
            "characters_per_second": measured, "threads": arguments.threads, "streams": arguments.streams,
            "length": arguments.length, "vocabulary": arguments.characters, "idle": idle,
            "cores_used_by_others": busy, "missing": missing,
            "bars": [dict(zip(("size", "bar", "measured", "at_least", "verdict"), line, strict=True))
                     for line in lines]}, indent=1))


def measure(workers: dict[str, Worker], work: Workload, rounds: int) -> tuple[Speeds, float | None]:
    """Let every contender take one step in turn, ``rounds`` times after a warm-up.

    Returns:
        Their speeds, and the cores that others used meanwhile.
    """
    for worker in workers.values():
        worker.ask("build", work)
    speeds: Speeds = {name: [] for name in workers}
    for number in range(WARM_UP + rounds):
        if number == WARM_UP:
            neighbours = Neighbours(workers.values())
        for name, worker in workers.items():
            seconds = worker.ask("step")
            if number >= WARM_UP:
                speeds[name].append(trained(name, work) / seconds)
            if sys.stderr.isatty():
                print(f"\r{work.name}: round {number + 1} of {WARM_UP + rounds}, {name:16}", end="", file=sys.stderr)
    if sys.stderr.isatty():
        print("\r", " " * 60, end="\r", file=sys.stderr)
    return speeds, neighbours.cores()


def trained(name: str, work: Workload) -> int:
    """Return how many characters a step of a contender trains on."""
    return work.streams if name == "article" else work.streams * work.length


def row(name: str, speeds: Speeds, work: Workload) -> list[object]:
    """Return one contender's line of the table."""
    beside = ratios(speeds, name, CONTENDERS[name][2])
    spread = statistics.quantiles(beside, n=4, method="inclusive") if len(beside) > 1 else []
    quartiles = f"{spread[0]:.2f} … {spread[2]:.2f}" if spread else "–"
    below = ratios(speeds, name, "floor bfloat16" if name.endswith("bfloat16") else "floor")
    speed = statistics.median(speeds[name])
    return [name, trained(name, work) / speed, round(speed), statistics.median(beside) if beside else None, quartiles,
            f"{statistics.median(below):.0%}" if below else "–"]


def ratios(speeds: Speeds, faster: str, slower: str) -> list[float]:
    """Return how many times as fast one contender was as another in each round; nothing if either was not asked."""
    if faster not in speeds or slower not in speeds:
        return []
    return [one / other for one, other in zip(speeds[faster], speeds[slower], strict=True)]


def verdict(bar: Bar, found: list[float], busy: bool) -> str:
    """Say whether a bar is met; on a busy machine nobody knows."""
    if not found:
        return "not measured"
    if busy:
        return "not known: busy machine"
    met = "met" if statistics.median(found) >= bar.least else "missed"
    return f"{met} (stretch)" if bar.stretch else met


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=_sizes, default=_sizes("1x256,2x512,3x512"), help="layers x units, …")
    parser.add_argument("--streams", type=int, default=128)
    parser.add_argument("--length", type=int, default=100, help="characters of a stream in one step")
    parser.add_argument("--characters", type=int, default=80, help="size of the vocabulary")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--threads", type=int, default=2, help="of every contender")
    parser.add_argument("--only", type=_names, default=list(CONTENDERS),
                        help=f"some of: {', '.join(CONTENDERS)}; one word stands for both precisions")
    parser.add_argument("--json", type=Path, help="also write all speeds to this file")
    return parser.parse_args()


def _sizes(given: str) -> list[tuple[int, int]]:
    try:
        return [(int(layers), int(units)) for layers, units in (size.split("x") for size in given.split(","))]
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be layers x units, such as 1x256,2x512; received {given!r}") from None


def _names(given: str) -> list[str]:
    names = given.split(",")
    for name in names:
        if name not in CONTENDERS and name not in {each.split()[0] for each in CONTENDERS}:
            raise argparse.ArgumentTypeError(f"must be some of {', '.join(CONTENDERS)}; received {name!r}")
    return names


if __name__ == "__main__":
    main()
