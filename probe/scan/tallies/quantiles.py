"""Quantising each unit's activations by edges at its own quantiles."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from probe.scan.tallies.kernels import kernel, on_all_cores

BINS = 256
GRID = 4096

# Rows and units quantised together: their grid steps lie in the cache nearest to a core.
ROWS, UNITS = 256, 64


@dataclass(frozen=True)
class Quantiser:
    """Maps the activations of each unit to one of 256 bins of about equal count.

    The edges are the pilot's quantiles, moved to a grid of 4,096 equal steps over the pilot's range, so that a value's
    bin is one look-up. Values beyond the range fall into the first and the last bin.

    Attributes:
        low: (U,) float32, where each unit's grid begins.
        scale: (U,) float32, grid steps per unit of activation.
        bins: (U, 4096) uint8, the bin of each grid step.
    """

    low: np.ndarray
    scale: np.ndarray
    bins: np.ndarray

    @classmethod
    def fit(cls, pilot: np.ndarray) -> Self:
        """Fix the edges from pilot activations (R, U) float32."""
        units = pilot.shape[1]
        low, high = pilot.min(axis=0).astype(np.float32), pilot.max(axis=0).astype(np.float32)
        scale = (np.float32(GRID) / np.maximum(high - low, np.float32(1e-6))).astype(np.float32)
        bins = np.empty((units, GRID), np.uint8)
        ranks = len(pilot) * np.arange(1, BINS) // BINS
        for unit in range(units):
            edges = np.sort(pilot[:, unit])[ranks]
            steps = np.ceil((edges - low[unit]) * scale[unit]).astype(np.int64)
            bins[unit] = np.cumsum(np.bincount(steps, minlength=GRID)[:GRID])
        return cls(low, scale, bins)

    def quantised(self, activations: np.ndarray) -> np.ndarray:
        """Return the bins (R, U) uint8 of activations (R, U) float32; in memory the rows of a unit are neighbours."""
        rows, units = activations.shape
        bins = np.empty((units, rows), np.uint8)
        on_all_cores(_look_up, rows, np.ascontiguousarray(activations, np.float32), self.low, self.scale, self.bins,
                     bins)
        return bins.T

    def edges(self, units: slice = slice(None)) -> np.ndarray:
        """Return (U, 257) float64: bin b of a chosen unit holds the activations in [edges[b], edges[b + 1])."""
        steps = np.array([np.searchsorted(bins, np.arange(1, BINS)) for bins in self.bins[units]])
        edges = self.low[units, None] + steps / self.scale[units, None].astype(np.float64)
        infinite = np.full((len(edges), 1), np.inf)
        return np.hstack([-infinite, np.where(steps < GRID, edges, np.inf), infinite])

    def equals(self, other: Self) -> bool:
        """Whether both have the same edges."""
        return all(np.array_equal(getattr(self, name), getattr(other, name)) for name in ("low", "scale", "bins"))


@kernel
def _look_up(activations: np.ndarray, low: np.ndarray, scale: np.ndarray, bins: np.ndarray, found: np.ndarray,
             first: int, last: int) -> None:
    """Write the bins of rows [first, last) of activations (R, U) to found (U, R)."""
    units = activations.shape[1]
    steps = np.empty((ROWS, UNITS), np.uint16)
    for row in range(first, last, ROWS):
        height = min(ROWS, last - row)
        for unit in range(0, units, UNITS):
            width = min(UNITS, units - unit)
            lows, scales = low[unit:unit + width], scale[unit:unit + width]
            for r in range(height):
                values, to = activations[row + r, unit:unit + width], steps[r]
                for u in range(width):
                    step = (values[u] - lows[u]) * scales[u]
                    # Whatever is not a number counts as low: an index must lie inside.
                    step = step if step > np.float32(0) else np.float32(0)
                    step = step if step < np.float32(GRID - 1) else np.float32(GRID - 1)
                    to[u] = np.uint16(np.int32(step))
            # Indices without a sign need no check for counting from the end.
            for u in range(np.uint64(width)):
                table, line = bins[unit + u], found[unit + u, row:row + height]
                for r in range(np.uint64(height)):
                    line[r] = table[steps[r, u]]
