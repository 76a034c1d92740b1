"""How large a gallery is, how long it takes to build, and after how long a browser shows its first colours.

    python benchmarks/gallery.py
    python benchmarks/gallery.py runs/alice/findings --rounds 9

Without a findings folder it draws findings by lot: 200 units on 5,000 characters of Python's standard library, 20
patterns, 200 cards, every unit with its portrait. A build is timed in a process that has built one before, and once in
one that has not; a page is opened in a fresh context of a browser that runs. Medians of all rounds are printed.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import textwrap
import time
from pathlib import Path

import numpy as np
from playwright.sync_api import sync_playwright

from probe.gallery import build_gallery
from probe.render import table
from probe.scan.evidence import Chance, Interval, Scores, Untrained
from probe.scan.finding import Finding, Passage, PatternNote
from probe.scan.findings import Findings
from probe.scan.portrait import BANDS, BINS, CONTEXTS, PUSHES, WIDTH, Context, GateShares, Portrait, Push, Relation

KEY = "1", "hidden"
# Milliseconds from the beginning of the navigation until the text that opens the page has its colours.
READY = """() => new Promise(done => {
  const look = () => document.querySelector('.hero .text span') ? done(performance.now()) : requestAnimationFrame(look);
  look();
})"""


def main() -> None:
    arguments = _arguments()
    findings = Findings.load(arguments.findings) if arguments.findings else drawn_findings(200, 5_000, 20)
    with tempfile.TemporaryDirectory() as folder:
        kept, path = findings.save(Path(folder) / "findings"), Path(folder) / "gallery.html"
        first = _seconds_of_first_build(kept, path)
        builds = [_seconds(lambda: build_gallery(findings, path)) for _ in range(arguments.rounds)]
        opened = _ready(path, arguments.rounds)
        pages = [path, *Path(folder).glob("gallery-pages/*/*")]
        units = sum(map(len, findings.units.values()))
        characters = sum(len(passage.text) for passage in findings.passages)
        print(f"{units:,} units on {characters:,} characters, {len(findings.findings)} findings")
        print(table(("", "median", "fewest", "most"), [
            ("megabytes of the index", path.stat().st_size / 1e6, "", ""),
            ("megabytes of all files", sum(each.stat().st_size for each in pages) / 1e6, "", ""),
            ("seconds to build, first", first, "", ""), ("seconds to build", *_spread(builds)),
            ("seconds until colours", *_spread(opened))], 100))


def drawn_findings(units: int, characters: int, patterns: int) -> Findings:
    """Return findings drawn by lot, of ``units`` on one passage of ``characters``; each unit is one of them."""
    chance = np.random.default_rng(0)
    text = Path(textwrap.__file__).read_text("utf-8")[:characters]
    notes = tuple(PatternNote(f"pattern_{p}", "drawn by lot", "none", "boolean") for p in range(patterns))
    alphabet = tuple(sorted(set(text)))
    indices = {KEY: tuple(range(units))}
    passage = Passage(
        0, text, (np.cumsum(chance.random((len(text), patterns)) < 0.02, axis=0) % 2).astype(np.float32),
        {KEY: chance.integers(0, 256, (len(text), units), np.uint8)}, {KEY: (-1.0, 1.0)}, indices,
        chance.integers(0, len(alphabet), (len(text), 5)).astype(np.int32),
        np.full((len(text), 5), 0.125, np.float32))
    measures = {f"{name}/correlation": chance.normal(0, 0.2, (units, patterns))
                for name in ("selection", "confirmation")}
    found = []
    for unit in sorted(range(units), key=lambda unit: unit % patterns):
        r = 0.9 - 0.8 * unit / units
        scores = Scores.of(correlation=r, auc=0.5 + r / 2, f1=r, cohens_d=r, mutual_information=r)
        found.append(Finding(
            f"pattern_{unit % patterns}", 1 + unit // patterns, *KEY, unit, scores, scores, 0,
            interval=Interval(r - 0.05, r + 0.05, 40), chance=Chance(0.001, 0.001, 0.001),
            ngrams=tuple(Scores.of(correlation=r / 2) for _ in range(3)), margin=Interval(r / 3, r / 2, 40),
            untrained=Untrained(r, 0.2, 19, characters)))
    log = tuple({"step": step, "loss": 4 - step / 1000} for step in range(0, 2000, 10))
    portraits = tuple(_portrait(unit, units, text, notes, alphabet, chance) for unit in range(units))
    shares = GateShares(indices[KEY], chance.random((3, units)) / 2, chance.random((3, units)) / 2,
                        chance.exponential(20, units))
    return Findings(notes, indices, tuple(found), measures, {}, (passage,), {"drawn": "by lot"}, log,
                    portraits=portraits, saturation={"1": shares}, alphabet=alphabet)


def _portrait(unit: int, units: int, text: str, notes: tuple[PatternNote, ...], alphabet: tuple[str, ...],
              chance: np.random.Generator) -> Portrait:
    places = chance.integers(0, len(text) - WIDTH, len(BANDS) * CONTEXTS).tolist()
    contexts = tuple(Context(n // CONTEXTS, place, text[place:place + WIDTH], WIDTH // 2,
                             chance.integers(0, 256, WIDTH, np.uint8)) for n, place in enumerate(places))
    counts = chance.integers(50, 2500, BINS)
    inside = (chance.random((len(notes), BINS)) * counts).astype(np.int64)
    near = tuple(Relation(*KEY, int(other), 0.5) for other in chance.integers(0, units, 5))
    pushes = tuple(Push(alphabet[n], 0.4 - n / 20) for n in range(2 * PUSHES))
    return Portrait(*KEY, unit, -1.0, 1.0, int(counts.sum()), contexts, counts, inside, near, near, pushes, pushes,
                    12.0)


def _seconds_of_first_build(findings: Path, path: Path) -> float:
    program = ("import sys, time; from pathlib import Path; from probe.scan.findings import Findings\n"
               "findings = Findings.load(sys.argv[1]); start = time.perf_counter()\n"
               "from probe.gallery import build_gallery; build_gallery(findings, Path(sys.argv[2]))\n"
               "print(time.perf_counter() - start)")
    done = subprocess.run([sys.executable, "-c", program, findings, path], capture_output=True, text=True, check=True)
    return float(done.stdout)


def _ready(path: Path, rounds: int) -> list[float]:
    """Return after how many seconds the browser shows colours, from the beginning of the navigation."""
    names = [os.environ.get("PROBE_CHROMIUM"), "chromium", "chromium-browser", "google-chrome"]
    found = next((place for name in names if name and (place := shutil.which(name))), None)
    if found is None:
        return []
    root = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    with sync_playwright() as engine, engine.chromium.launch(executable_path=found, args=root) as browser:
        times = []
        for _ in range(rounds + 1):
            page = browser.new_page(viewport={"width": 1400, "height": 1000})
            page.goto(path.as_uri(), wait_until="commit")
            times.append(page.evaluate(READY) / 1000)
            page.close()
    return times[1:]  # the first one also starts the browser's processes


def _seconds(work) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _spread(times: list[float]) -> tuple[object, ...]:
    return (statistics.median(times), min(times), max(times)) if times else ("no browser", "", "")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("findings", nargs="?", help="a findings folder")
    parser.add_argument("--rounds", type=int, default=5, help="times that each figure is measured")
    return parser.parse_args()


if __name__ == "__main__":
    main()
