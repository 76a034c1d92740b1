"""The labels of a block, made ready once for all layers and signals."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from probe.scan.kernels import kernel, on_all_cores
from probe.scan.products import TOGETHER
from probe.scan.tallies.constancy import varies

# Levels of a graded pattern at most.
LEVELS = 32

# Counters of 8 bits that are counted up together: a vector that every processor has.
LANES = 16

# Deviations below are not scaled up: their reciprocal would be beyond float32's largest number.
SMALLEST = 1e-30


@dataclass(frozen=True)
class Labels:
    """Labels of R rows in the forms that are counted.

    Attributes:
        standardised: (R, P') float32, (label − shift) / scale, and columns of zeros that make P a multiple of four.
        sums, squares: (P,) float64, sums of the standardised labels and of their squares.
        marks: (R, 16 k) uint8. Lane 0 is 1 in every row; those after it are the labels of the boolean patterns.
        levels: (G, R) uint8, the level of each of the G graded patterns.
    """

    standardised: np.ndarray
    sums: np.ndarray
    squares: np.ndarray
    marks: np.ndarray
    levels: np.ndarray


@dataclass(frozen=True)
class LabelScales:
    """What is fixed of P patterns before their labels are counted.

    Attributes:
        boolean: (P,) bool, which patterns have labels 0 and 1 alone; the others are graded.
        shift, scale: (P,) float32, mean and deviation of each on the pilot.
        edges: of each graded pattern the lowest label (≤ 31,) float32 of every level but the first. These are the
            pilot's distinct values, or its quantiles if there are more than 32.
    """

    boolean: np.ndarray
    shift: np.ndarray
    scale: np.ndarray
    edges: tuple[np.ndarray, ...]

    @classmethod
    def fit(cls, pilot: np.ndarray, boolean: np.ndarray) -> Self:
        """Fix the scales from pilot labels (R, P) float32."""
        boolean = np.asarray(boolean, bool)
        return cls(boolean, *mean_and_deviation(pilot), tuple(_edges(column) for column in pilot.T[~boolean]))

    def prepare(self, labels: np.ndarray) -> Labels:
        """Return labels (R, P) float32 in the forms that are counted."""
        rows, patterns = labels.shape
        standardised = np.zeros((rows, TOGETHER * -(-patterns // TOGETHER)), np.float32)
        sums, squares = np.zeros(patterns), np.zeros(patterns)
        on_all_cores(_standardise, patterns, labels, self.shift, self.scale, standardised, sums, squares)
        inside = np.flatnonzero(self.boolean)
        marks = np.zeros((rows, LANES * -(-(len(inside) + 1) // LANES)), np.uint8)
        marks[:, 0] = 1
        on_all_cores(_mark, rows, labels, inside, marks)
        levels = np.empty((len(self.edges), rows), np.uint8)
        for level, edges, column in zip(levels, self.edges, labels.T[~self.boolean], strict=True):
            level[:] = np.searchsorted(edges, column, side="right")
        return Labels(standardised, sums, squares, marks, levels)

    def equals(self, other: Self) -> bool:
        """Whether both prepare labels alike."""
        return (all(np.array_equal(getattr(self, name), getattr(other, name)) for name in ("boolean", "shift", "scale"))
                and all(map(np.array_equal, self.edges, other.edges)))


def mean_and_deviation(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and deviation, float32, of each column of values (R, K); of a constant its magnitude, or 1."""
    mean, deviation = values.mean(axis=0, dtype=np.float64), values.std(axis=0, dtype=np.float64)
    scaling = varies(deviation**2, mean**2)
    scale = np.where(scaling, deviation, np.abs(mean))
    return mean.astype(np.float32), np.where(scale > SMALLEST, scale, 1).astype(np.float32)


def _edges(column: np.ndarray) -> np.ndarray:
    values = np.unique(column)
    if len(values) > LEVELS:
        values = np.unique(np.sort(column)[len(column) * np.arange(LEVELS) // LEVELS])
    return values[1:].astype(np.float32)


@kernel
def _standardise(labels: np.ndarray, shift: np.ndarray, scale: np.ndarray, standardised: np.ndarray,
                 sums: np.ndarray, squares: np.ndarray, first: int, last: int) -> None:
    """Columns [first, last) of what :class:`Labels` holds; of a sum the rows are added up in their order."""
    for row in range(len(labels)):
        for column in range(first, last):
            value = (labels[row, column] - shift[column]) / scale[column]
            standardised[row, column] = value
            sums[column] += np.float64(value)
            squares[column] += np.float64(value) * np.float64(value)


@kernel
def _mark(labels: np.ndarray, inside: np.ndarray, marks: np.ndarray, first: int, last: int) -> None:
    """Rows [first, last) of the marks of the patterns ``inside``, after the lane of ones."""
    for row in range(first, last):
        for lane in range(len(inside)):
            marks[row, lane + 1] = np.uint8(labels[row, inside[lane]])
