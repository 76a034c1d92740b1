"""Activations in pieces: what a scan is fed, wherever they come from."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from probe.corpus import Corpus, Segment

LayerSignal = tuple[str, str]
"""A layer's name and a signal's. The layers of a run are called "1", "2" and so on; the first reads the text."""

# The indices of units in a layer end here: far above any network's, and far below what exhausts memory.
MOST_UNITS = 1 << 24


@dataclass(frozen=True)
class Block:
    """What units did at T characters in each of S streams. Row t is the state after text[t] was read.

    Attributes:
        starts: positions (S,) in the corpus of each stream's first row.
        activations: (layer, signal) → (S, T, U) float32.
        losses: −log probability in nats (S, T) float32 that the network gave the character after each row; NaN after
            the last character of the text.
        expected: id (S, T) int32 of the character that the network held most probable after each row; None where that
            is not known.
        before: −log probability in nats (S,) float32 that the network, having warmed up, gave the first character of
            each stream; NaN where it is not known, as at the beginning of a text; None in blocks that go on where
            others ended, or if no losses are known.
    """

    starts: np.ndarray
    activations: Mapping[LayerSignal, np.ndarray]
    losses: np.ndarray
    expected: np.ndarray | None = None
    before: np.ndarray | None = None

    @property
    def length(self) -> int:
        """T, the characters of each stream."""
        return self.losses.shape[1]

    def rows(self, source: LayerSignal) -> np.ndarray:
        """Return the activations of one layer and signal as (ST, U), streams one after the other."""
        values = self.activations[source]
        return values.reshape(-1, values.shape[-1])


class Blocks(Protocol):
    """Activations over one segment of a text, each character in exactly one block. It can be iterated again."""

    @property
    def corpus(self) -> Corpus:
        """The text."""

    @property
    def segment(self) -> Segment:
        """Which part of the text."""

    @property
    def units(self) -> Mapping[LayerSignal, Sequence[int]]:
        """(layer, signal) → index in its layer of each of the U units, ``range(U)`` if all are here."""

    @property
    def provenance(self) -> Mapping[str, Any]:
        """Where the activations come from: JSON values, kept with what is found."""

    @property
    def log(self) -> list[dict[str, Any]]:
        """Records of the training's loss, oldest first; empty if there are none."""

    def in_streams(self, streams: int) -> "BlocksInStreams | None":
        """Return the same activations of the same segment as S streams read them, which cut it into equal stretches.

        All blocks have S streams of one length, which go through their stretches in step. The len(segment) % S
        characters that are left when the segment does not divide come last, in blocks of the last stream alone.

        Where a network reads, its activations differ by what warming up leaves: see
        :func:`~probe.activations.stream_deviation`. Recorded ones are the same, number by number.

        Args:
            streams: how many are asked for. There are fewer where stretches would be shorter than the overlap on which
                they are warmed up, or would hold nothing.

        Returns:
            None if they can only be read in an order of their own, as windows and documents are, and do not fit into 1
            GB as float16, in which they are held in memory else.

        Raises:
            UserError: ``streams`` is not positive, or more than the network may read side by side.
        """

    def __iter__(self) -> Iterator[Block]:
        """Yield the blocks."""


class BlocksInStreams(Blocks, Protocol):
    """Activations read by streams side by side: see :meth:`Blocks.in_streams`."""

    @property
    def streams(self) -> int:
        """S, how many there are."""
