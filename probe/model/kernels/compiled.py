"""One LSTM layer over arrays, forward and backward, by machine code written for its variant."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from threading import Lock
from typing import Any

import numpy as np

from probe.model.kernels.code import Code
from probe.model.kernels.lstm_code import GROUPS, write_backward, write_forward, write_pack
from probe.model.kernels.machine import Machine, compile_function, this_machine
from probe.model.kernels.memory import Memory
from probe.model.kernels.reading_code import write_reading

_writing = Lock()
_memory = Memory()


@dataclass(frozen=True)
class Variant:
    """What code is written for: a layer's sizes, types and gates, and a machine.

    Attributes:
        streams: B.
        units: U, even for bfloat16.
        dtype: ``"float32"`` or ``"bfloat16"``, of everything but cell states and the bias, which are float32.
        hard: whether the gates are Keras 2's hard sigmoid.
        machine: whose instructions are used.
    """

    streams: int
    units: int
    dtype: str
    hard: bool = False
    machine: Machine = field(default_factory=this_machine)

    def __post_init__(self) -> None:
        if self.dtype == "bfloat16" and self.units % 2:
            raise ValueError(f"bfloat16 needs an even number of units; received {self.units}")


def forward(variant: Variant, rows: np.ndarray, entering: np.ndarray, recurrent: np.ndarray, bias: np.ndarray,
            h: np.ndarray, c: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Read T characters.

    Args:
        variant: of the layer.
        rows: (T, B) int32; at each step, which row of ``entering`` each stream is given.
        entering: (N, 4U), products of inputs with the kernel.
        recurrent: (U, 4U).
        bias: (4U,) float32.
        h: (B, U).
        c: (B, U) float32.

    Returns:
        hidden (T, B, U), gates (T, B, 4U) in Keras' order i, f, g, o, and cells (T, B, U) float32.

    Raises:
        ValueError: an array of another shape or type, or a row that ``entering`` does not have.
    """
    steps, streams, units = len(rows), variant.streams, variant.units
    _check_rows(rows, len(entering), (steps, streams))
    for array, shape in ((entering, (len(entering), 4 * units)), (recurrent, (units, 4 * units)),
                         (h, (streams, units))):
        _check(array, shape, variant.dtype)
    _check(bias, (4 * units,), "float32")
    _check(c, (streams, units), "float32")
    packed = _packed(variant, recurrent, -(-units // variant.machine.lanes), by_gates=True)
    hidden = _memory.array((steps, streams, units), recurrent.dtype)
    gates = _memory.array((steps, streams, 4 * units), recurrent.dtype)
    cells = _memory.array((steps, streams, units), c.dtype)
    _run(_forward_code(variant), rows, entering, packed, bias, h, c, gates, cells, hidden, steps)
    return hidden, gates, cells


def backward(variant: Variant, rows: np.ndarray, count: int, d_hidden: np.ndarray, d_c: np.ndarray, gates: np.ndarray,
             cells: np.ndarray, c: np.ndarray, recurrent_transposed: np.ndarray,
             ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the gradients that belong to :func:`forward`.

    Args:
        variant: of the layer.
        rows: (T, B) int32 below ``count``; to which sum the gradient of each z belongs.
        count: number N of sums.
        d_hidden: (T, B, U), the gradient of hidden.
        d_c: (B, U) float32, the gradient of the last row of cells.
        gates, cells: what forward returned.
        c: what forward was given.
        recurrent_transposed: (4U, U).

    Returns:
        Gradients of z (T, B, 4U), their sums (N, 4U) float32, and the gradient of ``c`` (B, U) float32.

    Raises:
        ValueError: an array of another shape or type, or a row from ``count`` on.
    """
    steps, streams, units, wide = len(d_hidden), variant.streams, variant.units, variant.machine.lanes * GROUPS
    _check_rows(rows, count, (steps, streams))
    for array, width in ((d_hidden, units), (gates, 4 * units)):
        _check(array, (steps, streams, width), variant.dtype)
    _check(recurrent_transposed, (4 * units, units), variant.dtype)
    _check(cells, (steps, streams, units), "float32")
    for array in (d_c, c):
        _check(array, (streams, units), "float32")
    packed = _packed(variant, recurrent_transposed, -(-units // wide), by_gates=False)
    d_z = _memory.array(gates.shape, gates.dtype)
    summed, d_before = _memory.array((count, 4 * units), c.dtype), _memory.array(c.shape, c.dtype)
    summed[:], d_before[:] = 0, d_c
    _run(_backward_code(variant), rows, d_hidden, gates, cells, c, packed, d_before, d_z, summed, steps)
    return d_z, summed, d_before


@dataclass(frozen=True, eq=False)
class PackedLayer:
    """A layer that is only read with, its matrices packed once.

    Attributes:
        variant: of the layer; its streams mean nothing.
        weights: the kernel in panels, or for a layer that is given rows these themselves, (N, 4U) float32.
        depth: D of its inputs, or None for rows.
        recurrent: the recurrent kernel in panels.
        bias: (4U,) float32.
    """

    variant: Variant
    weights: np.ndarray
    depth: int | None
    recurrent: np.ndarray
    bias: np.ndarray

    @classmethod
    def of(cls, variant: Variant, kernel: np.ndarray, recurrent: np.ndarray, bias: np.ndarray, *,
           rows: bool) -> "PackedLayer":
        """Pack kernel (D, 4U), recurrent kernel (U, 4U) and bias (4U,), all float32.

        Args:
            variant: of the layer.
            kernel, recurrent, bias: its weights, and for rows in the kernel's place the products (N, 4U) of all inputs
                that there are.
            rows: whether the layer is given rows, which are added as they are, in float32.

        Raises:
            ValueError: an array of another shape or type, or inputs of an odd size in bfloat16.
        """
        units, panels = variant.units, -(-variant.units // variant.machine.lanes)
        for array, shape in ((kernel, (len(kernel), 4 * units)), (recurrent, (units, 4 * units)), (bias, (4 * units,))):
            _check(array, shape, "float32")
        if variant.dtype == "bfloat16" and not rows and len(kernel) % 2:
            raise ValueError(f"bfloat16 needs inputs of an even size; received {len(kernel)}")

        def packed(matrix: np.ndarray) -> np.ndarray:
            return _packed(variant, matrix.astype(variant.dtype), panels, by_gates=True)

        return cls(variant, kernel if rows else packed(kernel), None if rows else len(kernel), packed(recurrent), bias)

    def read(self, inputs: np.ndarray, h: np.ndarray, c: np.ndarray, gates: Sequence[int] = (), *, cores: int = 1,
             ) -> tuple[np.ndarray, ...]:
        """Read T characters in B streams.

        Args:
            inputs: (T, B, D) of the variant's type, or (T, B) int32.
            h: (B, U) of the variant's type.
            c: (B, U) float32.
            gates: which are wanted, of i, f, g and o by their index.
            cores: among which the streams are shared out.

        Returns:
            hidden (T, B, U) of the variant's type, and in float32 cells (T, B, U) and each of ``gates`` (T, B, U).

        Raises:
            ValueError: an array of another shape or type, or a row that the layer does not have.
        """
        (steps, streams), variant = inputs.shape[:2], self.variant
        if self.depth is None:
            _check_rows(inputs, len(self.weights), (steps, streams))
        else:
            _check(inputs, (steps, streams, self.depth), variant.dtype)
        _check(h, (streams, variant.units), variant.dtype)
        _check(c, (streams, variant.units), "float32")
        shape = (steps, streams, variant.units)
        kept = [_memory.array(shape, dtype) for dtype in (h.dtype, c.dtype, *[c.dtype] * len(gates))]

        def read_part(first: int, last: int) -> None:
            code = _reading_code(variant, last - first, streams, self.depth, tuple(gates))
            _run(code, inputs[:, first:], self.weights, self.recurrent, self.bias, h[first:], c[first:],
                 *(each[:, first:] for each in kept), steps)

        count = max(1, min(cores, streams // variant.machine.rows))
        parts = list(pairwise(number * streams // count for number in range(count + 1)))
        if steps and len(parts) == 1:
            read_part(*parts[0])
        elif steps:
            with ThreadPoolExecutor(count) as threads:
                for done in [threads.submit(read_part, *part) for part in parts]:
                    done.result()
        return tuple(kept)


def widened(values: np.ndarray) -> np.ndarray:
    """Return bfloat16 as float32, of which it is the upper half, and float32 as it is."""
    if values.dtype == np.float32:
        return values
    bits = _memory.array(values.shape, np.dtype(np.uint32))
    np.left_shift(values.view(np.uint16), 16, out=bits, dtype=np.uint32)
    return bits.view(np.float32)


def _check_rows(rows: np.ndarray, count: int, shape: tuple[int, int]) -> None:
    _check(rows, shape, "int32")
    if rows.size and not 0 <= rows.min() <= rows.max() < count:
        raise ValueError(f"expected rows from 0 to {count - 1}; received {rows.min()} to {rows.max()}")


def _check(array: np.ndarray, shape: tuple[int, ...], dtype: str) -> None:
    """Machine code reads whatever lies where an array should."""
    if array.shape != shape or array.dtype.name != dtype or not array.flags.c_contiguous:
        raise ValueError(f"expected a contiguous array {shape} of {dtype}; received {array.shape} of "
                         f"{array.dtype.name}")


def _packed(variant: Variant, matrix: np.ndarray, panels: int, *, by_gates: bool) -> np.ndarray:
    packed = _memory.array((panels, matrix.shape[0], GROUPS, variant.machine.lanes), matrix.dtype)
    _run(_pack_code(variant.machine, variant.dtype, matrix.shape, by_gates), matrix, packed, panels)
    return packed


def _written_once(write: Callable[..., Callable]) -> Callable[..., Callable]:
    """Keep what ``write`` returns, and let threads that ask for the same wait for the first."""
    kept = cache(write)

    def code(*key: Any) -> Callable:
        with _writing:
            return kept(*key)

    return code


@_written_once
def _pack_code(machine: Machine, dtype: str, shape: tuple[int, int], by_gates: bool) -> Callable:
    code = Code(machine, "pack", (dtype, dtype))
    return compile_function(write_pack(code, *shape, by_gates=by_gates), "pack")


@_written_once
def _forward_code(variant: Variant) -> Callable:
    dtype = variant.dtype
    arrays = "int32", dtype, dtype, "float32", dtype, "float32", dtype, "float32", dtype
    code = Code(variant.machine, "forward", arrays)
    return compile_function(write_forward(code, variant.streams, variant.units, hard=variant.hard), "forward")


@_written_once
def _reading_code(variant: Variant, streams: int, stride: int, depth: int | None, gates: tuple[int, ...]) -> Callable:
    dtype, full = variant.dtype, "float32"
    inputs = ("int32", full) if depth is None else (dtype, dtype)
    arrays = *inputs, dtype, full, dtype, full, dtype, full, *[full] * len(gates)
    code = Code(variant.machine, "reading", arrays)
    return compile_function(write_reading(code, streams, stride, variant.units, depth, gates, hard=variant.hard),
                            "reading")


@_written_once
def _backward_code(variant: Variant) -> Callable:
    dtype = variant.dtype
    arrays = "int32", dtype, dtype, "float32", "float32", dtype, "float32", dtype, "float32"
    code = Code(variant.machine, "backward", arrays)
    return compile_function(write_backward(code, variant.streams, variant.units, hard=variant.hard), "backward")


def _run(code: Callable, *arguments: np.ndarray | int) -> None:
    code(*(each if isinstance(each, int) else each.ctypes.data for each in arguments))
