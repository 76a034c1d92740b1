"""One LSTM layer over arrays, forward and backward, by machine code written for its variant."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from threading import Lock
from typing import Any

import numpy as np

from probe.model.kernels.code import Code
from probe.model.kernels.lstm_code import GROUPS, write_backward, write_forward, write_pack
from probe.model.kernels.machine import Machine, compile_function, this_machine
from probe.model.kernels.memory import Memory

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
def _backward_code(variant: Variant) -> Callable:
    dtype = variant.dtype
    arrays = "int32", dtype, dtype, "float32", "float32", dtype, "float32", dtype, "float32"
    code = Code(variant.machine, "backward", arrays)
    return compile_function(write_backward(code, variant.streams, variant.units, hard=variant.hard), "backward")


def _run(code: Callable, *arguments: np.ndarray | int) -> None:
    code(*(each if isinstance(each, int) else each.ctypes.data for each in arguments))
