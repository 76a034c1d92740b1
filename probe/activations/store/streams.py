"""Reading a store here and there, as streams side by side do."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np

from probe.activations.block import LayerSignal
from probe.activations.store.part import LOSSES, file_of
from probe.activations.streamed import Piece, Reading
from probe.corpus import Segment
from probe.files.hdf5 import Hdf5File, LazyArray

if TYPE_CHECKING:
    from probe.activations.store.reader import Store

# Parts held open: each has a megabyte of buffers for each of its arrays.
MOST_OPEN = 64


@contextmanager
def rows_anywhere(store: "Store", segment: Segment) -> Iterator[Reading]:
    """Give what reads any characters of a segment of a store that keeps each one; its parts are checked before.

    Raises:
        UserError: a part is damaged.
    """
    first = store.segment.start
    for number, _ in store.index.overlapping(segment.start - first, segment.stop - first):
        store.check_part(number)
    parts = _OpenParts(store)

    def read(start: int, stop: int) -> Piece:
        values = {source: np.empty((stop - start, len(units)), np.float32) for source, units in store.units.items()}
        losses = np.full(stop - start, np.nan, np.float32)
        for number, stretches in store.index.overlapping(start - first, stop - first):
            arrays = parts.arrays(number)
            for stretch in stretches:
                begin = stretch.first - (start - first)
                place = slice(begin, begin + stretch.count)
                there = slice(stretch.offset, stretch.offset + stretch.count)
                for source, array in arrays.items():
                    (losses if source is None else values[source])[place] = array.read(there)
        return Piece(values, losses)

    try:
        yield read
    finally:
        parts.close()


class _OpenParts:
    """The arrays of the parts that were read lately."""

    def __init__(self, store: "Store") -> None:
        self._store = store
        self._open: dict[int, tuple[Hdf5File, Mapping[LayerSignal | None, LazyArray]]] = {}

    def arrays(self, number: int) -> Mapping[LayerSignal | None, LazyArray]:
        """Return the arrays of a part; under None its losses, if they are known."""
        if number not in self._open:
            if len(self._open) >= MOST_OPEN:
                self._forget(next(iter(self._open)))
            file = Hdf5File(self._store.folder / file_of(number)).__enter__()
            sources: list[LayerSignal | None] = [*self._store.units, *([None] if LOSSES in file else [])]
            self._open[number] = file, {source: self._store.array(file, number, source) for source in sources}
        return self._open[number][1]

    def close(self) -> None:
        """Close all files."""
        for number in list(self._open):
            self._forget(number)

    def _forget(self, number: int) -> None:
        self._open.pop(number)[0].__exit__(None, None, None)
