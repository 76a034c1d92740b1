"""Vectors by name in compiled loops.

In a loop over lanes Numba checks whether arrays overlap, which costs more than the arithmetic.
"""

from typing import Any

from llvmlite import ir

# Numbers in one vector: 16 float32 are one register of AVX-512 and two of AVX2.
LANES = 16
VECTOR = ir.VectorType(ir.FloatType(), LANES)
# A product and the sum it goes into may become one instruction.
CONTRACT = ("contract",)


def data_of(context: Any, builder: Any, signature: Any, args: Any, k: int) -> Any:
    """Return the pointer to the first element of the array that is argument ``k`` of an intrinsic."""
    return context.make_array(signature.args[k])(context, builder, args[k]).data


def vector_at(builder: Any, data: Any, offset: Any) -> Any:
    """Return the pointer to the LANES float32 that begin ``offset`` elements after ``data``."""
    return builder.bitcast(builder.gep(data, [offset]), VECTOR.as_pointer())


def spread(builder: Any, number: Any) -> Any:
    """Return a vector that holds a float32 in every lane."""
    nothing, zero = ir.Constant(VECTOR, ir.Undefined), ir.IntType(32)(0)
    return builder.shuffle_vector(builder.insert_element(nothing, number, zero), nothing,
                                  ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES))


def fetch(builder: Any, place: Any) -> None:
    """Tell the processor that a place will be read; one beyond the array's end does no harm."""
    byte, number = ir.IntType(8).as_pointer(), ir.IntType(32)
    kind = ir.FunctionType(ir.VoidType(), [byte, number, number, number])
    prefetch = builder.module.declare_intrinsic("llvm.prefetch.p0i8", fnty=kind)
    builder.call(prefetch, [builder.bitcast(place, byte), number(0), number(3), number(1)])  # to read, often, data
