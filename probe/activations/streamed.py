"""Activations that can be read anywhere in their text, read by many streams side by side."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from probe.activations.block import Block, Blocks, BlocksInStreams, LayerSignal
from probe.activations.stretches import LARGEST, pieces
from probe.corpus import Corpus, Segment
from probe.errors import UserError

# Characters of all streams in one block.
MOST_ROWS = 1 << 16


@dataclass(frozen=True)
class Piece:
    """Consecutive characters of a block of one stream: (layer, signal) → (T, U) of any float; the rest (T,)."""

    activations: Mapping[LayerSignal, np.ndarray]
    losses: np.ndarray
    expected: np.ndarray | None = None


# Characters [start, stop) → their piece.
Reading = Callable[[int, int], Piece]


@dataclass(frozen=True, eq=False)
class Streamed:
    """Activations in blocks of S streams and equal lengths; what does not divide, the last stream reads on alone.

    Attributes:
        blocks: the same activations in the order in which they lie.
        streams: S.
        opened: for the time of one iteration gives what reads any characters of the segment.
    """

    blocks: Blocks
    streams: int
    opened: Callable[[], AbstractContextManager[Reading]]

    @classmethod
    def of(cls, blocks: Blocks, streams: int, opened: Callable[[], AbstractContextManager[Reading]]) -> Self:
        """Describe the reading of ``blocks`` by as many streams, or by one a character where there are fewer of these.

        Raises:
            UserError: ``streams`` is not positive.
        """
        if streams < 1:
            raise UserError(f"streams must be 1 or more; received {streams}")
        return cls(blocks, min(streams, len(blocks.segment)), opened)

    @property
    def corpus(self) -> Corpus:
        """The text."""
        return self.blocks.corpus

    @property
    def segment(self) -> Segment:
        """Which part of the text."""
        return self.blocks.segment

    @property
    def units(self) -> Mapping[LayerSignal, Sequence[int]]:
        """(layer, signal) → index in its layer of each unit."""
        return self.blocks.units

    @property
    def provenance(self) -> Mapping[str, Any]:
        """Where the activations come from."""
        return self.blocks.provenance

    @property
    def log(self) -> list[dict[str, Any]]:
        """Records of the training's loss, oldest first."""
        return self.blocks.log

    def in_streams(self, streams: int) -> BlocksInStreams | None:
        """Return the same activations in other streams."""
        return self.blocks.in_streams(streams)

    def __iter__(self) -> Iterator[Block]:
        numbers = sum(map(len, self.units.values()))
        size = max(1, min(MOST_ROWS, LARGEST // numbers) // self.streams)
        with self.opened() as read:
            for number, (starts, length) in enumerate(pieces(self.segment, self.streams, size)):
                yield self._block(starts, length, read, first=number == 0)

    def _block(self, starts: np.ndarray, length: int, read: Reading, *, first: bool) -> Block:
        shape = (len(starts), length)
        activations = {source: np.empty((*shape, len(units)), np.float32) for source, units in self.units.items()}
        losses, before = np.empty(shape, np.float32), np.full(len(starts), np.nan, np.float32)
        expected: np.ndarray | None = None
        for stream, start in enumerate(starts.tolist()):
            lead = int(first and start > self.segment.start)  # one row more, of whose loss the stream begins with
            piece = read(start - lead, start + length)
            for source, array in activations.items():
                array[stream] = piece.activations[source][lead:]
            losses[stream] = piece.losses[lead:]
            before[stream] = piece.losses[0] if lead else np.nan
            if piece.expected is not None:
                expected = np.empty(shape, np.int32) if expected is None else expected
                expected[stream] = piece.expected[lead:]
        return Block(starts, activations, losses, expected, before if first else None)
