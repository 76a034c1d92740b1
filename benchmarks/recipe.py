"""Vary one option of the default recipe at a time, and train each for the same minutes.

    python benchmarks/recipe.py shakespeare.txt --minutes 2
    python benchmarks/recipe.py alice.txt --minutes 2 --vary length=25,50,100 --vary dropout=0,0.2

Prints the best validation loss of each. Trainings run on one core each, as many at once as there are cores, in an order
that puts a value of every option before the second value of any, so that what disturbs the machine disturbs all alike.
"""

import argparse
import itertools
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue

from probe.errors import UserError
from probe.train.status import RunStatus

VARIED = ("units=128,384,512", "layers=2", "learning-rate=0.004,0.012", "schedule=linear,constant", "dropout=0.2",
          "length=25,100", "batch=8,32", "reset-every=0", "precision=float32")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("text", type=Path, metavar="TEXT")
    parser.add_argument("--minutes", type=float, default=2.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--vary", action="append", metavar="OPTION=VALUE,…", help=f"[{' '.join(VARIED)}]")
    arguments = parser.parse_args()
    free: SimpleQueue[int] = SimpleQueue()
    for core in sorted(os.sched_getaffinity(0)):
        free.put(core)

    def trained(changed: tuple[str, ...]) -> tuple[tuple[str, ...], str]:
        core = free.get()
        try:
            return changed, _train(arguments, changed, core)
        finally:
            free.put(core)

    with ThreadPoolExecutor(free.qsize()) as pool:
        for changed, line in pool.map(trained, [(), *_changes(arguments.vary or VARIED)]):
            print(f"{' '.join(changed) or 'the default':28} {line}", flush=True)


def _changes(varied: list[str]) -> Iterator[tuple[str, ...]]:
    """Flags for one changed option each."""
    options = [(option, values.split(",")) for option, _, values in (each.partition("=") for each in varied)]
    for row in itertools.zip_longest(*([(f"--{option}", value) for value in values] for option, values in options)):
        yield from filter(None, row)


def _train(arguments: argparse.Namespace, changed: tuple[str, ...], core: int) -> str:
    with tempfile.TemporaryDirectory() as place:
        command = [sys.executable, "-m", "probe", "train", str(arguments.text), "--run", f"{place}/run", "--minutes",
                   str(arguments.minutes), "--seed", str(arguments.seed), *changed]
        done = subprocess.run(command, capture_output=True, text=True, check=False,
                              preexec_fn=lambda: os.sched_setaffinity(0, {core}))
        if done.returncode:
            raise UserError(f"{' '.join(command)}: {done.stderr}")
        status = RunStatus.of(Path(place) / "run")
    if status.best is None:
        raise UserError(f"{' '.join(command)}: ended before its first validation; give more --minutes")
    return (f"{status.step:6,} updates   validation {status.best['nats']:.3f} nats, "
            f"{status.best['bits']:.3f} bits a character")


if __name__ == "__main__":
    main()
