"""Products of many small matrices, sums of which stay in registers."""

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from probe.scan.kernels import kernel
from probe.scan.vectors import CONTRACT, LANES, VECTOR, spread, vector_at

# Units that lie side by side, four vectors, and rows of a product made at once: their sums fill 16 of 32 registers.
GROUP = 64
TOGETHER = 4


@kernel
def add_product(left: np.ndarray, right: np.ndarray, totals: np.ndarray) -> None:
    """Add the products of left (M, K, R) and right (M, ≥ K, GROUP) over K to totals (M, R, GROUP).

    All are float32 in C order, R a multiple of :data:`TOGETHER`.
    """
    matrices, _, rows = left.shape
    for matrix in range(matrices):
        for row in range(0, rows, TOGETHER):
            _accumulate(totals, left, right, matrix, row)


@intrinsic
def _accumulate(_: Any, totals: types.Type, left: types.Type, right: types.Type, matrix: types.Type,
                row: types.Type) -> tuple[Any, Any]:
    """Four rows of one product, summed in registers, and then added to what stands there: short chains round less."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        def number(value: int) -> Any:
            return ir.IntType(64)(value)

        sums, factors, vectors_of = (context.make_array(signature.args[k])(context, builder, args[k]) for k in range(3))
        depth, rows = (builder.extract_value(factors.shape, k) for k in (1, 2))
        offset = builder.mul(builder.add(builder.mul(args[3], rows), args[4]), number(GROUP))
        places = [vector_at(builder, sums.data, builder.add(offset, number(at)))
                  for at in range(0, TOGETHER * GROUP, LANES)]
        factor = builder.gep(factors.data, [builder.add(builder.mul(builder.mul(args[3], depth), rows), args[4])])
        height = builder.extract_value(vectors_of.shape, 1)
        base = builder.gep(vectors_of.data, [builder.mul(builder.mul(args[3], height), number(GROUP))])

        before, loop, after = builder.block, builder.append_basic_block("sum"), builder.append_basic_block("done")
        builder.branch(loop)
        builder.position_at_end(loop)
        k, running = builder.phi(ir.IntType(64)), [builder.phi(VECTOR) for _ in places]
        begin = builder.mul(k, number(GROUP))
        vectors = [builder.load(vector_at(builder, base, builder.add(begin, number(at))), align=4)
                   for at in range(0, GROUP, LANES)]
        grown: list[Any] = []
        for r in range(TOGETHER):
            place = builder.gep(factor, [builder.add(builder.mul(k, rows), number(r))])
            scale = spread(builder, builder.load(place))
            for vector in vectors:
                product = builder.fmul(scale, vector, flags=CONTRACT)
                grown.append(builder.fadd(running[len(grown)], product, flags=CONTRACT))
        following = builder.add(k, number(1))
        begun = [number(0), *[VECTOR(None)] * len(places)]
        for phi, start, end in zip([k, *running], begun, [following, *grown], strict=True):
            phi.add_incoming(start, before)
            phi.add_incoming(end, loop)
        builder.cbranch(builder.icmp_signed("<", following, depth), loop, after)
        builder.position_at_end(after)
        for place, value in zip(places, grown, strict=True):
            builder.store(builder.fadd(builder.load(place, align=4), value), place, align=4)
        return context.get_dummy_value()

    return types.void(totals, left, right, types.int64, types.int64), generate
