"""The area under the ROC curve, with ties, from histograms of quantised activations."""

from typing import Self

import numba
import numpy as np

from probe.scan.measures.measure import Measure
from probe.scan.measures.quantiles import BINS, GRID, Quantiser

# 16 float32 are one cache line: units side by side in memory are counted together.
TILE = 16


class AUC(Measure):
    """Probability that a unit is higher inside a boolean pattern than outside, ties counting half.

    It is Mann and Whitney's U divided by the number of pairs (Hanley and McNeil 1982), exact for the activations
    quantised as :class:`~probe.scan.measures.quantiles.Quantiser` says. NaN for graded patterns, and where one of
    the two classes does not occur.
    """

    def prepare(self, activations: np.ndarray, labels: np.ndarray) -> None:
        self._quantiser = Quantiser.fit(activations)
        units, patterns = activations.shape[1], int(self.boolean.sum())
        # The last column counts every character, whatever its labels.
        self._counts = np.zeros((units, BINS, patterns + 1), np.int64)

    def empty(self) -> Self:
        other = type(self)(self.boolean)
        other._quantiser, other._counts = self._quantiser, np.zeros_like(self._counts)
        return other

    def update(self, activations: np.ndarray, labels: np.ndarray) -> None:
        marks = np.ones((len(labels), self._counts.shape[2]), np.uint8)
        marks[:, :-1] = labels[:, self.boolean]
        quantiser = self._quantiser
        _count(np.ascontiguousarray(activations, np.float32), quantiser.low, quantiser.scale, quantiser.bins, marks,
               self._counts)

    def merge(self, other: Self) -> None:
        if not self._quantiser.equals(other._quantiser):
            raise ValueError("AUCs prepared from different pilots cannot be merged")
        self._counts += other._counts

    def result(self) -> dict[str, np.ndarray]:
        inside = self._counts[:, :, :-1].astype(np.float64)
        outside = self._counts[:, :, -1:] - inside
        below = np.cumsum(outside, axis=1) - outside
        pairs = inside.sum(axis=1) * outside.sum(axis=1)
        auc = np.full((len(self._counts), len(self.boolean)), np.nan)
        with np.errstate(invalid="ignore", divide="ignore"):
            auc[:, self.boolean] = (inside * (below + outside / 2)).sum(axis=1) / pairs
        return {"auc": auc}


@numba.njit(nogil=True)
def _count(activations: np.ndarray, low: np.ndarray, scale: np.ndarray, bins: np.ndarray, marks: np.ndarray,
           counts: np.ndarray) -> None:
    """Add marks (T, P) to counts (U, bins, P) at each unit's bin."""
    time, units = activations.shape
    patterns = marks.shape[1]
    tile = np.zeros((TILE, counts.shape[1], patterns), np.uint32)
    for first in range(0, units, TILE):
        width = min(TILE, units - first)
        tile[:] = 0
        for t in range(time):
            for u in range(width):
                value = (activations[t, first + u] - low[first + u]) * scale[first + u]
                # Whatever is not a number counts as low: an index must lie inside.
                step = int(min(value, np.float32(GRID - 1))) if value > 0 else 0
                row = tile[u, bins[first + u, step]]
                for p in range(patterns):
                    row[p] += marks[t, p]
        for u in range(width):
            for b in range(counts.shape[1]):
                for p in range(patterns):
                    counts[first + u, b, p] += tile[u, b, p]
