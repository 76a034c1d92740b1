"""Activations as a mapping from (layer, signal) to arrays that are read when they are asked for."""

import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from probe.activations.block import Block, Blocks, LayerSignal

# (ascending rows, ascending columns of step 1) → (rows, columns) float32.
Reading = Callable[[range, range], np.ndarray]

# Rows of a list that are nearer to one another than this are read together.
NEAR = 1024


@dataclass(frozen=True)
class SignalArray:
    """One signal of the units of a layer, (N, U) float32, of which only what an index names is read.

    ``array[rows, columns]`` takes a whole number, a slice, a list of whole numbers or a mask for either; two lists
    give all pairs of their entries, as in HDF5 libraries. ``numpy.asarray(array)`` reads everything.

    Attributes:
        shape: (N, U).
        read: reads rows and columns.
    """

    shape: tuple[int, int]
    read: Reading

    dtype: ClassVar[np.dtype] = np.dtype(np.float32)
    ndim: ClassVar[int] = 2

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, key: Any) -> np.ndarray:
        given = _both(key)
        rows, columns = (_wanted(index, size) for index, size in zip(given, self.shape, strict=True))
        across, final = _range_of(columns)
        if isinstance(rows, range):
            down, pick = _range_of(rows)
            values = self.read(down, across)[pick]
        else:
            values = self._gathered(rows, across)
        values = values[:, final]
        scalar = tuple(0 if _is_number(index) else slice(None) for index in given)
        return values[scalar]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return self[:].astype(self.dtype if dtype is None else dtype, copy=False)

    def _gathered(self, rows: np.ndarray, columns: range) -> np.ndarray:
        ordered, places = np.unique(rows, return_inverse=True)
        groups = np.split(ordered, np.flatnonzero(np.diff(ordered) > NEAR) + 1)
        read = [self.read(range(int(group[0]), int(group[-1]) + 1), columns)[group - group[0]]
                for group in groups if len(group)]
        return np.concatenate([np.empty((0, len(columns)), np.float32), *read])[places]


@dataclass(frozen=True, eq=False)
class Signals(Mapping[LayerSignal, SignalArray]):
    """All recorded signals: (layer, signal) → (N, U), read lazily; and the same as blocks.

    Row r belongs to the character at ``segment.start + every * r`` of ``blocks.corpus``, and is the state after it was
    read.

    Attributes:
        arrays: the arrays, in the order of the layers.
        blocks: the same activations as a scan takes them.
        every: characters from one row to the next.
    """

    arrays: Mapping[LayerSignal, SignalArray]
    blocks: Blocks
    every: int = 1

    @property
    def layers(self) -> tuple[str, ...]:
        """The names of the layers, each once."""
        return tuple(dict.fromkeys(layer for layer, _ in self.arrays))

    def __getitem__(self, source: LayerSignal) -> SignalArray:
        if source not in self.arrays:
            there = ", ".join(f"{layer} {signal}" for layer, signal in self.arrays)
            raise KeyError(f"no activations of {source!r}; there are {there}")
        return self.arrays[source]

    def __iter__(self) -> Iterator[LayerSignal]:
        return iter(self.arrays)

    def __len__(self) -> int:
        return len(self.arrays)

    def iterate(self) -> Iterator[Block]:
        """Yield everything in blocks."""
        yield from self.blocks

    def positions(self) -> range:
        """The position in the text of the character of each row."""
        return range(self.blocks.segment.start, self.blocks.segment.stop, self.every)


def _both(key: Any) -> tuple[Any, Any]:
    """The indices of rows and columns in what stands between the brackets."""
    parts = list(key) if isinstance(key, tuple) else [key]
    if any(part is Ellipsis for part in parts):
        place = next(place for place, part in enumerate(parts) if part is Ellipsis)
        parts[place:place + 1] = [slice(None)] * max(0, 3 - len(parts))
    if len(parts) > 2:
        raise IndexError(f"activations have two axes, rows and units; received {len(parts)} indices")
    rows, columns = [*parts, slice(None), slice(None)][:2]
    return rows, columns


def _is_number(index: Any) -> bool:
    return not isinstance(index, slice) and np.ndim(index) == 0


def _wanted(index: Any, size: int) -> range | np.ndarray:
    """The indices that ``index`` names on an axis of ``size``, none of them negative."""
    if isinstance(index, slice):
        return range(*index.indices(size))
    if _is_number(index):
        number = operator.index(index)
        place = number + size * (number < 0)
        if not 0 <= place < size:
            raise IndexError(f"index {number} is outside an axis of {size:,}")
        return range(place, place + 1)
    array = np.asarray(index)
    if array.dtype == bool and array.shape == (size,):
        return np.flatnonzero(array)
    if array.ndim != 1 or (array.size and array.dtype.kind not in "iu"):
        raise IndexError(f"rows and units are chosen by whole numbers, slices, lists of them or a mask of {size:,}; "
                         f"received {index!r}")
    array = array.astype(np.int64)
    array = np.where(array < 0, array + size, array)
    if array.size and (array.min() < 0 or array.max() >= size):
        raise IndexError(f"an index of the list is outside an axis of {size:,}")
    return array


def _range_of(wanted: range | np.ndarray) -> tuple[range, Any]:
    """An ascending range that covers ``wanted``, and the index that picks it from what was read."""
    if isinstance(wanted, range):
        return (wanted, slice(None)) if wanted.step > 0 else (wanted[::-1], slice(None, None, -1))
    if not len(wanted):
        return range(0), slice(None)
    low = int(wanted.min())
    return range(low, int(wanted.max()) + 1), wanted - low
