"""Quantising each unit's activations by edges at its own quantiles."""

from dataclasses import dataclass
from typing import Self

import numba
import numpy as np

from probe.scan.kernels import kernel, on_all_cores

BINS = 256
GRID = 4096

# Rows and units quantised together: their grid steps lie in the cache nearest to a core.
ROWS, UNITS = 256, 64

# A pilot whose range is two roundings of float32, or this, is constant.
NARROW, NARROWEST = 2.0**-22, 1e-30


@dataclass(frozen=True)
class Quantiser:
    """Maps the activations of each unit to one of 256 bins of about equal count.

    Values go to a grid of 4,096 equal steps over the pilot's range, so that a value's bin is one look-up, and
    neighbouring steps are joined to bins such that the fullest bin of several steps holds as little of the pilot as can
    be. A step that is fuller, as where a gate is saturated or a unit has few values, is a bin of its own. Values beyond
    the range fall into the first and the last step; the grid of a constant lies around it, to tell what is above and
    below.

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
        # In float64: the range of finite numbers may be beyond the largest of float32.
        lowest, highest = pilot.min(axis=0).astype(np.float64), pilot.max(axis=0).astype(np.float64)
        width, magnitude = highest - lowest, np.maximum(np.abs(lowest), np.abs(highest))
        constant = width <= np.maximum(NARROW * magnitude, NARROWEST)
        width = np.where(constant, GRID * np.maximum(2 * NARROW * magnitude, NARROWEST), width)
        middle = (lowest + highest - width / GRID) / 2  # in the midst of a step
        low = np.where(constant, middle - width / 2, lowest).astype(np.float32)
        scale, bins = (GRID / width).astype(np.float32), np.empty((units, GRID), np.uint8)
        on_all_cores(_share_out, units, np.ascontiguousarray(pilot, np.float32), low, scale, bins)
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


@numba.njit(inline="always")
def _step(value: np.float32, low: np.float32, scale: np.float32) -> np.uint16:
    step = (value - low) * scale
    # Whatever is not a number counts as low: an index must lie inside.
    step = step if step > np.float32(0) else np.float32(0)
    step = step if step < np.float32(GRID - 1) else np.float32(GRID - 1)
    return np.uint16(np.int32(step))


@kernel
def _share_out(pilot: np.ndarray, low: np.ndarray, scale: np.ndarray, bins: np.ndarray, first: int, last: int) -> None:
    """Write the bins (U, 4096) of the steps of units [first, last), made of the pilot (R, U)."""
    for unit in range(first, last):
        counts = np.zeros(GRID, np.int64)
        for row in range(len(pilot)):
            counts[_step(pilot[row, unit], low[unit], scale[unit])] += 1
        if counts[0] == 0:  # around a constant
            counts[GRID // 2 - 1], counts[GRID // 2 + 1] = 1, 1
        few, most = 1, len(pilot) + 2
        while few < most:
            share = (few + most) // 2
            if _join(counts, share, bins[unit]) < BINS:
                most = share
            else:
                few = share + 1
        highest = _join(counts, most, bins[unit])
        # Spread over all 256, so that they stay apart where every four are joined.
        for step in range(GRID):
            bins[unit, step] = bins[unit, step] * (BINS - 1) // highest


@numba.njit
def _join(counts: np.ndarray, share: int, bins: np.ndarray) -> int:
    """Join neighbours of the steps to bins of at most ``share`` values, as few as can be, and return the last bin."""
    bin, held = 0, 0
    for step in range(GRID):
        if held + counts[step] > share and counts[step] > 0 and held > 0:
            bin, held = bin + 1, 0
        held += counts[step]
        bins[step] = min(bin, BINS - 1)
    return bin


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
                    to[u] = _step(values[u], lows[u], scales[u])
            # Indices without a sign need no check for counting from the end.
            for u in range(np.uint64(width)):
                table, line = bins[unit + u], found[unit + u, row:row + height]
                for r in range(np.uint64(height)):
                    line[r] = table[steps[r, u]]
