"""Characters a second in reading activations: this project, Keras, PyTorch, the article's loop, and the floor.

    python benchmarks/extract.py
    python benchmarks/extract.py --rounds 5 --only torch,ours,floor --long 346000 --json extract.json

Every contender lives in a process of its own. Each first reads with several numbers of streams, and then all of them
read in turn at their best one, round after round, so that whatever else the machine does concerns them alike. Ratios
are taken within each round; their median and quartiles are printed.

What they tell differs, never in this project's favour: PyTorch the hidden state of the last layer, Keras that of every
layer, ours those signals of every layer that are named. The article's loop tells one layer's at one character a time.
The floor is the matrix products alone, at the rate of TensorFlow's product of the very same shapes; a kernel with
products of its own may be below it.

With --long one sequence of so many characters is read as one stream, and memory is measured at that length and at an
eighth of it.
"""

import argparse
import contextlib
import json
import statistics
import sys
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path

from neighbours import Neighbours, disturbed, said
from train import Bar, ratios, verdict
from workers import Worker
from workload import Workload

from probe.files import replace_text
from probe.model import ModelOptions
from probe.render import table


@dataclass(frozen=True)
class Contender:
    """Who reads.

    Attributes:
        kind: its class, as ``"module:class"``.
        precision: ``"float32"`` or ``"bfloat16"``.
        streams: the numbers of streams that are tried.
        characters: read in one step; streams are so long that there are as many.
    """

    kind: str
    precision: str = "float32"
    streams: tuple[int, ...] = (64, 128, 256, 512)
    characters: int = 1 << 15


TORCH = (64, 256, 512, 1024, 2048)
CONTENDERS = {
    "article's loop": Contender("keras_reading:ArticleLoop", streams=(1,), characters=6),
    "keras": Contender("keras_reading:KerasPredict", streams=(64, 256, 1024)),
    "torch": Contender("torch_reading:TorchReading", streams=TORCH),
    "torch bfloat16": Contender("torch_reading:TorchReading", "bfloat16", TORCH),
    "ours hidden": Contender("ours_reading:Hidden"),
    "ours hidden, cell": Contender("ours_reading:HiddenAndCell"),
    "ours all": Contender("ours_reading:All"),
    "ours hidden bfloat16": Contender("ours_reading:Hidden", "bfloat16"),
    "ours all bfloat16": Contender("ours_reading:All", "bfloat16"),
    "floor": Contender("floor:ReadingFloor", streams=(128, 512)),
}
BARS = (Bar("ours hidden, cell", "torch", 1.0), Bar("ours all", "torch", 0.8),
        Bar("ours all", "ours hidden, cell", 0.8), Bar("ours hidden, cell", "article's loop", 5000.0),
        Bar("ours hidden bfloat16", "torch bfloat16", 1.0), Bar("ours hidden", "floor", 0.7))
INSTALL = "not installed: pip install -e .[bench]"


def main() -> None:
    arguments = _arguments()
    names = [name for name in CONTENDERS if name in arguments.only or name.split()[0].split("'")[0] in arguments.only]
    missing = [name for name in names if name.startswith("torch") and find_spec("torch") is None]
    work = Workload(ModelOptions(units=arguments.units, layers=arguments.layers), arguments.characters, 1, 1)
    with contextlib.ExitStack() as stack:
        workers = {name: stack.enter_context(worker(CONTENDERS[name], arguments.threads))
                   for name in names if name not in missing}
        tried = {name: sweep(each, CONTENDERS[name], work) for name, each in workers.items()}
        speeds: dict[str, list[float]] = {name: [] for name in workers}
        for name, each in workers.items():
            each.ask("build", sized(work, CONTENDERS[name], best(tried[name])))
            each.ask("step")
        neighbours = Neighbours(workers.values())
        for number in range(arguments.rounds):
            for name, each in workers.items():
                speeds[name].append(CONTENDERS[name].characters / each.ask("step"))
            if sys.stderr.isatty():
                print(f"\rround {number + 1} of {arguments.rounds}", end="", file=sys.stderr)
        busy = neighbours.cores()
        idle = {name: each.idle_work / max(each.idle_seconds, 1e-9) for name, each in workers.items()}
    print(f"{work.name} units, V = {work.vocabulary}, {arguments.threads} threads, {arguments.rounds} rounds")
    print(table(("contender", "streams", "characters/s", "× PyTorch", "quartiles"),
                [*(row(name, speeds, best(tried[name])) for name in speeds),
                 *([name, None, None, None, INSTALL] for name in missing)]))
    print(said(busy), end="\n\n")
    lines = [[f"{bar.faster} / {bar.slower}", statistics.median(found) if found else None, bar.least,
              verdict(bar, found, disturbed(busy))]
             for bar in BARS for found in [ratios(speeds, bar.faster, bar.slower)]]
    print(table(("bar", "measured", "at least", "verdict"), lines))
    print("\ncharacters/s by streams: " + "; ".join(
        f"{name} " + ", ".join(f"{streams}: {speed:,.0f}" for streams, speed in each.items())
        for name, each in tried.items()))
    if idle:
        busiest, share = max(idle.items(), key=lambda each: each[1])
        print(f"while waiting for its turn, no contender used more than {share:.1%} of a core ({busiest})")
    long = read_long(arguments, work) if arguments.long else []
    if long:
        print("\n" + table(("one sequence", "characters", "what became of it", "largest memory, MB"), long))
    if arguments.json:
        replace_text(arguments.json, json.dumps({
            "characters_per_second": speeds, "by_streams": tried, "threads": arguments.threads, "size": work.name,
            "vocabulary": work.vocabulary, "idle": idle, "cores_used_by_others": busy, "missing": missing, "long": long,
            "bars": [dict(zip(("bar", "measured", "at_least", "verdict"), line, strict=True)) for line in lines]},
            indent=1))


