"""Gathering rows until they make a part of bounded size."""

from collections.abc import Mapping

import numpy as np

from probe.activations.block import Block, LayerSignal
from probe.activations.store.contents import Contents, place_of
from probe.activations.store.index import pieces_of
from probe.errors import UserError
from probe.files.hdf5_image import hdf5_image

# A part has at most so many bytes, for memory, and so many rows, for what is read again after a kill.
PART_BYTES, PART_ROWS = 1 << 26, 1 << 18
# Rows and units that lie together on disk.
CHUNK = (1024, 32)
LOSSES = "losses"


class PartBuilder:
    """Takes in blocks, a stretch of time at once, until a part is full. Its memory is used again for the next part.

    Args:
        contents: what the store holds.
    """

    def __init__(self, contents: Contents) -> None:
        self._contents = contents
        self._most = min(PART_ROWS, max(1, PART_BYTES // contents.row_bytes))
        self._held, self._sorted = ({source: np.empty((0, len(units)), contents.options.kept)
                                     for source, units in contents.units.items()} for _ in range(2))
        self.clear()

    def clear(self) -> None:
        """Begin the next part."""
        self._rows: list[np.ndarray] = []
        self._losses: list[np.ndarray] = []
        self.rows = 0

    @property
    def full(self) -> bool:
        """Whether the part is complete."""
        return self.rows >= self._most

    def take(self, block: Block, offset: int) -> int:
        """Take in as many characters of each stream as there is room for, from ``offset`` on; return how many.

        Raises:
            UserError: a number is not finite, or too large for the store's dtype.
        """
        every, start = self._contents.options.every, self._contents.segment.start
        room = max(1, (self._most - self.rows) // len(block.starts)) * every
        stop = min(block.length, offset + room)
        positions = (block.starts[:, None] + np.arange(offset, stop) - start).astype(np.int64)  # (S, T)
        kept = positions % every == 0
        rows = self.rows + int(kept.sum())
        if rows > len(next(iter(self._held.values()))):
            self._make_room(max(rows, self._most))
        for source, held in self._held.items():
            values = block.activations[source][:, offset:stop]
            self._check(values, source, positions)
            if every == 1:
                held[self.rows:rows].reshape(values.shape)[...] = values
            else:
                held[self.rows:rows] = values[kept]
        self._rows.append(positions[kept] // every)
        self._losses.append(block.losses[:, offset:stop][kept])
        self.rows = rows
        return stop - offset

    def image(self, number: int) -> tuple[bytes, np.ndarray]:
        """Return the file of the part, and its pieces, (P, 2): first row and count.

        Args:
            number: of the part, from 0.
        """
        rows = np.concatenate(self._rows)
        order = np.argsort(rows, kind="stable")
        # Rows that stay together are copied together, which is much faster than one by one.
        cuts = np.flatnonzero(np.diff(order, prepend=-2) != 1)
        runs = list(zip(cuts.tolist(), order[cuts].tolist(), np.diff(cuts, append=len(order)).tolist(), strict=True))
        arrays: dict[str, np.ndarray] = {}
        for source, held in self._held.items():
            array = arrays[place_of(source)] = self._sorted[source][:len(rows)]
            for place, first, count in runs:
                array[place:place + count] = held[first:first + count]
        losses = np.concatenate(self._losses)[order].astype(np.float32)
        if not np.isnan(losses).all():
            arrays[LOSSES] = losses
        return hdf5_image(arrays, CHUNK, marks(self._contents, number)), pieces_of(rows[order])

    def _make_room(self, rows: int) -> None:
        for source, held in self._held.items():
            larger = np.empty((rows, held.shape[1]), held.dtype)
            larger[:self.rows] = held[:self.rows]
            self._held[source], self._sorted[source] = larger, np.empty_like(larger)

    def _check(self, values: np.ndarray, source: LayerSignal, positions: np.ndarray) -> None:
        """Refuse values (S, T, U) that the dtype of the store cannot hold."""
        limit = np.finfo(self._contents.options.kept).max
        largest = float(max(values.max(), -values.min()))  # NaN if one of them is
        if largest <= float(limit):
            return
        stream, row, column = np.argwhere(~(np.abs(values) <= limit))[0]
        value, (layer, signal) = values[stream, row, column], source
        name = f"unit {layer}:{self._contents.units[source][column]} ({signal})"
        where = f"at character {positions[stream, row] + self._contents.segment.start:,}"
        if np.isfinite(value):
            raise UserError(f"{name} is {value:g} {where}, and float16 ends at 65,504; --dtype float32 keeps it")
        raise UserError(f"{name} is {value} {where}: activations must be finite")


def marks(contents: Contents, number: int) -> Mapping[str, str]:
    """Return the attributes of a part, by which one of another store or of another place is told."""
    return {"store": contents.identity, "part": str(number)}


def file_of(number: int) -> str:
    """Return the name of a part's file."""
    return f"part-{number:06}.h5"
