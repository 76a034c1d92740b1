"""Does a scan tell the truth? False claims where nothing is to be found, and what is found where the truth is known.

    python -m benchmarks.validity                               on the standard library, with networks made for it
    python -m benchmarks.validity alice.txt shakespeare.txt     on these
    python -m benchmarks.validity --only noise,walks --alone    ranked on the text on which they are tested
    python -m benchmarks.validity --only power --run runs/alice

Each kind of scan is made 200 times, each time at another place of a text and with everything drawn anew but the trained
networks, which take turns. A rate of 5 % gives at most 16 of 200 in 97.5 of a hundred cases: up to there it counts as
met. What is counted is a scan in which any unit is claimed for any pattern, for `associated`; `learned` is a claim for
one pattern, and counted for each. Of several texts, networks read each, and are held against the labels of another
place of the same, and against those of the next text.
"""

import argparse
import json
import multiprocessing
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

from benchmarks.false_claims import (
    Claims,
    Noise,
    OtherLabels,
    OtherText,
    Scan,
    Shape,
    Untrained,
    binomial_point,
    claims,
    noise,
    scanned,
    untrained_run,
    walks,
)
from benchmarks.hand_wired import PLANTED, wired_story
from probe.activations import ExtractOptions, selection_and_confirmation
from probe.corpus import Corpus, CorpusOptions
from probe.files import replace_text
from probe.model import ModelOptions, Run
from probe.progress import progress_bar
from probe.render import table
from probe.scan import ScanOptions
from probe.train import PRESETS, train

DRAWN = {"noise": noise, "walks": walks}
KINDS = (*DRAWN, "labels", "untrained", "trained", "twins", "power")
# Patterns for which a wired unit is sought, and lengths of the story: half for the selection.
LENGTHS = (5_000, 10_000, 20_000, 40_000)


@dataclass(frozen=True)
class Series:
    """Scans of one kind.

    Attributes:
        name: in words.
        claim: what is counted.
        scan: makes one.
    """

    name: str
    claim: str
    scan: Scan


def main() -> None:
    arguments = _arguments()
    results: dict[str, object] = {}
    with tempfile.TemporaryDirectory() as folder, _workers(arguments.processes) as workers:
        for series in series_of(arguments, Path(folder)):
            results[series.name] = counted(series, arguments.scans, workers)
        if "power" in arguments.only:
            results["power"] = power(Path(folder), arguments.repeats)
            for run in arguments.run:
                results[f"power of {run}"] = power_of_run(Run.open(run))
    if arguments.json:
        replace_text(arguments.json, json.dumps(results, indent=1))


def series_of(arguments: argparse.Namespace, folder: Path) -> Iterator[Series]:
    """Yield what is to be scanned; networks are trained when it is their turn."""
    shape = Shape(arguments.characters, arguments.units, arguments.patterns, arguments.alone)
    texts = _texts(arguments.texts, folder)
    names = list(texts)
    for kind, (number, (name, corpus)) in product(arguments.only, enumerate(texts.items())):
        if kind in DRAWN:
            yield Series(f"{kind}, labels of {name}", "associated", Noise(corpus, shape, DRAWN[kind]))
        elif kind == "labels":
            yield Series(f"labels of {name} as units, labels of another place", "associated",
                         OtherLabels(corpus, shape))
        elif kind in ("untrained", "trained"):
            trained = kind == "trained"
            runs = _trained(arguments, number, folder) if trained else [untrained_run(corpus, shape.units)]
            for other in dict.fromkeys((name, names[(number + 1) % len(names)])):
                place = "another place" if other == name else other
                yield Series(f"{kind} networks on {name}, labels of {place}", "associated",
                             OtherText([run.folder for run in runs], None if other == name else texts[other], shape,
                                       trained))
        elif kind == "twins":
            yield Series(f"untrained networks on {name}, against 19 twins", "learned",
                         Untrained(untrained_run(corpus, shape.units).folder, shape))


def counted(series: Series, scans: int, workers: ProcessPoolExecutor | None) -> dict[str, object]:
    """Make the scans, print how many claim anything falsely, and return it."""
    began = time.perf_counter()
    made: list[Claims] = []
    with progress_bar(scans, series.name, " scans") as bar:
        for each in (workers.map if workers else map)(series.scan, range(scans)):
            made.append(each)
            bar.update(1)
    seconds = time.perf_counter() - began
    tried = Counter(pattern for each in made for pattern in each)
    false = Counter(pattern for each in made for pattern, found in each.items() if series.claim in found)
    any_of_all = sum(any(series.claim in found for found in each.values()) for each in made)
    print(f"\n{series.name}: {scans} scans in {seconds:.0f} s")
    rows: list[tuple[object, ...]] = [("any", any_of_all, scans, *_verdict(any_of_all, scans))]
    if series.claim == "learned":  # a claim for one pattern: of many, some are bound to be
        rows = [("any", any_of_all, scans, "", "not bound")]
    rows += [(pattern, false[pattern], tried[pattern], *_verdict(false[pattern], tried[pattern]))
             for pattern in tried if false[pattern] or series.claim == "learned"]
    print(table(("pattern", series.claim, "of", "at most", "verdict"), rows), flush=True)
    return {"scans": scans, "seconds": seconds, "claim": series.claim, "any": any_of_all, "tried": tried,
            "false": false}


