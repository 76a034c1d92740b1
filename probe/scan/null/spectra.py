"""Spectra of units at the places of a segment, laid out so that products over them are cross spectra.

Units go in groups of :data:`GROUP`. The spectra of a group at T places are planes of float32 of shape
(S/2, 2T, GROUP): for every pair of places the real and imaginary parts of the packed pair at frequency f, and those of
its conjugate at −f. A product over the planes then sums both halves of the spectrum, and nothing needs to be unpacked:
where a pair's two places mix, the mixed terms are imaginary after the way back, and the sums wanted are real. Frequency
0, the means, is kept apart in float64.
"""

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from probe.scan.kernels import kernel
from probe.scan.null.fourier import Plan, transform
from probe.scan.products import GROUP
from probe.scan.vectors import CONTRACT, LANES, data_of, fetch, vector_at

TILES = GROUP // LANES
# Rows lie so far apart that no processor guesses which comes next: it is told so many rows ahead.
AHEAD = 16
# Rows that are looked up for one unit after the other: they stay in the cache of a core.
STRETCH = 128


class Spectra:
    """Makes the planes of one group of columns after another, in memory that it keeps.

    Args:
        plan: of transforms of S rows.
        places: most places T of a segment at a time.

    Attributes:
        planes: (S/2, 2 · places + 1, GROUP) float32.
    """

    def __init__(self, plan: Plan, places: int) -> None:
        size = len(plan.rows)
        self._plan, self._re = plan, np.empty((TILES, size, LANES), np.float32)
        self._im = np.empty_like(self._re)
        # One row more, of zeros: with a power of two of them all frequencies would fall into the same lines of cache.
        self.planes = np.zeros((size // 2, 2 * places + 1, GROUP), np.float32)

    def fill(self, values: np.ndarray, factors: np.ndarray, first: int, means: np.ndarray, squares: np.ndarray,
             table: np.ndarray | None = None) -> None:
        """Fill the planes from units ``first`` to ``first + GROUP``.

        Args:
            values: (T, S, U) float32 in C order, or uint8 in any order that ``table`` gives a meaning.
            factors: (U,) float32, by which values are multiplied.
            first: a unit.
            means: (T, U) float64, set to the mean over the segments.
            squares: (U,) float64, to which the squares around these means are added.
            table: (U, 256) float32, the value of each unit's bytes; None if ``values`` are values.
        """
        plan = self._plan
        _fill(values, table, factors, first, self._re, self._im, plan.cosines, plan.sines, plan.rows, self.planes,
              means, squares)


@kernel
def _fill(values: np.ndarray, table: np.ndarray | None, factors: np.ndarray, first: int, re: np.ndarray,
          im: np.ndarray, cosines: np.ndarray, sines: np.ndarray, rows: np.ndarray, planes: np.ndarray,
          means: np.ndarray, squares: np.ndarray) -> None:
    places, size, units = values.shape
    half, base, width = size // 2, np.zeros((2, GROUP), np.float32), min(GROUP, units - first)
    planes[:, 4 * ((places + 1) // 2):] = 0
    if width < GROUP:
        planes[:, :, width // LANES * LANES:] = 0
        re[:], im[:] = 0, 0
    for place in range(0, places, 2):
        _load(values[place], table, factors, first, width, re, base[0])
        if place + 1 < places:
            _load(values[place + 1], table, factors, first, width, im, base[1])
        else:
            im[:] = 0
        for tile in range((width + LANES - 1) // LANES):
            real, imaginary = re[tile], im[tile]
            transform(real, imaginary, cosines, sines)
            power = np.zeros((1, LANES), np.float32)
            for frequency in range(1, half + 1):
                _store(real, imaginary, rows[frequency], rows[size - frequency], planes, frequency - 1, 2 * place,
                       tile * LANES, power)
            for lane in range(min(LANES, width - tile * LANES)):
                column = tile * LANES + lane
                total = np.float64(power[0, lane])
                if half:  # f = S/2 is its own mirror image
                    total -= np.float64(real[rows[half], lane])**2 + np.float64(imaginary[rows[half], lane])**2
                squares[first + column] += total / size
                factor = np.float64(factors[first + column])
                means[place, first + column] = factor * base[0, column] + np.float64(real[0, lane]) / size
                if place + 1 < places:
                    means[place + 1, first + column] = factor * base[1, column] + np.float64(imaginary[0, lane]) / size


@kernel
def _load(values: np.ndarray, table: np.ndarray | None, factors: np.ndarray, first: int, width: int,
          parts: np.ndarray, base: np.ndarray) -> None:
    """Set parts (TILES, S, LANES) to columns less their first rows, times their factors.

    A large mean would drown the rest in rounding, and the squares of what is tiny would vanish.
    """
    size = len(values)
    if table is None:
        for column in range(width):
            base[column] = values[0, first + column]
        if width == GROUP:  # a length known in advance is whole vectors
            for s in range(size):
                _take(values, s, first, base, factors, parts)
        else:
            for s in range(size):
                for column in range(width):
                    value = values[s, first + column] - base[column]
                    parts[column // LANES, s, column % LANES] = value * factors[first + column]
    else:
        for column in range(width):
            base[column] = table[first + column, values[0, first + column]]
        for start in range(0, size, STRETCH):
            for column in range(width):
                value, part, lane = table[first + column], parts[column // LANES], column % LANES
                for s in range(start, min(start + STRETCH, size)):  # the bytes of a unit are neighbours
                    part[s, lane] = (value[values[s, first + column]] - base[column]) * factors[first + column]


@intrinsic
def _take(_: Any, values: types.Type, row: types.Type, first: types.Type, base: types.Type, factors: types.Type,
          parts: types.Type) -> tuple[Any, Any]:
    """Set a row of parts to GROUP columns of values, from ``first`` on, less their base, times their factors."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        matrix, out = (context.make_array(signature.args[k])(context, builder, args[k]) for k in (0, 5))
        start = builder.add(builder.mul(args[1], builder.extract_value(matrix.shape, 1)), args[2])
        less, by = (data_of(context, builder, signature, args, k) for k in (3, 4))
        size = builder.extract_value(out.shape, 1)
        units = builder.extract_value(matrix.shape, 1)
        later = builder.add(start, builder.mul(ir.IntType(64)(AHEAD), units))
        for tile in range(TILES):
            column = ir.IntType(64)(tile * LANES)
            fetch(builder, builder.gep(matrix.data, [builder.add(later, column)]))
            value = builder.load(vector_at(builder, matrix.data, builder.add(start, column)), align=4)
            value = builder.fsub(value, builder.load(vector_at(builder, less, column), align=4))
            factor = builder.load(vector_at(builder, by, builder.add(args[2], column)), align=4)
            value = builder.fmul(value, factor)
            place = builder.add(builder.mul(size, ir.IntType(64)(tile)), args[1])
            builder.store(value, vector_at(builder, out.data, builder.mul(place, ir.IntType(64)(LANES))), align=4)
        return context.get_dummy_value()

    return types.void(values, row, first, base, factors, parts), generate


@intrinsic
def _store(_: Any, re: types.Type, im: types.Type, row: types.Type, mirror: types.Type, planes: types.Type,
           frequency: types.Type, plane: types.Type, column: types.Type, power: types.Type) -> tuple[Any, Any]:
    """Set four planes to Re Z(f), Im Z(f), Re Z(−f), −Im Z(−f), and add their squares to ``power``."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        def loaded(part: int, at: Any) -> Any:
            offset = builder.mul(at, ir.IntType(64)(LANES))
            return builder.load(vector_at(builder, data_of(context, builder, signature, args, part), offset), align=4)

        parts = [loaded(0, args[2]), loaded(1, args[2]), loaded(0, args[3]), builder.fneg(loaded(1, args[3]))]
        array = context.make_array(signature.args[4])(context, builder, args[4])
        base = builder.mul(builder.add(builder.mul(args[5], builder.extract_value(array.shape, 1)), args[6]),
                           ir.IntType(64)(GROUP))
        base = builder.add(base, args[7])
        sums = vector_at(builder, data_of(context, builder, signature, args, 8), ir.IntType(64)(0))
        total = builder.load(sums, align=4)
        for k, part in enumerate(parts):
            place = builder.add(base, ir.IntType(64)(k * GROUP))
            builder.store(part, vector_at(builder, array.data, place), align=4)
            total = builder.fadd(total, builder.fmul(part, part, flags=CONTRACT), flags=CONTRACT)
        builder.store(total, sums, align=4)
        return context.get_dummy_value()

    integers = [types.int64] * 2
    return types.void(re, im, *integers, planes, *integers, types.int64, power), generate
