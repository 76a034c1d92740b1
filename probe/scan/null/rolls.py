"""The null of the scan: labels rolled against activations by whole segments of the text."""

from collections.abc import Hashable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import repeat
from typing import Generic, Self, TypeVar

import numpy as np

from probe.cores import CORES
from probe.scan.null.cross_spectra import GROUP, Spectra, add_product, largest, left_factor
from probe.scan.null.fourier import Plan
from probe.scan.tallies.constancy import varies

SEGMENTS = 1024
MEMORY = 512 << 20
# Places transformed at a time: the totals are read and written once for each such chunk, the planes are 4 MB a core.
PLACES = 16

Source = TypeVar("Source", bound=Hashable)


@dataclass(frozen=True)
class Rolled:
    """What units reach at every roll.

    Attributes:
        maxima: (S, P) float64, the largest |r| over all units of all sources with the labels rolled by k segments
            (roll 0: not rolled). NaN for a pattern that never changes, or if no unit does.
        observed: (U, P) float64, r at roll 0 of the units of all sources one after the other; NaN where it has none.
    """

    maxima: np.ndarray
    observed: np.ndarray


class RollNull(Generic[Source]):
    """Pearson's r of every unit with every pattern at all circular rolls of the labels by whole segments.

    The text is read as S parallel segments of equal length L. At roll k, the labels of segment s stand against the
    activations of segment s + k; all patterns are rolled alike. Activations stay what they were, and so do labels, with
    all that belongs to each alone: its frequency, its rhythm, its drift within a segment. What is broken is that they
    belong together. Circular rolls form a group, so if the text were circular and stationary, each roll would
    be as likely as the others under the hypothesis that units and labels have nothing to do with each other, and the
    share of rolls, the identity included, whose maximum reaches the observed one is a valid p-value, for any spacing
    of the rolls (a randomisation test on a group: Lehmann and Romano, Testing Statistical Hypotheses, 15.2). Rolls
    nearer to the identity than the correlation time look like it, and cost power alone; see
    :mod:`probe.scan.null.significance` for which rolls are counted.

    The cross sums at all S rolls are the inverse Fourier transform of Σ_places Â · conj(Ŷ), transforms along the
    segments: one product a frequency, and one transform back at the end. Means and variances are the same at every
    roll. Sums are float32 for what varies from segment to segment, float64 for the rest; r is right to 1e-5.

    One instance serves one kind of values: activations for Pearson; for AUC fixed :func:`midranks` R, since AUC at a
    roll is a linear function of Σ R(a) · y, hence of their correlation.

    Args:
        segments: S, a power of two.
        units: source, for instance (layer, signal) → its number of units.
        patterns: P.
    """

    def __init__(self, segments: int, units: Mapping[Source, int], patterns: int) -> None:
        if segments < 1 or segments & (segments - 1):
            raise ValueError(f"segments must be a power of two; received {segments}")
        self.segments, self.units, self.patterns = segments, dict(units), patterns
        even = patterns + patterns % 2
        self._totals = {source: np.zeros((_groups(u), segments // 2, 2 * even, GROUP), np.float32)
                        for source, u in self.units.items()}
        self._between = {source: np.zeros((u, patterns)) for source, u in self.units.items()}
        self._values = {source: _Moments.of(u) for source, u in self.units.items()}
        self._labels = _Moments.of(patterns)
        self._places = 0

    def update(self, values: Mapping[Source, np.ndarray], labels: np.ndarray) -> None:
        """Take in T places of every segment.

        T of some tens costs least; the places may come in any order.

        Args:
            values: of each source (S, T, U) float32.
            labels: (S, T, P) float32.

        Raises:
            ValueError: a shape is not as it was announced.
        """
        expected = {"labels": (self.segments, labels.shape[1], self.patterns)}
        expected.update({str(source): (self.segments, labels.shape[1], u) for source, u in self.units.items()})
        received = {"labels": labels.shape, **{str(source): array.shape for source, array in values.items()}}
        if received != expected:
            raise ValueError(f"arrays must have the shapes {expected}; received {received}")
        plan, places = Plan.of(self.segments), labels.shape[1]
        chunk = min(PLACES, places + places % 2)
        workers = min(CORES, max(map(_groups, self.units.values()), default=1))
        spectra = [Spectra(plan, chunk) for _ in range(workers)]
        arrays = {source: np.ascontiguousarray(values[source], np.float32) for source in self.units}
        label_array = np.ascontiguousarray(labels, np.float32)
        with ThreadPoolExecutor(workers) as threads:
            for start in range(0, places, chunk):
                left, label_means = self._label_factor(label_array, start, min(chunk, places - start), spectra[0])
                for source, array in arrays.items():
                    means = np.empty((len(label_means), self.units[source]))
                    list(threads.map(partial(self._add, source, array, start, left, means), spectra, range(workers),
                                     repeat(workers)))
                    self._values[source].add(means)
                    self._between[source] += means.T @ label_means
        self._places += places

    def _add(self, source: Source, array: np.ndarray, start: int, left: np.ndarray, means: np.ndarray,
             spectra: Spectra, worker: int, workers: int) -> None:
        for group in range(worker, _groups(self.units[source]), workers):
            spectra.fill(array, group * GROUP, start, means, self._values[source].squares)
            add_product(left, spectra.planes, self._totals[source][group])

    def _label_factor(self, labels: np.ndarray, start: int, places: int,
                      spectra: Spectra) -> tuple[np.ndarray, np.ndarray]:
        even = self.patterns + self.patterns % 2
        left = np.zeros((self.segments // 2, 2 * even, spectra.planes.shape[1]), np.float32)
        means = np.empty((places, self.patterns))
        for first in range(0, self.patterns, GROUP):
            spectra.fill(labels, first, start, means, self._labels.squares)
            left_factor(spectra.planes, min(GROUP, self.patterns - first), left, first)
        self._labels.add(means)
        return left, means

    def merge(self, other: Self) -> None:
        """Take in all that ``other`` has seen: other places of the same segments.

        Raises:
            ValueError: it has other segments, units or patterns.
        """
        mine, theirs = ((each.segments, each.units, each.patterns) for each in (self, other))
        if mine != theirs:
            raise ValueError(f"only nulls of the same segments, units and patterns can be merged; received {theirs}, "
                             f"accepted is {mine}")
        for source in self.units:
            self._totals[source] += other._totals[source]
            self._between[source] += other._between[source]
            self._values[source].merge(other._values[source])
        self._labels.merge(other._labels)
        self._places += other._places

    def result(self) -> Rolled:
        """Return the maxima over all units at each roll, and what was observed."""
        even = self.patterns + self.patterns % 2
        plan, most = Plan.of(self.segments), np.zeros((even, self.segments))
        with np.errstate(divide="ignore"):
            of_labels = 1 / np.sqrt(self._labels.variation(self.segments, self._places))
        observed, some = [], np.zeros(self.patterns, bool)
        for source, units in self.units.items():
            moments = self._values[source]
            with np.errstate(divide="ignore"):
                of_units = 1 / np.sqrt(moments.variation(self.segments, self._places))
            scale, between = np.zeros((even, units)), np.zeros((even, units))
            scale[:self.patterns] = np.nan_to_num(np.outer(of_labels, of_units), posinf=0)
            between[:self.patterns] = self.segments * (
                self._between[source] - np.outer(moments.sums, self._labels.sums) / max(self._places, 1)).T
            r = np.zeros((even, units))

            def work(p: int, totals: np.ndarray = self._totals[source], between: np.ndarray = between,
                     scale: np.ndarray = scale, r: np.ndarray = r) -> None:
                largest(totals, p, between[p:p + 2], scale[p:p + 2], plan.cosines, plan.sines, plan.rows,
                        most[p:p + 2], r[p:p + 2])

            with ThreadPoolExecutor(CORES) as threads:
                list(threads.map(work, range(0, even, 2)))
            defined = scale[:self.patterns] > 0
            observed.append(np.where(defined, r[:self.patterns], np.nan).T)
            some |= defined.any(axis=1)
        maxima = np.where(some, most[:self.patterns].T, np.nan)
        return Rolled(maxima, np.concatenate(observed))


@dataclass
class _Moments:
    """Of K columns: over places, the sum of the means over segments, of their squares, and of squares around them."""

    sums: np.ndarray
    sums_of_squares: np.ndarray
    squares: np.ndarray

    @classmethod
    def of(cls, columns: int) -> Self:
        return cls(np.zeros(columns), np.zeros(columns), np.zeros(columns))

    def add(self, means: np.ndarray) -> None:
        self.sums += means.sum(axis=0)
        self.sums_of_squares += np.square(means).sum(axis=0)

    def merge(self, other: Self) -> None:
        self.sums += other.sums
        self.sums_of_squares += other.sums_of_squares
        self.squares += other.squares

    def variation(self, segments: int, places: int) -> np.ndarray:
        """Return Σ(x − x̄)², infinite for a column that is constant as far as float32 can tell."""
        if places == 0:
            return np.full(len(self.sums), np.inf)
        around = self.squares + segments * (self.sums_of_squares - self.sums**2 / places)
        return np.where(varies(around, segments * self.sums_of_squares), around, np.inf)


def segments_for(characters: int, units: int, patterns: int, *, shortest: int = 1, memory: int = MEMORY) -> int:
    """Return how many segments S to read a text as, a power of two of at most 1,024.

    Args:
        characters: of the text; what S does not divide is left out at its end.
        units: of all sources together.
        patterns: P.
        shortest: least characters of a segment.
        memory: most bytes for the sums of one null: S/2 × units × P complex64.
    """
    segments = SEGMENTS
    while segments > 1 and (characters // segments < shortest or segments * 4 * units * patterns > memory):
        segments //= 2
    return segments


def midranks(counts: np.ndarray) -> np.ndarray:
    """Return the mean rank of each bin's members, between 0 and 1, ties sharing theirs: (U, 256) float32.

    Args:
        counts: how often each unit's bins occurred, (U, 256).
    """
    counts = np.asarray(counts, np.float64)
    ranks = (np.cumsum(counts, axis=1) - counts / 2) / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    return ranks.astype(np.float32)


def _groups(units: int) -> int:
    return -(-units // GROUP)
