"""How often each bin of a unit occurs at each level of a graded pattern."""

from typing import Self

import numpy as np

from probe.scan.kernels import kernel, on_all_cores
from probe.scan.tallies.labels import LEVELS, Labels
from probe.scan.tallies.quantiles import BINS

# Bins of a unit here: every four of the quantiser's are one.
COARSE = 64

# Rows counted at once: they and a pattern's counters stay in the cache nearest to a core.
ROWS = 2048


class LevelCounts:
    """The joint histogram of U coarsely quantised units with G graded patterns.

    Args:
        units, patterns: U and G.

    Attributes:
        counts: (U, G, 64, 32) uint32, or uint64 where so many rows are counted.
    """

    def __init__(self, units: int, patterns: int) -> None:
        self.n = 0
        self.counts = np.zeros((units, patterns, COARSE, LEVELS), np.uint32)

    def empty(self) -> Self:
        """Return counts of as many units and patterns, which have seen nothing."""
        return type(self)(*self.counts.shape[:2])

    def update(self, bins: np.ndarray, labels: Labels) -> None:
        """Take in bins (R, U) uint8 and labels of as many rows."""
        self._grow(len(bins))
        on_all_cores(_count, len(self.counts), np.ascontiguousarray(bins.T), labels.levels,
                     self.counts.reshape(*self.counts.shape[:2], COARSE * LEVELS))

    def merge(self, other: Self) -> None:
        """Take in all that ``other`` has seen."""
        self._grow(other.n)
        self.counts += other.counts.astype(self.counts.dtype, copy=False)

    def _grow(self, rows: int) -> None:
        self.n += rows
        if self.n > np.iinfo(self.counts.dtype).max:
            self.counts = self.counts.astype(np.uint64)


@kernel
def _count(bins: np.ndarray, levels: np.ndarray, counts: np.ndarray, first: int, last: int) -> None:
    """Count bins (U, R) of units [first, last) with levels (G, R) in counts (U, G, 64 · 32)."""
    base, cell = np.empty(ROWS, np.uint16), np.empty(ROWS, np.uint16)
    for unit in range(first, last):
        for row in range(0, bins.shape[1], ROWS):
            line = bins[unit, row:row + ROWS]
            rows = np.uint64(len(line))
            for r in range(rows):
                base[r] = np.uint16(line[r] // (BINS // COARSE)) * np.uint16(LEVELS)
            for pattern in range(len(levels)):
                level, table = levels[pattern, row:row + ROWS], counts[unit, pattern]
                for r in range(rows):
                    cell[r] = base[r] + level[r]
                for r in range(rows):
                    table[cell[r]] += 1
