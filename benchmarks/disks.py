"""Every command that writes on a disk that fails at each of its operations in turn, and killed at each of them.

    python benchmarks/disks.py
    python benchmarks/disks.py --only gallery --only "export npz"

After each fault: one line and status 1, or all done; each result wholly the old or wholly the new; and the same command
ends as if nothing had happened, with nothing left aside. Of each command the first that is not so is told,
and the status is 1.
"""

import argparse
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from probe.render.table import table
from tests.attention.translator.conftest import compile_once as compile_translators_once
from tests.corpus.server import Behaviour, serving
from tests.crash.commands import COMMANDS, GIVEN, make_given
from tests.crash.quick import compile_once, train
from tests.crash.sweep import MANNERS, Sweep
from tests.crash.test_commands import BOOK

TEXT = "“Come in,” said the fox (a red one). The cat, who was 3, did not.\n\n" * 20
TITLES = ("command", "operations", *MANNERS, "kills", "run again", "seconds")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", action="append", choices=list(COMMANDS), metavar="NAME")
    names = parser.parse_args().only or list(COMMANDS)
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch, serving(
            Behaviour(BOOK)) as address:
        place, disk = Path(folder) / "place", Path(folder) / "disk"
        (disk / GIVEN).mkdir(parents=True)
        place.mkdir()
        (place / "text.txt").write_text(TEXT, encoding="utf-8")
        patch.setattr("probe.activations.store.part.PART_ROWS", 500)
        patch.setattr("probe.activations.store.size.MARGIN", 0)
        patch.setattr("secrets.token_hex", lambda size: "ab" * size)
        compile_once(patch)
        compile_translators_once(patch)
        train(place / "text.txt", place / "whole")
        make_given(disk / GIVEN, place, f"{address}/file")
        rows, broken = [], 0
        for name in names:
            try:
                rows.append(swept(name, disk))
            except AssertionError as error:
                broken += 1
                print(f"{name}: {error!s:.2000}", flush=True)
    print(table(TITLES, rows, 160))
    print(f"{sum(sum(row[2:-2]) for row in rows):,} faults and kills")
    return 1 if broken else 0


def swept(name: str, disk: Path) -> tuple:
    """Try everything with one command; return its row of the table."""
    began, counts, healings = time.monotonic(), [], 0
    with Sweep(name, COMMANDS[name], disk) as sweep:
        operations = len(sweep.kinds)
        for title in [title for title in MANNERS if title != "unreadable"]:
            counts.append(tried(sweep, title))
        for number, state in enumerate(sweep.states):
            sweep.kill(state, f"in state {number}")
        kills, healings = len(sweep.states), sweep.healings
    with Sweep(name, replace(COMMANDS[name], kept=()), disk) as sweep:  # else what is kept would not be read
        counts.append(tried(sweep, "unreadable"))
        healings += sweep.healings
    row = name, operations, *counts, kills, healings, round(time.monotonic() - began)
    print(*row, flush=True)
    return row


def tried(sweep: Sweep, title: str) -> int:
    """Let each operation fail in one manner; return how many there are."""
    operations = sweep.operations(MANNERS[title])
    for at in range(1, operations + 1):
        sweep.fault(MANNERS[title], at)
    return operations


if __name__ == "__main__":
    sys.exit(main())
