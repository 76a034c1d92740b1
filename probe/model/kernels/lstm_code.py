"""The LSTM's loops through time as machine code: a product and the cell it feeds, in one pass over memory.

Forward, each step multiplies h[t-1] by the recurrent kernel; backward, the gradient of z[t+1] by its transpose. Either
matrix is packed once, before the first step, in panels that are read from start to end: each panel gives four vectors
of sums a row, forward those of the four gates of the same units, backward those of four groups of units. Sums of a few
rows stay in registers until the cell has used them.
"""

import math
from collections.abc import Iterator, Sequence
from itertools import chain, product

import llvmlite.ir as ir

from probe.model.kernels.code import BITS, FLOAT, BFloat, Code, Integer, Pointer, Vector

GROUPS = 4

# e^r - 1 by Taylor's series, for |r| up to ln 2 / 2: the next term is below 4e-9.
TERMS = [1 / math.factorial(power) for power in range(7, 1, -1)]
# ln 2 in two parts, the first of so few bits that its product with a small integer is exact (Cody and Waite 1980).
LN2 = 355 / 512, math.log(2) - 355 / 512
# Added to a small number, it leaves that number, rounded, in the last bits of the sum, plus the exponent's bias.
ROUNDING = 1.5 * 2 ** 23 + 127


