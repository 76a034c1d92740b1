"""Sums of products of activations and labels, for correlations and means."""

from typing import Any, Self

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from probe.scan.kernels import kernel, on_all_cores
from probe.scan.products import GROUP, TOGETHER, add_product
from probe.scan.tallies.constancy import varies
from probe.scan.tallies.labels import Labels, LabelScales, mean_and_deviation
from probe.scan.vectors import CONTRACT, LANES, data_of, fetch, vector_at

# Rows added up in float32: few enough for rounding to stay below 1e-6 of r; their sums go on in float64.
ROWS = 512

# Rows of a group of units lie far apart in memory: the processor is told so many rows ahead which come.
AHEAD = 16
# Rows standardised before they are multiplied: those of a group stay in the cache nearest to a core, and the sums of
# equal products, of a unit with two values, are not rounded too often. It divides ROWS.
NEAR = 32
# Rows whose sums are added up in float32 before they go on in float64.
AT_ONCE = 4

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
        self._products = np.zeros((TOGETHER * -(-patterns // TOGETHER), units))

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
        on_all_cores(_add, -(-len(self.shift) // GROUP), np.ascontiguousarray(activations, np.float32), self.shift,
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
        covariances = (self._products[:len(self.scales.shift)].T / max(self.n, 1)
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
    """Add up groups [first, last) of units: activations (R, U), standardised as x = (a − shift) · factor, and labels.

    To sums (2, U) float64 go Σx and Σx², to products (P', U) float64 Σxy.
    """
    units, patterns = activations.shape[1], labels.shape[1]
    x = np.zeros((1, NEAR, GROUP), np.float32)
    totals = np.zeros((last - first, 1, patterns, GROUP), np.float32)
    for start in range(0, len(activations), NEAR):
        height = min(NEAR, len(activations) - start)
        left = labels[start:start + height].reshape(1, height, patterns)
        for group in range(first, last):
            begin = group * GROUP
            width = min(GROUP, units - begin)
            whole = height - height % AT_ONCE if width == GROUP else 0
            for row in range(0, whole, AT_ONCE):
                _standardise(activations, start + row, begin, shift, factor, x, row, sums)
            for row in range(whole, height):
                for unit in range(width):
                    value = (activations[start + row, begin + unit] - shift[begin + unit]) * factor[begin + unit]
                    x[0, row, unit] = value
                    sums[0, begin + unit] += np.float64(value)
                    sums[1, begin + unit] += np.float64(value) * np.float64(value)
            add_product(left, x, totals[group - first])
        if (start + NEAR) % ROWS == 0 or start + height == len(activations):
            for group in range(first, last):
                begin = group * GROUP
                for pattern in range(patterns):
                    for unit in range(min(GROUP, units - begin)):
                        products[pattern, begin + unit] += totals[group - first, 0, pattern, unit]
            totals[:] = 0


@intrinsic
def _standardise(_: Any, activations: types.Type, row: types.Type, begin: types.Type, shift: types.Type,
                 factor: types.Type, x: types.Type, to: types.Type, sums: types.Type) -> tuple[Any, Any]:
    """Set rows of x (1, R, GROUP), from ``to`` on, to standardised units, and add these and their squares to sums."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        def number(value: int) -> Any:
            return ir.IntType(64)(value)

        matrix = context.make_array(signature.args[0])(context, builder, args[0])
        double = ir.VectorType(ir.DoubleType(), LANES)
        units = builder.extract_value(matrix.shape, 1)
        less, by, out, both = (data_of(context, builder, signature, args, k) for k in (3, 4, 5, 7))
        for column in range(0, GROUP, LANES):
            unit = builder.add(args[2], number(column))
            shifts = builder.load(vector_at(builder, less, unit), align=4)
            factors = builder.load(vector_at(builder, by, unit), align=4)
            total, squares = None, None
            for k in range(AT_ONCE):
                line = builder.add(args[1], number(k))
                ahead = builder.add(builder.mul(builder.add(line, number(AHEAD)), units), unit)
                fetch(builder, builder.gep(matrix.data, [ahead]))
                place = vector_at(builder, matrix.data, builder.add(builder.mul(line, units), unit))
                value = builder.fmul(builder.fsub(builder.load(place, align=4), shifts), factors)
                at = builder.add(builder.mul(builder.add(args[6], number(k)), number(GROUP)), number(column))
                builder.store(value, vector_at(builder, out, at), align=4)
                square = builder.fmul(value, value, flags=CONTRACT)
                total = value if total is None else builder.fadd(total, value)
                squares = square if squares is None else builder.fadd(squares, square, flags=CONTRACT)
            for power, term in enumerate((total, squares)):
                at = builder.gep(both, [builder.add(unit, builder.mul(number(power), units))])
                at = builder.bitcast(at, double.as_pointer())
                builder.store(builder.fadd(builder.load(at, align=8), builder.fpext(term, double)), at, align=8)
        return context.get_dummy_value()

    return types.void(activations, row, begin, shift, factor, x, to, sums), generate
