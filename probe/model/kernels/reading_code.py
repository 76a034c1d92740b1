"""The LSTM's loop through time for reading alone: nothing is kept for a gradient, and inputs are multiplied in it.

What a layer is given is multiplied in the same loop as h[t-1], so that no array of their products is written and read
again. Each signal has an array of its own, and a gate that nobody asked for has none.
"""

from collections.abc import Sequence
from itertools import chain

import llvmlite.ir as ir

from probe.model.kernels.code import Code
from probe.model.kernels.lstm_code import GROUPS, products, stepped, tiles, unit_mask


def write_reading(code: Code, batch: int, stride: int, units: int, depth: int | None, gates: Sequence[int], *,
                  hard: bool) -> ir.Module:
    """Code of (inputs, weights, panels, bias (4U,), h (B, U), c (B, U), hidden (T, S, U), cells (T, S, U), a gate
    (T, S, U) each, T): z = x W + bias + h R, and the cell.

    Args:
        code: where it is written.
        batch: streams B that are read, which lie side by side in arrays of all.
        stride: all streams S, where an array has T steps.
        units: U.
        depth: D of inputs (T, S, D), when weights are W in panels; None for inputs (T, S) int32, the rows of x W
            (N, 4U) that each stream is given.
        gates: which are kept, of i, f, g and o by their index.
        hard: whether the gates are Keras 2's hard sigmoid.
    """
    inputs, weights, panels, bias, h, c, hidden, cells, *kept = code.arrays
    wide = GROUPS * code.lanes
    with code.loop(code.number) as step, code.loop(-(-units // code.lanes)) as panel:
        past = (step.index - 1) * (stride * units)
        h_before = code.choose(step.index.is_zero(), h, hidden + past)
        c_before = code.choose(step.index.is_zero(), c, cells + past)
        unit = panel.index * code.lanes
        mask = unit_mask(code, units, unit)
        for first, rows in tiles(code, batch):
            streams = [step.index * stride + first + row for row in range(rows)]
            before = [c_before + (first + row) * units + unit for row in range(rows)]
            after = [[array + stream * units + unit for array in (hidden, cells, *kept)] for stream in streams]
            for place in before:
                place.prefetch()
            for place in chain(*after):
                place.prefetch(write=True)
            if depth is None:
                enters = [weights + (inputs + stream).integer() * (4 * units) + unit for stream in streams]
                for place in (each + gate * units for each in enters for gate in range(4)):
                    place.prefetch()
                sums = []
            else:
                x = inputs + (step.index * stride + first) * depth
                sums = products(code, rows, x, depth, weights + panel.index * (depth * wide), code.integer(depth))
            sums = products(code, rows, h_before + first * units, units, panels + panel.index * (units * wide),
                            code.integer(units), sums)
            for row in range(rows):
                z = [each + (bias + unit + gate * units).load(mask)
                     for gate, each in enumerate(sums[row * GROUPS:][:GROUPS])]
                if depth is None:
                    z = [each + (enters[row] + gate * units).load(mask) for gate, each in enumerate(z)]
                opened, cell, h_after = stepped(z, before[row].load(mask), hard=hard)
                for place, value in zip(after[row], (h_after, cell, *(opened[gate] for gate in gates)), strict=True):
                    place.store(value, mask)
    return code.finished()
