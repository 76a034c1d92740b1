"""Sums of products of activations and labels, for correlations and means."""

from typing import Self

import numpy as np

from probe.scan.tallies.constancy import varies
from probe.scan.tallies.kernels import kernel, on_all_cores
from probe.scan.tallies.labels import Labels, LabelScales, mean_and_deviation

# Rows added up in float32: few enough for rounding to stay below 1e-6 of r; their sums go on in float64.
ROWS = 512

# Units multiplied together: they and their products stay in the cache of a core.
UNITS = 256

# What is left of a constant's variance after sums were rounded, as a share of their mean square, is no variance.
ROUNDING = 1e-12


class Moments:
    """First and second moments of U units and P patterns.

    Values are shifted and scaled by the pilot's means and deviations, so that nothing large is subtracted from
    something large.

    Args:
        shift, scale: (U,) float32, of the units.
        scales: of the patterns.
    """

    def __init__(self, shift: np.ndarray, scale: np.ndarray, scales: LabelScales) -> None:
        self.shift, self.scale, self.scales = shift, scale, scales
        self.n = 0
        units, patterns = len(shift), len(scales.shift)
        self._activations, self._labels = np.zeros((2, units)), np.zeros((2, patterns))
        self._products = np.zeros((units, patterns))

    @classmethod
    def fit(cls, pilot: np.ndarray, scales: LabelScales) -> Self:
        """Fix shift and scale from pilot activations (R, U)."""
        return cls(*mean_and_deviation(pilot), scales)

    def empty(self) -> Self:
        """Return moments fitted as these are, which have seen nothing."""
        return type(self)(self.shift, self.scale, self.scales)

    def update(self, activations: np.ndarray, labels: Labels) -> None:
        """Take in activations (R, U) float32 and labels of as many rows."""
        self.n += len(activations)
        self._labels += labels.sums, labels.squares
        on_all_cores(_add, len(self.shift), np.ascontiguousarray(activations, np.float32), self.shift,
                     np.float32(1) / self.scale, labels.standardised, self._activations, self._products)

    def merge(self, other: Self) -> None:
        """Take in all that ``other``, fitted alike, has seen."""
        self.n += other.n
        self._activations += other._activations
        self._labels += other._labels
        self._products += other._products

    def means(self) -> np.ndarray:
        """Return the mean of each unit (U,)."""
        return self.shift + self.scale * self._mean(self._activations)

    def variances(self) -> np.ndarray:
        """Return the variance of each unit (U,), over n; 0 for a constant."""
        return self._variance(self._activations, self.shift, self.scale)

    def label_means(self) -> np.ndarray:
        """Return the mean of each pattern (P,)."""
        return self.scales.shift + self.scales.scale * self._mean(self._labels)

    def label_variances(self) -> np.ndarray:
        """Return the variance of each pattern (P,), over n; 0 for a constant."""
        return self._variance(self._labels, self.scales.shift, self.scales.scale)

    def covariances(self) -> np.ndarray:
        """Return the covariance, over n, of each unit with each pattern (U, P)."""
        covariances = (self._products / max(self.n, 1)
                       - np.outer(self._mean(self._activations), self._mean(self._labels)))
        return np.outer(self.scale.astype(np.float64), self.scales.scale.astype(np.float64)) * covariances

    def _mean(self, sums: np.ndarray) -> np.ndarray:
        return sums[0] / max(self.n, 1)

    def _variance(self, sums: np.ndarray, shift: np.ndarray, scale: np.ndarray) -> np.ndarray:
        squares, mean = sums[1] / max(self.n, 1), self._mean(sums)
        variance, scale = squares - mean**2, scale.astype(np.float64)
        some = (variance > ROUNDING * squares) & varies(scale**2 * variance, (shift + scale * mean)**2)
        return np.where(some, scale**2 * variance, 0)


@kernel
def _add(activations: np.ndarray, shift: np.ndarray, factor: np.ndarray, labels: np.ndarray, sums: np.ndarray,
         products: np.ndarray, first: int, last: int) -> None:
    """Add up units [first, last) of activations (R, U), standardised as x = (a − shift) · factor, and labels (R, P).

    To sums (2, U) float64 go Σx and Σx², to products (U, P) float64 Σxy. Eight rows and two patterns are multiplied at
    once: a vector of x is then read once for 16 products, and only every eighth has to be put back.
    """
    patterns = labels.shape[1]
    x, y = np.zeros(ROWS * UNITS, np.float32), np.zeros((ROWS // 8, patterns + patterns % 2, 8), np.float32)
    product = np.empty(y.shape[1] * UNITS, np.float32)
    for unit in range(first, last, UNITS):
        width = min(UNITS, last - unit)
        shifts, factors = shift[unit:unit + width], factor[unit:unit + width]
        total, squares = sums[0, unit:unit + width], sums[1, unit:unit + width]
        for row in range(0, len(activations), ROWS):
            height = min(ROWS, len(activations) - row)
            for r in range(height):
                values, to = activations[row + r, unit:unit + width], x[r * UNITS:r * UNITS + width]
                for u in range(width):
                    to[u] = (values[u] - shifts[u]) * factors[u]
                # A loop of its own: machine code for vectors must know that no two of its arrays overlap.
                for u in range(width):
                    value = np.float64(to[u])
                    total[u] += value
                    squares[u] += value * value
                for p in range(patterns):
                    y[r // 8, p, r % 8] = labels[row + r, p]
            for place in range(height * UNITS, len(x)):
                x[place] = 0
            for place in range(len(product)):
                product[place] = 0
            for eight in range(np.uint64((height + 7) // 8)):
                for p in range(np.uint64(0), np.uint64(y.shape[1]), np.uint64(2)):
                    a, b = y[eight, p], y[eight, p + np.uint64(1)]
                    a0, a1, a2, a3, a4, a5, a6, a7 = a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7]
                    b0, b1, b2, b3, b4, b5, b6, b7 = b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7]
                    for u in range(np.uint64(UNITS)):
                        at, put = eight * np.uint64(8 * UNITS) + u, p * np.uint64(UNITS) + u
                        x0, x1 = x[at], x[at + np.uint64(UNITS)]
                        x2, x3 = x[at + np.uint64(2 * UNITS)], x[at + np.uint64(3 * UNITS)]
                        x4, x5 = x[at + np.uint64(4 * UNITS)], x[at + np.uint64(5 * UNITS)]
                        x6, x7 = x[at + np.uint64(6 * UNITS)], x[at + np.uint64(7 * UNITS)]
                        # One chain of products that are added in the same instruction.
                        one = a3 * x3 + (a2 * x2 + (a1 * x1 + (a0 * x0 + product[put])))
                        other = b3 * x3 + (b2 * x2 + (b1 * x1 + (b0 * x0 + product[put + np.uint64(UNITS)])))
                        product[put] = a7 * x7 + (a6 * x6 + (a5 * x5 + (a4 * x4 + one)))
                        product[put + np.uint64(UNITS)] = b7 * x7 + (b6 * x6 + (b5 * x5 + (b4 * x4 + other)))
            for p in range(patterns):
                for u in range(width):
                    products[unit + u, p] += product[p * UNITS + u]
