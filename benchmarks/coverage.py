"""How often a 95 % interval of r holds what is true: of processes that are alike everywhere, and of texts that are not.

    python -m benchmarks.coverage                                        processes, 20,000 and 100,000 characters
    python -m benchmarks.coverage embedded --characters 300000           a text in stretches, each an interval
    python -m benchmarks.coverage war_and_peace.txt --characters 200000

A unit is a pattern's label and as much noise, so that r is 0.71 where labels are as on the whole. Of a text the truth
is r on all of it: an interval is to say, from a stretch, what is so in the others. Beside the share of intervals that
hold it stands by how much r of the stretches differs, in the standard errors that the intervals allow for.
"""

import argparse
import warnings
from pathlib import Path

import numpy as np
from scipy.signal import lfilter

from probe.corpus import Corpus, CorpusOptions
from probe.patterns import Labeller, parse_patterns
from probe.render import table
from probe.scan.exact import CHARACTERS
from probe.scan.resampling.block_sums import ORDERS, BlockSums
from probe.scan.resampling.bootstrap import intervals
from probe.scan.resampling.correlation_time import correlation_time

# Chances that a label of a process is that of the character before; the noise remembers as the second does.
STAY = (0.5, 0.9, 0.99, 0.995)
MEMORY = 0.8
LENGTHS = (20_000, 100_000)
# Standard errors on each side of a 95 % interval.
NORMAL = 1.96


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("text", nargs="?", help="a text file, or 'embedded' [processes]")
    parser.add_argument("--characters", type=int, help="of each stretch")
    parser.add_argument("--stretches", type=int, default=200, help="of each process")
    parser.add_argument("--most", type=int, default=3_000_000, help="characters of a text that are used")
    arguments = parser.parse_args()
    drawn = np.random.default_rng(0)
    if arguments.text:
        corpus = (Corpus.embedded() if arguments.text == "embedded"
                  else Corpus.read(Path(arguments.text), CorpusOptions()))
        patterns = parse_patterns("all", corpus.language)
        labels = Labeller(patterns, corpus).labels(0, min(len(corpus), arguments.most))
        boolean = np.array([pattern.kind == "boolean" for pattern in patterns])
        units = like(labels, drawn)
        truth = np.array([_correlation(unit, label) for unit, label in zip(units.T, labels.T, strict=True)])
        size = arguments.characters or 100_000
        show([pattern.name for pattern in patterns], size, *covered(units, labels, boolean, truth, size))
        return
    names = [f"stays with {stay}, correlation time {stay / (1 - stay):.0f}" for stay in STAY]
    for size in (arguments.characters,) if arguments.characters else LENGTHS:
        labels = process(size * arguments.stretches, drawn)
        truth = np.full(len(STAY), np.sqrt(0.5))
        show(names, size, *covered(like(labels, drawn), labels, np.ones(len(STAY), bool), truth, size))


def process(length: int, drawn: np.random.Generator) -> np.ndarray:
    """Return labels (N, P) float32 of two-state chains that stay what they are with the chances of ``STAY``."""
    return np.stack([np.cumsum(drawn.random(length) >= stay) % 2 for stay in STAY], axis=1).astype(np.float32)


def like(labels: np.ndarray, drawn: np.random.Generator) -> np.ndarray:
    """Return for each label (N, P) a unit (N, P) float32 that tells it as clearly as noise lets it."""
    deviation = labels.std(axis=0, dtype=np.float64)
    noise = np.stack([lfilter([np.sqrt(1 - MEMORY**2)], [1, -MEMORY], drawn.normal(size=len(labels)))
                      for _ in labels.T], axis=1)
    return (labels / np.where(deviation > 0, deviation, 1) + noise).astype(np.float32)


def covered(units: np.ndarray, labels: np.ndarray, boolean: np.ndarray, truth: np.ndarray,
            size: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return how many stretches have an interval, how many of these hold the truth, and how much r differs between
    them in standard errors, (P,) each.

    Args:
        units, labels: (N, P) float32.
        boolean: (P,) bool.
        truth: (P,) true correlations.
        size: characters of a stretch.
    """
    each, bounds = np.arange(len(truth)), []
    for start in range(0, len(labels) - size + 1, size):
        unit, label = units[start:start + size], labels[start:start + size]
        sums = BlockSums.of(size, each, len(each))
        sums.update(np.arange(size), unit, np.zeros(unit.shape, np.uint8), label,
                    np.zeros((*label.shape, ORDERS), np.float32))
        times = np.fmax(correlation_time(label[:CHARACTERS]), correlation_time(unit[:CHARACTERS]))
        bounds.append(intervals(sums, times, boolean, seed=start).correlation)
    low, high = np.stack(bounds, axis=1)  # (stretches, P)
    given = np.isfinite(low)
    middle, width = ((np.where(given, each, np.nan)) for each in ((low + high) / 2, high - low))
    with warnings.catch_warnings(action="ignore"):  # of patterns with too few intervals
        differs = np.nanstd(middle, axis=0, ddof=1) / (np.nanmean(width, axis=0) / (2 * NORMAL))
    return given.sum(axis=0), (given & (low <= truth) & (truth <= high)).sum(axis=0), differs


def show(names: list[str], size: int, given: np.ndarray, held: np.ndarray, differs: np.ndarray) -> None:
    """Print the share of intervals that hold the truth."""
    share = held.sum() / max(given.sum(), 1)
    print(f"\nstretches of {size:,} characters: {share:.1%} of {given.sum():,} intervals hold it, and r differs by "
          f"{np.nanmedian(differs):.2f} standard errors in the median pattern")
    rows = list(zip(names, given.tolist(), held.tolist(), differs.tolist(), strict=True))
    print(table(("pattern", "intervals", "hold it", "r differs by"), rows), flush=True)


def _correlation(unit: np.ndarray, label: np.ndarray) -> float:
    return float(np.corrcoef(unit.astype(np.float64), label)[0, 1]) if np.ptp(label) > 0 else np.nan


if __name__ == "__main__":
    main()
