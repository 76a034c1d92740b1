"""The null of the scan: labels rolled against activations by whole segments of the text."""

from collections.abc import Hashable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import repeat
from typing import Generic, Self, TypeVar

import numpy as np

from probe.cores import CORES
from probe.scan.null.cross_spectra import largest
from probe.scan.null.fourier import Plan
from probe.scan.null.label_factors import PLACES, LabelFactors, factors_of, time_first
from probe.scan.null.spectra import Spectra
from probe.scan.products import GROUP, add_product
from probe.scan.tallies.constancy import varies

SEGMENTS = 1024
MEMORY = 512 << 20

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
        tables: source → (U, 256) float32, of sources whose values come as bytes: what each unit's bytes stand for.
        scales: source → (U,) float32, about how far each unit's values lie apart; 1 if nothing is said.
    """

    def __init__(self, segments: int, units: Mapping[Source, int], patterns: int,
                 tables: Mapping[Source, np.ndarray] | None = None,
                 scales: Mapping[Source, np.ndarray] | None = None) -> None:
        if segments < 1 or segments & (segments - 1):
            raise ValueError(f"segments must be a power of two; received {segments}")
        self.segments, self.units, self.patterns = segments, dict(units), patterns
        self._tables, scales = dict(tables or {}), scales or {}
        self._factors = {source: factors_of(scales.get(source), u) for source, u in self.units.items()}
        even = patterns + patterns % 2
        self._totals = {source: np.zeros((_groups(u), segments // 2, 2 * even, GROUP), np.float32)
                        for source, u in self.units.items()}
        self._between = {source: np.zeros((u, patterns)) for source, u in self.units.items()}
        self._values = {source: _Moments.of(u) for source, u in self.units.items()}
        self._labels = _Moments.of(patterns)
        self._places = 0

    def update(self, values: Mapping[Source, np.ndarray], labels: LabelFactors) -> None:
        """Take in T places of every segment.

        T of some tens costs least; the places may come in any order.

        Args:
            values: of each source (S, T, U) float32, or uint8 of those that have ``tables``.
            labels: of the same places.

        Raises:
            ValueError: a shape is not as it was announced.
        """
        expected = {"labels": (self.segments, labels.places, self.patterns)}
        expected.update({str(source): (self.segments, labels.places, u) for source, u in self.units.items()})
        received = {"labels": (labels.segments, labels.places, labels.patterns),
                    **{str(source): array.shape for source, array in values.items()}}
        if received != expected:
            raise ValueError(f"arrays must have the shapes {expected}; received {received}")
        plan = Plan.of(self.segments)
        workers = min(CORES, max(map(_groups, self.units.values()), default=1))
        chunk = min(PLACES, labels.places + labels.places % 2)
        spectra = [Spectra(plan, chunk) for _ in range(workers)]
        arrays = {source: np.swapaxes(values[source], 0, 1) if source in self._tables else time_first(values[source])
                  for source in self.units}
        with ThreadPoolExecutor(workers) as threads:
            for number, (factor, label_means) in enumerate(zip(labels.factors, labels.means, strict=True)):
                for source, array in arrays.items():
                    part = array[number * PLACES:(number + 1) * PLACES]
                    means = np.empty((len(part), self.units[source]))
                    list(threads.map(partial(self._add, source, part, factor, means), spectra, range(workers),
                                     repeat(workers)))
                    self._values[source].add(means)
                    self._between[source] += means.T @ label_means
                self._labels.add(label_means)
        self._labels.squares += labels.squares
        self._places += labels.places

    def _add(self, source: Source, values: np.ndarray, factor: np.ndarray, means: np.ndarray, spectra: Spectra,
             worker: int, workers: int) -> None:
        for group in range(worker, _groups(self.units[source]), workers):
            spectra.fill(values, self._factors[source], group * GROUP, means, self._values[source].squares,
                         self._tables.get(source))
            add_product(factor, spectra.planes, self._totals[source][group])

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