def worker(contender: Contender, threads: int) -> Worker:
    """Start a contender's process."""
    return Worker("contenders.timed:Timed", f"contenders.{contender.kind}", contender.precision, threads,
                  threads=threads)


def sized(work: Workload, contender: Contender, streams: int) -> Workload:
    """Return the work of one step of a contender in so many streams."""
    return replace(work, streams=streams, length=contender.characters // streams)


def sweep(contestant: Worker, contender: Contender, work: Workload) -> dict[int, float]:
    """Return characters a second by the number of streams, the faster of two readings after a first."""
    speeds = {}
    for streams in contender.streams:
        contestant.ask("build", sized(work, contender, streams))
        contestant.ask("step")
        speeds[streams] = contender.characters / min(contestant.ask("step") for _ in range(2))
        if sys.stderr.isatty():
            print(f"\r{contender.kind} {streams} streams: {speeds[streams]:,.0f}    ", end="", file=sys.stderr)
    return speeds


def best(speeds: dict[int, float]) -> int:
    """Return the number of streams that is fastest."""
    return max(speeds, key=lambda streams: speeds[streams])


def row(name: str, speeds: dict[str, list[float]], streams: int) -> list[object]:
    """Return one contender's line of the table."""
    beside = ratios(speeds, name, "torch bfloat16" if name.endswith("bfloat16") else "torch")
    spread = statistics.quantiles(beside, n=4, method="inclusive") if len(beside) > 1 else []
    return [name, streams, round(statistics.median(speeds[name]), 1), statistics.median(beside) if beside else None,
            f"{spread[0]:.2f} … {spread[2]:.2f}" if spread else "–"]


def read_long(arguments: argparse.Namespace, work: Workload) -> list[list[object]]:
    """Read one sequence in one stream, each time in a process of its own."""
    lines: list[list[object]] = []
    for name in ("ours all", "ours hidden", "torch"):
        if name == "torch" and find_spec("torch") is None:
            continue
        for length in (arguments.long // 8, arguments.long):
            with Worker(f"contenders.{CONTENDERS[name].kind}", replace(work, length=length), "float32",
                        arguments.threads, 0.0, 0, threads=arguments.threads) as each:
                what, memory = each.ask("long")
            lines.append([name, length, what, round(memory / 2**20)])
    return lines


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--layers", type=int, default=2)
    parser.add_argument("--units", type=int, default=512)
    parser.add_argument("--characters", type=int, default=80, help="size of the vocabulary")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--threads", type=int, default=2, help="of every contender")
    parser.add_argument("--only", type=_names, default=list(CONTENDERS),
                        help=f"some of: {'; '.join(CONTENDERS)}; one word stands for all that begin with it")
    parser.add_argument("--long", type=int, default=0, help="characters of the one long sequence; 0 is none")
    parser.add_argument("--json", type=Path, help="also write all speeds to this file")
    return parser.parse_args()


def _names(given: str) -> list[str]:
    words = {name.split()[0].split("'")[0] for name in CONTENDERS}
    names = given.split(",")
    for name in names:
        if name not in CONTENDERS and name not in words:
            raise argparse.ArgumentTypeError(f"must be some of {'; '.join(CONTENDERS)}; received {name!r}")
    return names


if __name__ == "__main__":
    main()