def write_pack(code: Code, depth: int, columns: int, *, by_gates: bool) -> ir.Module:
    """Code of (matrix (depth, columns), panels (P, depth, 4, lanes), P): lanes beyond the last column are zero.

    In bfloat16 panels are (P, depth / 2, 4, lanes, 2): two rows lie side by side.

    Args:
        code: where it is written.
        depth, columns: of the matrix.
        by_gates: whether a panel's groups are the same columns of each quarter of the matrix, or follow one another.
    """
    matrix, panels = code.arrays
    rows = paired(matrix)
    width, panel_starts, group_starts = ((columns // GROUPS, code.lanes, columns // GROUPS) if by_gates else
                                         (columns, code.lanes * GROUPS, code.lanes))
    with code.loop(code.number) as panel, code.loop(depth // rows) as k:
        for group in range(GROUPS):
            column = panel.index * panel_starts + group * group_starts
            left = code.integer(width) - (panel.index * panel_starts if by_gates else column)
            read = [(matrix + (k.index * rows + row) * columns + column).raw(code.lanes, code.first(left))
                    for row in range(rows)]
            mixed = [lane + row * code.lanes for lane in range(code.lanes) for row in range(rows)]
            order = ir.Constant(ir.VectorType(BITS, len(mixed)), mixed)
            place = ((panel.index * (depth // rows) + k.index) * GROUPS + group) * (code.lanes * rows)
            (panels + place).store_raw(code.builder.shuffle_vector(read[0], read[-1], order))
    return code.finished()


def write_forward(code: Code, batch: int, units: int, *, hard: bool) -> ir.Module:
    """Code of (rows (T, B) int32, entering (N, 4U), panels, bias (4U,), h (B, U), c (B, U), gates (T, B, 4U), cells
    (T, B, U), hidden (T, B, U), T): z = entering[rows] + bias + h R, and the cell; gates are i, f, g and o."""
    index, entering, panels, bias, h, c, gates, cells, hidden = code.arrays
    with code.loop(code.number) as step, code.loop(-(-units // code.lanes)) as panel:
        past = (step.index - 1) * (batch * units)
        h_before = code.choose(step.index.is_zero(), h, hidden + past)
        c_before = code.choose(step.index.is_zero(), c, cells + past)
        right = panels + panel.index * (units * GROUPS * code.lanes)
        unit = panel.index * code.lanes
        mask = unit_mask(code, units, unit)
        for first, rows in tiles(code, batch):
            cell_of = [(step.index * batch + first + row) * units + unit for row in range(rows)]
            gates_at = [[gates + (step.index * batch + first + row) * (4 * units) + unit + gate * units
                         for gate in range(4)] for row in range(rows)]
            enters = [[entering + (index + step.index * batch + first + row).integer() * (4 * units) + unit
                       + gate * units for gate in range(4)] for row in range(rows)]
            before = [c_before + (first + row) * units + unit for row in range(rows)]
            for place in (*chain(*enters), *before):
                place.prefetch()
            for place in (*chain(*gates_at), *(each + cell for each in (cells, hidden) for cell in cell_of)):
                place.prefetch(write=True)
            sums = products(code, rows, h_before + first * units, units, right, code.integer(units))
            for row in range(rows):
                z = [sums[row * GROUPS + gate] + enters[row][gate].load(mask) + (bias + unit + gate * units).load(mask)
                     for gate in range(4)]
                opened, cell, h_after = stepped(z, before[row].load(mask), hard=hard)
                for gate, place in zip(opened, gates_at[row], strict=True):
                    place.store(gate, mask)
                (cells + cell_of[row]).store(cell, mask)
                (hidden + cell_of[row]).store(h_after, mask)
    return code.finished()


def write_backward(code: Code, batch: int, units: int, *, hard: bool) -> ir.Module:
    """Code of (rows (T, B) int32, d_hidden (T, B, U), gates (T, B, 4U), cells (T, B, U), c (B, U), panels, d_c (B, U),
    d_z (T, B, 4U), summed (N, 4U), T): d_c goes in as the gradient of the last c and comes out as that of ``c``; each
    row of d_z is added to the row of ``summed`` that ``rows`` says."""
    index, d_hidden, gates, cells, c, panels, d_c, d_z, summed = code.arrays
    wide = code.lanes * GROUPS

    def slope(gate: Vector) -> Vector:
        return _hard_slope(gate) if hard else gate * (1.0 - gate)

    with code.loop(code.number) as step, code.loop(-(-units // wide)) as panel:
        t = code.number - 1 - step.index
        c_before = code.choose(t.is_zero(), c, cells + (t - 1) * (batch * units))
        right = panels + panel.index * (4 * units * wide)
        # Nothing comes back to the last step.
        depth = code.integer(4 * units).unless(step.index.is_zero())
        for first, rows in tiles(code, batch):
            at = [t * batch + first + row for row in range(rows)]
            for row, group in product(range(rows), range(GROUPS)):
                unit = panel.index * wide + group * code.lanes
                for gate in range(4):
                    (gates + at[row] * (4 * units) + unit + gate * units).prefetch()
                    (d_z + at[row] * (4 * units) + unit + gate * units).prefetch(write=True)
                for place in (cells + at[row] * units, d_hidden + at[row] * units, c_before + (first + row) * units):
                    (place + unit).prefetch()
            later = d_z + ((t + 1) * batch + first) * (4 * units)
            back = products(code, rows, later, 4 * units, right, depth)
            for row, group in product(range(rows), range(GROUPS)):
                unit = panel.index * wide + group * code.lanes
                mask = unit_mask(code, units, unit, wide)
                i, f, g, o = ((gates + at[row] * (4 * units) + unit + gate * units).load(mask) for gate in range(4))
                tanh_c = tanh((cells + at[row] * units + unit).load(mask))
                d_h = back[row * GROUPS + group] + (d_hidden + at[row] * units + unit).load(mask)
                d_cell_at = d_c + (first + row) * units + unit
                d_cell = d_cell_at.load(mask) + d_h * o * (1.0 - tanh_c * tanh_c)
                d_cell_at.store(d_cell * f, mask)
                before = (c_before + (first + row) * units + unit).load(mask)
                sums = summed + (index + at[row]).integer() * (4 * units) + unit
                for number, d_gate in enumerate((d_cell * g * slope(i), d_cell * before * slope(f),
                                                 d_cell * i * (1.0 - g * g), d_h * tanh_c * slope(o))):
                    (d_z + at[row] * (4 * units) + unit + number * units).store(d_gate, mask)
                    (sums + number * units).store((sums + number * units).load(mask) + d_gate, mask)
    return code.finished()


def tiles(code: Code, batch: int) -> Iterator[tuple[Integer, int]]:
    """Loops over all rows, a few at once: the first of them, and how many. Sizes differ by one at most."""
    many = -(-batch // code.machine.rows)
    size, larger = divmod(batch, many)
    for first, rows, count in ((0, size + 1, larger), (larger * (size + 1), size, many - larger)):
        if count:
            with code.loop(count) as tile:
                yield tile.index * rows + first, rows


def stepped(z: Sequence[Vector], before: Vector, *, hard: bool) -> tuple[tuple[Vector, ...], Vector, Vector]:
    """The gates i, f, g and o of their sums z, the cell after the one before, and h."""
    activate = hard_sigmoid if hard else sigmoid
    i, f, g, o = activate(z[0]), activate(z[1]), tanh(z[2]), activate(z[3])
    cell = f * before + i * g
    return (i, f, g, o), cell, o * tanh(cell)


def products(code: Code, rows: int, left: Pointer, stride: int, right: Pointer, depth: Integer,
             sums: Sequence[Vector] = ()) -> list[Vector]:
    """``rows`` rows of a matrix, ``stride`` elements apart, times a panel, added to sums: four vectors of each row."""
    pair = paired(left)
    sums = sums or [code.constant(0.0)] * (rows * GROUPS)
    turns = depth if pair == 1 else Integer(code, code.builder.ashr(depth.value, code.integer(1).value))
    with code.loop(turns, sums) as k:
        place = right + k.index * (GROUPS * code.lanes * pair)
        vectors = [(place + group * code.lanes * pair).raw(code.lanes * pair) for group in range(GROUPS)]
        now = list(k.carried)
        for row in range(rows):
            factor = left + k.index * pair + row * stride
            for group, vector in enumerate(vectors):
                number = row * GROUPS + group
                if pair == 1:
                    now[number] += factor.broadcast() * Vector(code, vector)
                else:
                    now[number] = _add_pairs(code, now[number], factor.broadcast_pair(), vector)
        k.carried = now
    return k.carried


def _add_pairs(code: Code, sums: Vector, left: ir.Value, right: ir.Value) -> Vector:
    """sums + left₀ right₀ + left₁ right₁, of pairs of bfloat16 that lie side by side."""
    if code.machine.multiplies_bfloat16:
        return Vector(code, code.call("llvm.x86.avx512bf16.dpbf16ps.512", sums.value.type,
                                      [sums.value, code.bits(left, BFloat()), code.bits(right, BFloat())]))
    builder, sixteen = code.builder, code.splat(BITS(16))
    upper = code.splat(BITS(0xFFFF0000))
    for side in (0, 1):
        both = [builder.and_(each, upper) if side else builder.shl(each, sixteen)
                for each in (left, code.bits(right, BITS))]
        one, other = (Vector(code, code.bits(each, FLOAT)) for each in both)
        sums += one * other
    return sums


def paired(pointer: Pointer) -> int:
    """Elements that lie side by side in a panel."""
    return 2 if pointer.dtype == "bfloat16" else 1


def unit_mask(code: Code, units: int, unit: Integer, wide: int = 1) -> ir.Value | None:
    """The lanes that are units, or None if all are."""
    return code.first(code.integer(units) - unit) if units % max(wide, code.lanes) else None


def _expm1(x: Vector) -> tuple[Vector, Vector]:
    """s and s p, with e^x = s + s p and s a power of two, for |x| ≤ 87."""
    code = x.code
    shifted = x * (1 / math.log(2)) + ROUNDING
    power = shifted - ROUNDING
    r = x - power * LN2[0] - power * LN2[1]
    series = code.constant(TERMS[0])
    for term in TERMS[1:]:
        series = series * r + term
    bits = code.builder.shl(code.bits(shifted.value, BITS), code.splat(BITS(23)))
    scale = Vector(code, code.bits(bits, FLOAT))
    return scale, scale * (series * r * r + r)


def sigmoid(x: Vector) -> Vector:
    scale, rest = _expm1((0.0 - x).clip(-87.0, 87.0))
    return 1.0 / (scale + rest + 1.0)


def tanh(x: Vector) -> Vector:
    """(e^2x - 1) / (e^2x + 1), without cancellation near 0."""
    scale, rest = _expm1((x + x).clip(-20.0, 20.0))
    less_one = rest + (scale - 1.0)
    return less_one / (less_one + 2.0)


def hard_sigmoid(x: Vector) -> Vector:
    return (x * 0.2 + 0.5).clip(0.0, 1.0)


def _hard_slope(gate: Vector) -> Vector:
    """0.2 where the gate is neither closed nor open."""
    code = gate.code
    moving = code.builder.and_(gate.compared(">", 0.0), gate.compared("<", 1.0))
    return Vector(code, code.builder.select(moving, code.constant(0.2).value, code.constant(0.0).value))