def power(folder: Path, repeats: int) -> list[dict[str, object]]:
    """Print how often units that were wired by hand are found, in stories of several lengths, and return it."""
    rows: list[dict[str, object]] = []
    for length in LENGTHS:
        found: Counter[tuple[str, str]] = Counter()
        for seed in range(repeats):
            halves = wired_story(length, folder / f"wired-{length}-{seed}", seed=seed)
            for finding in scanned(halves, ScanOptions(passages=1)).findings:
                planted = PLANTED.get(finding.pattern)
                if planted and finding.rank == 1:
                    first = (finding.signal, finding.unit) == (planted.signal, planted.unit)
                    found[finding.pattern, "first"] += first
                    found.update((finding.pattern, claim) for claim in finding.status if first)
        rows += [{"characters": length, "pattern": pattern, "first": found[pattern, "first"],
                  **{claim: found[pattern, claim] for claim in ("associated", "beyond n-grams", "learned")}}
                 for pattern in PLANTED]
    print(f"\nUnits wired by hand, found in how many of {repeats} stories")
    print(table(tuple(rows[0]), [tuple(row.values()) for row in rows]), flush=True)
    return rows


def power_of_run(run: Run) -> list[dict[str, object]]:
    """Print for how many patterns a trained network has a unit, as more and more text is read, and return it."""
    rows: list[dict[str, object]] = []
    for length in LENGTHS:
        halves = selection_and_confirmation(run, options=ExtractOptions(characters=length))
        findings = scanned(halves, ScanOptions(passages=1))
        found = claims(findings)
        rows.append({"characters": sum(len(half.segment) for half in halves), "patterns": len(found),
                     **{claim: sum(claim in each for each in found.values())
                        for claim in ("associated", "beyond n-grams", "learned")}})
    print(f"\n{run.folder.name}: patterns that a unit follows")
    print(table(tuple(rows[0]), [tuple(row.values()) for row in rows]), flush=True)
    return rows


def _verdict(count: int, scans: int) -> tuple[int, str]:
    most = binomial_point(scans)
    return most, "met" if count <= most else "MISSED"


def _texts(paths: Sequence[Path], folder: Path) -> dict[str, Corpus]:
    """Each text in a corpus, whose folder is the place of an untrained run."""
    if not paths:
        return {"the standard library": Corpus.embedded(folder=folder / "text-0" / "corpus")}
    return {path.stem: Corpus.read(path, CorpusOptions(), folder=folder / f"text-{number}" / "corpus")
            for number, path in enumerate(paths)}


def _trained(arguments: argparse.Namespace, number: int, folder: Path) -> list[Run]:
    """Networks of several seeds, trained for a while on a text."""
    text = arguments.texts[number] if arguments.texts else None
    options = replace(PRESETS["small"].training, epochs=None, steps=arguments.steps)
    return [train(text, folder / f"trained-{number}-{seed}", ModelOptions(units=arguments.units),
                  replace(options, seed=seed), show=False) for seed in range(arguments.seeds)]


@contextmanager
def _workers(count: int) -> Iterator[ProcessPoolExecutor | None]:
    if count == 1:
        yield None
        return
    with ProcessPoolExecutor(count, mp_context=multiprocessing.get_context("spawn")) as workers:
        yield workers


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("texts", type=Path, nargs="*", help="text files; the standard library if there are none")
    parser.add_argument("--run", action="append", default=[], help="a trained run whose findings are counted")
    parser.add_argument("--only", default=",".join(KINDS), type=lambda names: names.split(","),
                        help=f"some of {', '.join(KINDS)}")
    parser.add_argument("--scans", type=int, default=200, help="scans of each kind")
    parser.add_argument("--characters", type=int, default=20_000, help="of selection and confirmation, each")
    parser.add_argument("--units", type=int, default=40, help="of noise, and of the networks made here")
    parser.add_argument("--patterns", default="all", help="as for 'probe scan'")
    parser.add_argument("--alone", action="store_true",
                        help="rank units on the confirmation text itself, against the null alone")
    parser.add_argument("--seeds", type=int, default=4, help="networks that are trained on a text")
    parser.add_argument("--steps", type=int, default=5000, help="of their training: about a minute")
    parser.add_argument("--repeats", type=int, default=5, help="stories of each length")
    parser.add_argument("--processes", type=int, default=2, help="that scan side by side")
    parser.add_argument("--json", type=Path, help="file for the counts")
    arguments = parser.parse_args()
    if wrong := set(arguments.only) - set(KINDS):
        parser.error(f"--only must be some of {', '.join(KINDS)}; received {', '.join(sorted(wrong))}")
    return arguments


if __name__ == "__main__":
    main()
