"""Scans in which nothing is to be found, each small enough for hundreds of them: what is claimed is claimed falsely.

A scan takes a stretch of a text, at another place each time: its first half is the selection, its second the
confirmation. Its seed decides all that is drawn.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path

import numpy as np

from probe.activations import Blocks, Extraction, ExtractOptions, Recorded
from probe.corpus import Corpus, Segment
from probe.model import ModelOptions, Run
from probe.model.checkpoint import Checkpoint
from probe.patterns import Labeller, parse_patterns
from probe.scan import Findings, ScanOptions, scan
from probe.scan.controls.ablation import AblationOptions
from probe.scan.controls.logistic import ProbeOptions

ALPHA = 0.05
SOURCE = ("1", "hidden")
# Seeds of a network and its twins; each scan has its own.
SEEDS = 64

# What a scan claims: pattern → claims that any of its findings bears. Patterns without findings are left out.
Claims = Mapping[str, frozenset[str]]
Scan = Callable[[int], Claims]


@dataclass(frozen=True)
class Shape:
    """How large a scan is.

    Attributes:
        characters: of the selection, and as many of the confirmation.
        units: of noise, or of a network.
        patterns: as in :class:`~probe.scan.ScanOptions`.
        alone: whether units are ranked on the confirmation text itself, so that nothing but the null keeps the best of
            them from being claimed.
    """

    characters: int = 20_000
    units: int = 40
    patterns: str = "all"
    alone: bool = False

    def stretch(self, corpus: Corpus, chance: np.random.Generator) -> int:
        """Return where a stretch begins."""
        return int(chance.integers(0, len(corpus) - 2 * self.characters + 1))

    def apart(self, corpus: Corpus, chance: np.random.Generator) -> tuple[int, int]:
        """Return where two stretches begin that do not overlap, in any order."""
        length = 2 * self.characters
        starts = np.sort(chance.integers(0, len(corpus) - 2 * length + 1, 2)) + (0, length)
        first, second = chance.permutation(starts)
        return int(first), int(second)

    def laid(self, values: np.ndarray, corpus: Corpus, start: int) -> tuple[Recorded, Recorded]:
        """Return activations (2N, U) laid on the text from ``start`` on: what ranks, and what confirms."""
        blocks = Recorded.of({SOURCE: _Placed(values, start, len(corpus))}, corpus)
        middle = start + self.characters
        confirmation = blocks.part(middle, middle + self.characters)
        return confirmation if self.alone else blocks.part(start, middle), confirmation

    @property
    def options(self) -> ScanOptions:
        """Of the scan."""
        return ScanOptions(patterns=self.patterns, passages=1, portraits=0)


@dataclass(frozen=True)
class Noise:
    """Units that know of no text, held against its labels.

    Attributes:
        corpus: the text.
        shape: of the scan.
        drawn: :func:`noise` or :func:`walks`.
    """

    corpus: Corpus
    shape: Shape
    drawn: Callable[[int, int, np.random.Generator], np.ndarray]

    def __call__(self, seed: int) -> Claims:
        chance = np.random.default_rng([seed, 1])
        values = self.drawn(2 * self.shape.characters, self.shape.units, chance)
        halves = self.shape.laid(values, self.corpus, self.shape.stretch(self.corpus, chance))
        return claims(scanned(halves, self.shape.options))


@dataclass(frozen=True)
class OtherLabels:
    """The labels of a text as units, held against those of another place: what is most like a unit that knows a text.

    Attributes:
        corpus: the text.
        shape: of the scan; there are as many units as patterns.
    """

    corpus: Corpus
    shape: Shape = Shape()

    def __call__(self, seed: int) -> Claims:
        shape = self.shape
        read, start = shape.apart(self.corpus, np.random.default_rng([seed, 4]))
        labeller = Labeller(parse_patterns(shape.patterns, self.corpus.language), self.corpus)
        values = labeller.labels(read, read + 2 * shape.characters)
        return claims(scanned(shape.laid(values, self.corpus, start), shape.options))


@dataclass(frozen=True)
class OtherText:
    """A network's activations on one text, held against the labels of another, or of another place of the same.

    Attributes:
        runs: of networks of one text, which take turns.
        corpus: another text; that of the runs if None.
        shape: of the scan; all units of the network are taken.
        trained: whether the networks are those of the runs, or one is drawn anew for each scan.
    """

    runs: Sequence[Path]
    corpus: Corpus | None = None
    shape: Shape = Shape()
    trained: bool = True

    def __call__(self, seed: int) -> Claims:
        chance, shape, run = np.random.default_rng([seed, 2]), self.shape, Run.open(self.runs[seed % len(self.runs)])
        if self.corpus is None:
            corpus, (read, start) = run.corpus, shape.apart(run.corpus, chance)
        else:
            corpus, read, start = self.corpus, shape.stretch(run.corpus, chance), shape.stretch(self.corpus, chance)
        reading = extraction(run, read, read + 2 * shape.characters)
        values = _joined(reading if self.trained else reading.untrained(seed * SEEDS))
        return claims(scanned(shape.laid(values, corpus, start), shape.options))


@dataclass(frozen=True)
class Untrained:
    """An untrained network on its text: nothing of what it does was learned.

    Attributes:
        run: whose text and architecture are taken.
        shape: of the scan; all units of the network are taken.
    """

    run: Path
    shape: Shape = Shape()

    def __call__(self, seed: int) -> Claims:
        run, first = Run.open(self.run), seed * SEEDS
        start = self.shape.stretch(run.corpus, np.random.default_rng([seed, 3]))
        middle = start + self.shape.characters
        selection, confirmation = (_apart(extraction(run, *ends).untrained(first + SEEDS - 1), first)
                                   for ends in ((start, middle), (middle, middle + self.shape.characters)))
        return claims(scanned((selection, confirmation), self.shape.options))


def scanned(halves: tuple[Blocks, Blocks], options: ScanOptions) -> Findings:
    """Return a scan without that on which no claim rests."""
    return scan(*halves, options, ablation=AblationOptions(ablated=0), probes=ProbeOptions(probes=0), show=False)


def claims(findings: Findings) -> Claims:
    """Return what is claimed of any unit, by pattern."""
    found: dict[str, frozenset[str]] = {}
    for finding in findings.findings:
        found[finding.pattern] = found.get(finding.pattern, frozenset()) | set(finding.status)
    return found


def untrained_run(corpus: Corpus, units: int) -> Run:
    """Make a run that has no checkpoint around a text that is kept in a folder ``corpus``."""
    return Run.begin(corpus.folder.parent, ModelOptions(units=units), {})


def extraction(run: Run, start: int, stop: int) -> Extraction:
    """Return the reading of characters [start, stop) by a run's network, or by one without weights if it has none."""
    trained = (run.folder / "checkpoints").is_dir()
    checkpoint = "best" if trained else Checkpoint(0, {}, {}, np.empty(0, np.float32), {})
    return Extraction.of(run, Segment(start, stop), checkpoint=checkpoint, options=ExtractOptions(streams=1))


