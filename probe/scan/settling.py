"""A scan that ends as soon as the ranking is settled: for a first look. It tests nothing."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from probe.activations import Block, Blocks, LayerSignal
from probe.patterns import Pattern
from probe.scan.collecting import Losses
from probe.scan.labelled import Labelled, Labelling
from probe.scan.pilot import Pilot, Tallying
from probe.scan.tallies.constancy import varies
from probe.scan.tallies.labels import mean_and_deviation
from probe.scan.tallies.moments import ROUNDING

# Streams side by side. They are far apart in the text, so each is one observation, however its characters depend on
# one another; a pattern must come and go in twenty of them.
STREAMS = 64
FEWEST = 20
# One unit leads another if it does so by this many standard errors; units nearer than TIE are as good as each other. In
# simulation (docs/settling.md) none of 150 settled rankings was worse than that of all of the text by more than a tie.
ERRORS = 2.0
TIE = 0.02
# Growth of the text between one look and the next.
GROWTH = 1.1


class Contest:
    """Sums of each stream, unit and pattern, for the standard errors of differences between units.

    Labels are standardised by the scales that are given, activations by mean and deviation of their first block.

    Args:
        units: (layer, signal) → how many.
        streams: S.
        scales: shift and scale of the labels, (P,) each.
    """

    def __init__(self, units: Mapping[LayerSignal, int], streams: int, scales: tuple[np.ndarray, np.ndarray]) -> None:
        self._scales, self._streams, patterns = scales, streams, len(scales[0])
        self._zeros = -scales[0].astype(np.float64) / scales[1]  # what labels of 0 are, standardised
        self._of_units: dict[LayerSignal, tuple[np.ndarray, np.ndarray]] = {}
        self._n = np.zeros((streams, 1))
        self._labels = np.zeros((2, streams, patterns))
        self._units = {source: np.zeros((2, streams, count)) for source, count in units.items()}
        self._products = {source: np.zeros((streams, count, patterns)) for source, count in units.items()}

    def update(self, labelled: Labelled) -> None:
        """Take in a block; what a text leaves for the last stream alone is passed over."""
        streams, length = labelled.block.losses.shape
        if streams != self._streams:
            return
        labels = (labelled.labels - self._scales[0]) / self._scales[1]  # (S, T, P)
        self._n += length
        self._labels += _sums(labels)
        for source, values in labelled.block.activations.items():
            if source not in self._of_units:
                self._of_units[source] = mean_and_deviation(labelled.rows(source))
            shift, scale = self._of_units[source]
            standardised = (values - shift) / scale  # (S, T, U)
            self._units[source] += _sums(standardised)
            self._products[source] += np.matmul(np.swapaxes(standardised, 1, 2), labels)

    def settled(self, top: int) -> np.ndarray:
        """Return of which patterns the best ``top`` units are known, (P,) bool.

        They are if each of them leads each other unit's |r|, less a tie of 0.02, by two standard errors of the
        difference. The errors are a jackknife's over streams (Efron and Stein 1981), both units on the same streams.
        """
        units = np.concatenate(list(self._units.values()), axis=2)
        zeros = np.concatenate([-shift.astype(np.float64) / scale
                                for shift, scale in (self._of_units[source] for source in self._units)])
        settled = np.zeros(self._labels.shape[2], bool)
        for p in range(len(settled)):
            products = np.concatenate([each[..., p] for each in self._products.values()], axis=1)
            settled[p] = self._settled(units, zeros, products, p, top)
        return settled

    @property
    def occurring(self) -> np.ndarray:
        """Which patterns came or went so far, (P,) bool."""
        sums, squares = self._labels.sum(axis=1)
        return np.isfinite(_variance(self._n.sum(), sums, squares, self._zeros))

    def _settled(self, units: np.ndarray, zeros: np.ndarray, products: np.ndarray, pattern: int, top: int) -> bool:
        """Whether the best units of one pattern are known; of units the sums (2, S, U), and products (S, U)."""
        (a, aa), (y, yy), zero = units, self._labels[:, :, pattern, np.newaxis], self._zeros[pattern]
        if np.isfinite(_variance(self._n, y, yy, zero)).sum() < FEWEST:
            return False

        def magnitude(n: np.ndarray, a: np.ndarray, aa: np.ndarray, y: np.ndarray, yy: np.ndarray,
                      ay: np.ndarray) -> np.ndarray:
            spread = np.sqrt(_variance(n, a, aa, zeros) * _variance(n, y, yy, zero))
            return np.abs(ay / n - a * y / n**2) / spread

        n, sums = self._n, (self._n, a, aa, y, yy, products)
        whole = magnitude(*(each.sum(axis=0) for each in sums))
        known = np.flatnonzero(np.isfinite(whole))
        if len(known) <= top:
            return True
        without = magnitude(*(each.sum(axis=0) - each for each in sums))[:, known]
        order = np.argsort(-whole[known], kind="stable")
        best, rest = order[:top], order[top:]
        apart = without - without.mean(axis=0)
        variance = np.square(apart).sum(axis=0)
        difference = variance[best][:, np.newaxis] + variance[rest] - 2 * apart[:, best].T @ apart[:, rest]
        error = np.sqrt(np.maximum(difference, 0) * (1 - 1 / len(n)))
        lead = whole[known][best][:, np.newaxis] - whole[known][rest]
        return bool((lead + TIE >= ERRORS * error).all())


@dataclass
class Ranked:
    """What a reading of a text's beginnings ranks.

    Attributes:
        tallying: from which the measures are made.
        losses: of the network.
        settled, occurring: (P,) bool, of which patterns the best units are known, and which came or went.
        read: characters.
    """

    tallying: Tallying
    losses: Losses
    settled: np.ndarray
    occurring: np.ndarray
    read: int = 0

    def merge(self, other: Self) -> None:
        """Refuse: what is read depends on what was read before, so that it cannot be done in parts."""
        raise ValueError("a scan that ends when it is settled reads its text in one part")


@dataclass(frozen=True)
class Settle:
    """The reading of the selection text in parallel streams until the best units of all patterns are known.

    Patterns that have not occurred by then are not waited for.

    Attributes:
        patterns: that are scanned for.
        pilot: with what everything is prepared.
        top: how many units of each pattern must be known.
    """

    patterns: Sequence[Pattern]
    pilot: Pilot
    top: int

    def __call__(self, blocks: Blocks, told: Callable[[Block], Any] | None = None) -> Ranked:
        """Return what was read. It is all of the text where streams are too few for standard errors."""
        streamed = blocks.in_streams(STREAMS)
        streams = streamed.streams if streamed is not None else 0
        read = streamed if streamed is not None else blocks
        none = np.zeros(len(self.patterns), bool)
        ranked = Ranked(Tallying(self.pilot), Losses(), none, none)
        contest = Contest({source: len(units) for source, units in blocks.units.items()}, max(streams, 1),
                          (self.pilot.scales.shift, self.pilot.scales.scale))
        due = 0.0
        for labelled in Labelling(self.patterns, read).over(read):
            ranked.tallying.update(labelled)
            ranked.losses.update(labelled)
            ranked.read += labelled.block.losses.size
            if told:
                told(labelled.block)
            if streams >= FEWEST:
                contest.update(labelled)
                if ranked.read >= due or ranked.read == len(read.segment):
                    due = GROWTH * ranked.read
                    ranked.settled, ranked.occurring = contest.settled(self.top), contest.occurring
                    if ranked.settled[ranked.occurring].all():
                        break
        return ranked


def _sums(values: np.ndarray) -> np.ndarray:
    """Sums of (S, T, K) and of their squares over T, (2, S, K) float64."""
    return np.stack([values.sum(axis=1, dtype=np.float64), np.einsum("stk,stk->sk", values, values, dtype=np.float64)])


def _variance(n: np.ndarray, sums: np.ndarray, squares: np.ndarray, zero: np.ndarray) -> np.ndarray:
    """Variance of standardised values from their sums; NaN of a constant. ``zero`` is what 0 was standardised to."""
    mean, square = sums / n, squares / n
    variance = square - mean**2
    some = (variance > ROUNDING * square) & varies(variance, (mean - zero)**2)
    return np.where(some, variance, np.nan)
