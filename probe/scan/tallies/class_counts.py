"""How often each bin of a unit occurs, and how often inside each boolean pattern."""

from typing import Any, Self

import numba
import numpy as np
from llvmlite import ir
from numba.extending import intrinsic

from probe.scan.kernels import kernel, on_all_cores
from probe.scan.tallies.labels import LANES, Labels
from probe.scan.tallies.quantiles import BINS

FULL = 255

# Units and rows counted together: their counters and marks stay in the cache of a core.
UNITS, ROWS = 8, 4096


class ClassCounts:
    """The joint histogram of U quantised units with B boolean patterns.

    A row adds its marks to its bin's counters, 16 of 8 bits at once. The first of them counts every row, and none can
    be ahead of it: when it is full, the bin's counters are added to wide ones and begin anew, so that nothing ever
    spills into a neighbour.

    Args:
        units, patterns: U and B.
    """

    def __init__(self, units: int, patterns: int) -> None:
        self.n = 0
        self._counts = np.zeros((units, BINS, patterns + 1), np.uint32)
        self._few = np.zeros((units, BINS, LANES * -(-(patterns + 1) // LANES)), np.uint8)

    def __getstate__(self) -> dict[str, Any]:
        return {"n": self.n, "_counts": self._all()}

    def __setstate__(self, state: dict[str, Any]) -> None:
        units, _, lanes = state["_counts"].shape
        self.__init__(units, lanes - 1)  # type: ignore[misc]
        self.n, self._counts = state["n"], state["_counts"]

    def empty(self) -> Self:
        """Return counts of as many units and patterns, which have seen nothing."""
        return type(self)(len(self._counts), self._counts.shape[2] - 1)

    def update(self, bins: np.ndarray, labels: Labels) -> None:
        """Take in bins (R, U) uint8 and labels of as many rows."""
        self._grow(len(bins))
        on_all_cores(_count, len(self._counts), np.ascontiguousarray(bins.T), labels.marks, self._few, self._counts)

    def merge(self, other: Self) -> None:
        """Take in all that ``other`` has seen."""
        self._grow(other.n)
        self._counts += other._all().astype(self._counts.dtype, copy=False)

    def every(self, units: slice = slice(None)) -> np.ndarray:
        """Return the rows (U, 256) in each bin of the chosen units."""
        return self._all(units)[:, :, 0]

    def inside(self, units: slice = slice(None)) -> np.ndarray:
        """Return the rows (U, 256, B) in each bin of the chosen units and inside each pattern."""
        return self._all(units)[:, :, 1:]

    def _all(self, units: slice = slice(None)) -> np.ndarray:
        return self._counts[units] + self._few[units, :, :self._counts.shape[2]]

    def _grow(self, rows: int) -> None:
        self.n += rows
        if self.n > np.iinfo(self._counts.dtype).max:
            self._counts = self._counts.astype(np.uint64)


@intrinsic
def _add_lanes(context: Any, counters: Any, at: Any, marks: Any, row: Any) -> Any:
    """Add marks[row : row + 16] to counters[at : at + 16], both uint8, as one vector."""

    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        vector = ir.VectorType(ir.IntType(8), LANES).as_pointer()
        place, added = (builder.bitcast(builder.gep(context.make_array(kind)(context, builder, array).data, [index]),
                                        vector)
                        for kind, array, index in ((signature.args[0], *arguments[:2]),
                                                   (signature.args[2], *arguments[2:])))
        builder.store(builder.add(builder.load(place, align=1), builder.load(added, align=1)), place, align=1)
        return context.get_dummy_value()

    return numba.types.void(counters, numba.types.uintp, marks, numba.types.uintp), code


@kernel
def _count(bins: np.ndarray, marks: np.ndarray, few: np.ndarray, counts: np.ndarray, first: int, last: int) -> None:
    """Count bins (U, R) of units [first, last) with marks (R, lanes): in few (U, 256, lanes), then counts."""
    lanes, counted = np.uint64(marks.shape[1]), np.uint64(counts.shape[2])
    flat_few, flat_marks = few.reshape(-1), marks.reshape(-1)
    for some in range(first, last, UNITS):
        for row in range(0, bins.shape[1], ROWS):
            for unit in range(np.uint64(some), np.uint64(min(some + UNITS, last))):
                line = bins[unit]
                for r in range(np.uint64(row), np.uint64(min(row + ROWS, bins.shape[1]))):
                    bin = np.uint64(line[r])
                    at = (unit * np.uint64(BINS) + bin) * lanes
                    for lane in range(np.uint64(0), lanes, np.uint64(LANES)):
                        _add_lanes(flat_few, at + lane, flat_marks, r * lanes + lane)
                    if flat_few[at] == FULL:
                        for lane in range(counted):
                            counts[unit, bin, lane] += flat_few[at + lane]
                            flat_few[at + lane] = 0
