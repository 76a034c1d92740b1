"""Sums, over places in a segment, of the cross spectra of units and patterns: what holds a correlation's every roll.

Units go in groups of :data:`GROUP`. The spectra of a group at T places, and those of the labels, are planes of float32
of shape (S/2, 2T, GROUP): for every pair of places the real and imaginary parts of the packed pair at frequency f, and
those of its conjugate at −f. A product over the planes then sums both halves of the spectrum, and nothing needs to be
unpacked: where a pair's two places mix, the mixed terms are imaginary after the way back, and the sums wanted are real.
Frequency 0, the means, is kept apart in float64.
"""

from typing import Any

import numba
import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from probe.scan.null.fourier import CONTRACT, LANES, VECTOR, Plan, data_of, spread, transform, vector_at

# Units whose planes lie side by side: four vectors, so that four rows of a product fill 16 of 32 registers.
GROUP = 64
ROWS = 4


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
        self._plan, self._re = plan, np.empty((size, LANES), np.float32)
        self._im = np.empty_like(self._re)
        # One row more, of zeros: with a power of two of them all frequencies would fall into the same lines of cache.
        self.planes = np.zeros((size // 2, 2 * places + 1, GROUP), np.float32)

    def fill(self, values: np.ndarray, first: int, start: int, means: np.ndarray, squares: np.ndarray) -> None:
        """Fill the planes from units ``first`` to ``first + GROUP`` at places from ``start`` on.

        Args:
            values: (S, T, U) float32 in C order.
            first: a unit.
            start: a place; as many are taken as ``means`` has rows.
            means: (places, U) float64, set to the mean over the segments.
            squares: (U,) float64, to which the squares around these means are added.
        """
        plan = self._plan
        _fill(values, first, start, self._re, self._im, plan.cosines, plan.sines, plan.rows, self.planes, means,
              squares)


@numba.njit(nogil=True, cache=True)
def _fill(values: np.ndarray, first: int, start: int, re: np.ndarray, im: np.ndarray, cosines: np.ndarray,
          sines: np.ndarray, rows: np.ndarray, planes: np.ndarray, means: np.ndarray, squares: np.ndarray) -> None:
    size, _, units = values.shape
    half, places = size // 2, len(means)
    planes[:, 4 * ((places + 1) // 2):] = 0
    for tile in range(GROUP // LANES):
        begin = first + tile * LANES
        width = min(LANES, units - begin)
        if width <= 0:
            planes[:, :, tile * LANES:] = 0
            break
        if width < LANES:
            re[:], im[:] = 0, 0
        for place in range(0, places, 2):
            _load(values, start + place, begin, width, re)
            if place + 1 < places:
                _load(values, start + place + 1, begin, width, im)
            else:
                im[:] = 0
            transform(re, im, cosines, sines)
            power = np.zeros((1, LANES), np.float32)
            for frequency in range(1, half + 1):
                _store(re, im, rows[frequency], rows[size - frequency], planes, frequency - 1, 2 * place,
                       tile * LANES, power)
            for lane in range(width):
                unit = begin + lane
                total = np.float64(power[0, lane])
                if half:  # f = S/2 is its own mirror image
                    total -= np.float64(re[rows[half], lane])**2 + np.float64(im[rows[half], lane])**2
                squares[unit] += total / size
                means[place, unit] = values[0, start + place, unit] + np.float64(re[0, lane]) / size
                if place + 1 < places:
                    means[place + 1, unit] = values[0, start + place + 1, unit] + np.float64(im[0, lane]) / size


@numba.njit(nogil=True, cache=True)
def _load(values: np.ndarray, place: int, begin: int, width: int, part: np.ndarray) -> None:
    """Set part (S, LANES) to columns less their first rows: a large mean would drown the rest in its rounding."""
    if width == LANES:  # a length known in advance is one vector
        for s in range(len(values)):
            for lane in range(LANES):
                part[s, lane] = values[s, place, begin + lane] - values[0, place, begin + lane]
    else:
        for s in range(len(values)):
            for lane in range(width):
                part[s, lane] = values[s, place, begin + lane] - values[0, place, begin + lane]


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


def left_factor(planes: np.ndarray, patterns: int, out: np.ndarray, first: int) -> None:
    """Lay the planes of labels (S/2, K, GROUP) as rows of ``out`` (S/2, 2P, K), from row 2 · ``first`` on.

    Row 2p gives the real part of Σ Z · conj(W) when it is multiplied with the planes of Z, row 2p + 1 the imaginary.
    """
    rows = planes.transpose(0, 2, 1)[:, :patterns]
    out[:, 2 * first:2 * (first + patterns):2] = rows
    crossed = out[:, 2 * first + 1:2 * (first + patterns):2]
    crossed[:, :, 0:-1:2], crossed[:, :, 1::2] = -rows[:, :, 1::2], rows[:, :, 0:-1:2]
    crossed[:, :, -1] = 0


@numba.njit(nogil=True, cache=True)
def add_product(left: np.ndarray, planes: np.ndarray, totals: np.ndarray) -> None:
    """Add left (S/2, 2P, K) @ planes (S/2, K, GROUP) to totals (S/2, 2P, GROUP), all float32 in C order, P even."""
    frequencies, rows, _ = left.shape
    for frequency in range(frequencies):
        for row in range(0, rows, ROWS):
            _accumulate(totals, left, planes, frequency, row)


@intrinsic
def _accumulate(_: Any, totals: types.Type, left: types.Type, planes: types.Type, frequency: types.Type,
                row: types.Type) -> tuple[Any, Any]:
    """Four rows of one frequency's product, in registers from beginning to end."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        def number(value: int) -> Any:
            return ir.IntType(64)(value)

        sums, factors, right = (context.make_array(signature.args[k])(context, builder, args[k]) for k in range(3))
        rows, depth = builder.extract_value(factors.shape, 1), builder.extract_value(factors.shape, 2)
        line = builder.add(builder.mul(args[3], rows), args[4])
        offset = builder.mul(line, number(GROUP))
        places = [vector_at(builder, sums.data, builder.add(offset, number(at)))
                  for at in range(0, ROWS * GROUP, LANES)]
        begun = [builder.load(place, align=4) for place in places]
        factor = builder.gep(factors.data, [builder.mul(line, depth)])
        plane = builder.gep(right.data, [builder.mul(builder.mul(args[3], depth), number(GROUP))])

        before, loop, after = builder.block, builder.append_basic_block("sum"), builder.append_basic_block("done")
        builder.branch(loop)
        builder.position_at_end(loop)
        k, running = builder.phi(ir.IntType(64)), [builder.phi(VECTOR) for _ in begun]
        begin = builder.mul(k, number(GROUP))
        vectors = [builder.load(vector_at(builder, plane, builder.add(begin, number(at))), align=4)
                   for at in range(0, GROUP, LANES)]
        grown: list[Any] = []
        for r in range(ROWS):
            scale = spread(builder, builder.load(builder.gep(factor, [builder.add(k, builder.mul(depth, number(r)))])))
            for vector in vectors:
                product = builder.fmul(scale, vector, flags=CONTRACT)
                grown.append(builder.fadd(running[len(grown)], product, flags=CONTRACT))
        following = builder.add(k, number(1))
        for phi, start, end in zip([k, *running], [number(0), *begun], [following, *grown], strict=True):
            phi.add_incoming(start, before)
            phi.add_incoming(end, loop)
        builder.cbranch(builder.icmp_signed("<", following, depth), loop, after)
        builder.position_at_end(after)
        for place, value in zip(places, grown, strict=True):
            builder.store(value, place, align=4)
        return context.get_dummy_value()

    return types.void(totals, left, planes, types.int64, types.int64), generate


@numba.njit(nogil=True, cache=True)
def largest(totals: np.ndarray, pattern: int, between: np.ndarray, scale: np.ndarray, cosines: np.ndarray,
            sines: np.ndarray, rows: np.ndarray, most: np.ndarray, unrolled: np.ndarray) -> None:
    """Go back from cross spectra to correlations at every roll, and keep the largest magnitude over units.

    Args:
        totals: (groups, S/2, 2P, GROUP) float32.
        pattern: an even number: it and its neighbour are done in one.
        between: (2, units) float64, what the means add to the cross sums of the two, the same at every roll.
        scale: (2, units) float64, what turns cross sums into correlations; 0 where there is none.
        cosines, sines, rows: of the plan for S.
        most: (2, S) float64, raised to the largest |r| at each roll of the labels, in segments.
        unrolled: (2, units) float64, set to r at roll 0.
    """
    size, units = len(rows), between.shape[1]
    half = size // 2
    re, im = np.empty((size, LANES), np.float32), np.empty((size, LANES), np.float32)
    high, low = np.zeros((size, LANES), np.float32), np.zeros((size, LANES), np.float32)
    for begin in range(0, units, LANES):
        group, column, width = begin // GROUP, begin % GROUP, min(LANES, units - begin)
        re[0], im[0] = 0, 0
        for f in range(half):
            part = totals[group, f, 2 * pattern:2 * pattern + 4, column:column + LANES]
            for lane in range(LANES):
                a, b, c, d = part[0, lane], part[1, lane], part[2, lane], part[3, lane]
                re[size - 1 - f, lane], im[size - 1 - f, lane] = a + d, c - b
                # The frequency S/2 is its own mirror image, and real: both lines say the same of it.
                re[f + 1, lane], im[f + 1, lane] = a - d, b + c
        transform(re, im, cosines, sines)
        shift, factor = np.zeros((2, LANES), np.float32), np.zeros((2, LANES), np.float32)
        for k in range(2):
            for lane in range(width):
                factor[k, lane] = scale[k, begin + lane] / (2 * size)
                shift[k, lane] = between[k, begin + lane] * scale[k, begin + lane]
        for row in range(size):
            for lane in range(LANES):
                high[row, lane] = max(high[row, lane], abs(re[row, lane] * factor[0, lane] + shift[0, lane]))
            for lane in range(LANES):
                low[row, lane] = max(low[row, lane], abs(im[row, lane] * factor[1, lane] + shift[1, lane]))
        for lane in range(width):
            unrolled[0, begin + lane] = re[0, lane] * factor[0, lane] + shift[0, lane]
            unrolled[1, begin + lane] = im[0, lane] * factor[1, lane] + shift[1, lane]
    for roll in range(size):
        # A forward transform stands for the backward one: its rows are the rolls in the opposite order.
        row = rows[(size - roll) % size]
        most[0, roll] = max(most[0, roll], high[row].max())
        most[1, roll] = max(most[1, roll], low[row].max())