def noise(length: int, units: int, chance: np.random.Generator) -> np.ndarray:
    """Return (N, U) float32: three in four units are autoregressive, from white noise to a correlation time of 2,000
    characters; the others are such noise whose size waxes and wanes over thousands.

    Args:
        length: N.
        units: U.
        chance: what draws it.
    """
    steady = 3 * units // 4
    memory = 1 - 10 ** -np.linspace(0, 3, steady)
    waning = units - steady
    plain = _autoregressive(length, memory, chance)
    fast = _autoregressive(length, 1 - 10 ** -np.linspace(0, 2, waning), chance)
    size = np.exp(_autoregressive(length, np.full(waning, 0.9995), chance))
    return np.concatenate([plain, fast * size], axis=1).astype(np.float32)


def walks(length: int, units: int, chance: np.random.Generator) -> np.ndarray:
    """Return random walks (N, U) float32, which never come back: the limit of what rolling can bear."""
    return np.cumsum(chance.normal(size=(length, units)), axis=0).astype(np.float32)


def _autoregressive(length: int, memory: np.ndarray, chance: np.random.Generator) -> np.ndarray:
    """x(t) = φ x(t − 1) + √(1 − φ²) ε for memories φ (U,), stationary from the beginning: (N, U)."""
    values = chance.normal(size=(length, len(memory)))
    values[1:] *= np.sqrt(1 - memory**2)
    for before, after in zip(values[:-1], values[1:], strict=True):
        after += memory * before
    return values


def binomial_point(scans: int, alpha: float = ALPHA, share: float = 0.975) -> int:
    """Return the least count that so many scans do not exceed with probability ``share``: 16 of 200."""
    below = 0.0
    for count in range(scans + 1):
        below += math.comb(scans, count) * alpha**count * (1 - alpha) ** (scans - count)
        if below >= share:
            return count
    return scans


@dataclass(frozen=True)
class _Placed:
    """Rows (2N, U) that lie on a stretch of a text, as an array of all of it."""

    values: np.ndarray
    start: int
    length: int
    dtype: np.dtype = field(default=np.dtype(np.float32))

    @property
    def shape(self) -> tuple[int, int]:
        return self.length, self.values.shape[1]

    def __getitem__(self, rows: slice) -> np.ndarray:
        return self.values[rows.start - self.start:rows.stop - self.start]


@dataclass(frozen=True)
class _Apart(Extraction):
    """An extraction whose twins are no other scan's: scans that share them would depend on each other."""

    first: int = 0

    def untrained(self, seed: int) -> Extraction:
        return super().untrained(self.first + seed)


def _apart(reading: Extraction, first: int) -> _Apart:
    values = {each.name: getattr(reading, each.name) for each in fields(Extraction)}
    return _Apart(**{**values, "options": replace(reading.options, losses=True)}, first=first)


def _joined(reading: Extraction) -> np.ndarray:
    """The activations (N, U) of one layer's ``hidden`` in the order of the text."""
    values = np.empty((len(reading.segment), len(reading.units[SOURCE])), np.float32)
    for block in reading:
        places = block.starts[:, np.newaxis] - reading.segment.start + np.arange(block.length)
        values[places] = block.activations[SOURCE]
    return values
