"""How time and memory grow with the text, the layers, the units, the patterns and the vocabulary.

    python -m benchmarks.scale                                all of them, some hours
    python -m benchmarks.scale --only units,patterns
    python -m benchmarks.scale --only text --sizes 16,64,256,1000 --folder /data/scale --json scale.json

Every command runs as a user would run it, in a process of its own. Of each the seconds by the clock, the seconds of
cores, the most memory that was resident (VmHWM), what of it no mapped file can give back, and the bytes that it made
are printed, and how they grow: the k of sizeᵏ over the last step, and of what lies above a constant, which a process
that has just begun is full of. The cores that others used meanwhile stand beside: seconds by the clock then say little.
"""

import argparse
import json
import math
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.scaling.measuring import exponents, taken
from benchmarks.scaling.subjects import SUBJECTS, Subject
from probe.render import table

GROWING = {"seconds": "seconds", "work": "core seconds", "memory": "MB", "own": "own MB", "made": "bytes made"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default=",".join(SUBJECTS), help="some of them, with commas between")
    parser.add_argument("--sizes", help="others than usual, of a single subject, with commas between")
    parser.add_argument("--folder", type=Path, help="for what is made [a temporary one]")
    parser.add_argument("--json", type=Path, help="a file for all figures, written after each command")
    arguments = parser.parse_args()
    figures: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory(prefix="scale-", dir=arguments.folder) as place:
        log = Path(arguments.folder or place) / "scale.log"
        for name in arguments.only.split(","):
            subject = SUBJECTS[name]
            sizes = tuple(map(int, arguments.sizes.split(","))) if arguments.sizes else subject.sizes
            for size in sizes:
                for row in measured(name, subject, size, Path(place), log):
                    figures.append(row)
                    print(told(row, subject.unit), flush=True)
                    if arguments.json:
                        arguments.json.write_text(json.dumps(figures, indent=1), "utf-8")
            print("\n" + grown([row for row in figures if row["subject"] == name]) + "\n", flush=True)


def measured(name: str, subject: Subject, size: int, place: Path, log: Path):
    """Yield what each command took at one size; what they made goes when all are done."""
    folder = place / f"{name}-{size}"
    folder.mkdir()
    try:
        for step in subject.steps(size, folder):
            took = taken(step.command, log)
            yield {"subject": name, "size": size, "step": step.name, **asdict(took),
                   "made": bytes_of(step.made) if step.made else None}
    finally:
        shutil.rmtree(folder)


def bytes_of(path: Path) -> int:
    """Return the bytes of all files in a folder."""
    return sum(each.stat().st_size for each in path.rglob("*") if each.is_file())


def told(row: dict[str, Any], unit: str) -> str:
    """Return one line about one command."""
    made = "" if row["made"] is None else f", made {row['made'] / 1e6:,.1f} MB"
    return (f"{row['subject']} {row['size']:,} {unit}: {row['step']}: {row['seconds']:,.1f} s, {row['work']:,.1f} core "
            f"s, {row['memory']:,.0f} MB, {row['own']:,.0f} MB of its own{made}; others used {row['others']:.2f} cores")


def grown(rows: Sequence[dict[str, Any]]) -> str:
    """Return the exponents of each command as a table."""
    lines = []
    for step in dict.fromkeys(row["step"] for row in rows):
        of_step = [row for row in rows if row["step"] == step]
        cells = []
        for field in GROWING:
            values = [row[field] for row in of_step]
            cells.append("–" if None in values else " / ".join(
                "–" if math.isnan(k) else f"{k:.2f}" for k in exponents([row["size"] for row in of_step], values)))
        lines.append([step, *cells])
    return table(("growth: last step / above a constant", *GROWING.values()), lines)


if __name__ == "__main__":
    main()
