"""Which units go together with some, and which against them."""

from collections.abc import Mapping, Sequence

import numpy as np

from probe.activations import Block, LayerSignal
from probe.scan.portrait import NEIGHBOURS, Relation
from probe.scan.tallies.constancy import varies


class Similarity:
    """Pearson's r of K units with all U units of a sweep, summed in float64 while blocks stream by.

    Values are taken relative to the first block's means, so that squares of deviations are not lost beside those of the
    means.

    Args:
        units: (layer, signal) → index in its layer of each unit.
        chosen: source and column of each of the K units.
    """

    def __init__(self, units: Mapping[LayerSignal, Sequence[int]], chosen: Sequence[tuple[LayerSignal, int]]) -> None:
        self._names = [(*source, unit) for source, indices in units.items() for unit in indices]
        ends = np.cumsum([len(indices) for indices in units.values()]).tolist()
        self._places = {source: slice(end - len(units[source]), end) for source, end in zip(units, ends, strict=True)}
        self._rows = np.array([self._places[source].start + column for source, column in chosen], np.int64)
        self._chosen = tuple(chosen)
        self._shift: dict[LayerSignal, np.ndarray] = {}
        self.n = 0
        self._sums, self._squares = np.zeros(len(self._names)), np.zeros(len(self._names))
        self._products = np.zeros((len(chosen), len(self._names)))

    def update(self, block: Block) -> None:
        """Take in a block."""
        if not self._shift:
            self._shift = {source: block.rows(source).mean(axis=0, dtype=np.float64) for source in self._places}
        own = np.empty((block.losses.size, len(self._chosen)))
        for place, (source, column) in enumerate(self._chosen):
            own[:, place] = block.activations[source][..., column].ravel() - self._shift[source][column]
        for source, columns in self._places.items():
            values = block.rows(source) - self._shift[source]
            self._sums[columns] += values.sum(axis=0)
            self._squares[columns] += np.einsum("nu,nu->u", values, values)
            self._products[:, columns] += own.T @ values
        self.n += len(own)

    def correlations(self) -> np.ndarray:
        """Return r (K, U) float64, units in the order of the sweep; NaN where either does not vary."""
        means = self._sums / self.n
        variances = self._squares / self.n - means**2
        levels = means + np.concatenate([self._shift[source] for source in self._places])
        spread = np.sqrt(np.where(varies(variances, levels**2), variances, np.nan))
        covariances = self._products / self.n - np.outer(means[self._rows], means)
        return np.clip(covariances / np.outer(spread[self._rows], spread), -1, 1)

    def relations(self) -> list[tuple[tuple[Relation, ...], tuple[Relation, ...]]]:
        """Return for each of the K units those with the largest r above 0, and those with the most negative.

        None of them is the unit itself by another signal, and of two signals of one unit the nearer is told.
        """
        return [(self._nearest(row, correlations, 1), self._nearest(row, correlations, -1))
                for row, correlations in zip(self._rows, self.correlations(), strict=True)]

    def _nearest(self, row: int, correlations: np.ndarray, sign: int) -> tuple[Relation, ...]:
        layer, _, unit = self._names[row]
        taken, found = {(layer, unit)}, list[Relation]()
        signed = sign * correlations
        for place in np.argsort(np.where(np.isnan(signed), np.inf, -signed), kind="stable"):
            other, signal, index = self._names[place]
            if len(found) == NEIGHBOURS or not signed[place] > 0:
                break
            if (other, index) not in taken:
                taken.add((other, index))
                found.append(Relation(other, signal, index, float(correlations[place])))
        return tuple(found)
