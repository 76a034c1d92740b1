"""Where in the parts of a store each row lies."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from probe.errors import UserError


@dataclass(frozen=True)
class Stretch:
    """Rows that follow one another in a part.

    Attributes:
        first: the number of the first row in the store.
        count: how many rows.
        offset: where the first one lies in its part.
    """

    first: int
    count: int
    offset: int


@dataclass(frozen=True, eq=False)
class RowIndex:
    """The rows of all parts. In a part rows ascend; P pieces of consecutive rows make it up.

    Attributes:
        first: number in the store of each piece's first row, (P,) int64, part after part.
        count: rows of each piece, (P,) int64.
        pieces: pieces of each of the K parts, (K,) int64.
    """

    first: np.ndarray
    count: np.ndarray
    pieces: np.ndarray

    def __post_init__(self) -> None:
        if not (len(self.first) == len(self.count) == self.pieces.sum(dtype=object) and (self.pieces > 0).all()):
            raise UserError("damaged: the index of its rows contradicts itself")
        length = int(self.count.sum(dtype=object))
        order = np.argsort(self.first, kind="stable")
        ends = np.concatenate([[0], np.cumsum(self.count[order])])
        if length >= 1 << 62 or (self.count < 1).any() or not np.array_equal(self.first[order], ends[:-1]):
            raise UserError("damaged: the index of its rows leaves some out, or has some twice")

    @classmethod
    def of(cls, parts: Sequence[np.ndarray]) -> "RowIndex":
        """Return the index of parts made up of the given pieces, each (P, 2) int64: first row and count."""
        joined = np.concatenate(parts)
        return cls(joined[:, 0].copy(), joined[:, 1].copy(), np.array([len(part) for part in parts], np.int64))

    def __len__(self) -> int:
        """The rows of the store."""
        return int(self.count.sum())

    @cached_property
    def rows(self) -> np.ndarray:
        """The rows of each part, (K,) int64."""
        return np.add.reduceat(self.count, self._begins)

    def overlapping(self, start: int, stop: int) -> Iterator[tuple[int, list[Stretch]]]:
        """Yield each part that holds rows of [start, stop), with the stretches of these rows, ascending."""
        order, part, offset = self._sorted
        first = self.first[order]
        low, high = int(np.searchsorted(first, start, "right")) - 1, int(np.searchsorted(first, stop, "left"))
        chosen = order[max(low, 0):high]
        chosen = chosen[np.argsort(part[chosen], kind="stable")]
        begins = np.maximum(self.first[chosen], start)
        ends = np.minimum(self.first[chosen] + self.count[chosen], stop)
        places = offset[chosen] + begins - self.first[chosen]
        cuts = [*np.flatnonzero(np.diff(part[chosen], prepend=-1)).tolist(), len(chosen)]
        for low, high in zip(cuts, cuts[1:], strict=False):
            yield int(part[chosen[low]]), [Stretch(int(b), int(e - b), int(o)) for b, e, o in
                                           zip(begins[low:high], ends[low:high], places[low:high], strict=True)]

    @property
    def _begins(self) -> np.ndarray:
        """The first piece of each part, (K,)."""
        return np.cumsum(self.pieces) - self.pieces

    @cached_property
    def _sorted(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The order of pieces by row, the part of each piece, and where in it the piece begins, each (P,)."""
        part = np.repeat(np.arange(len(self.pieces)), self.pieces)
        offset = np.cumsum(self.count) - self.count
        return np.argsort(self.first), part, offset - offset[self._begins][part]


def pieces_of(rows: np.ndarray) -> np.ndarray:
    """Return the pieces, (P, 2) int64: first row and count, of rows (R,) int64 ascending."""
    cuts = np.flatnonzero(np.diff(rows, prepend=-2) != 1)
    return np.stack([rows[cuts], np.diff(cuts, append=len(rows))], axis=1)
