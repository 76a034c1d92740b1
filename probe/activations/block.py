"""Activations in pieces: what a scan is fed, wherever they come from."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from probe.corpus import Corpus, Segment

# A layer's name and a signal's. The layers of a run are called "1", "2" and so on, the first reads the text.
LayerSignal = tuple[str, str]


@dataclass(frozen=True)
class Block:
    """What units did at T characters in each of S streams. Row t is the state after text[t] was read.

    Attributes:
        starts: positions (S,) in the corpus of each stream's first row.
        activations: (layer, signal) → (S, T, U) float32.
        losses: −log probability in nats (S, T) float32 that the network gave the character after each row; NaN after
            the last character of the text.
    """

    starts: np.ndarray
    activations: Mapping[LayerSignal, np.ndarray]
    losses: np.ndarray

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

    def __iter__(self) -> Iterator[Block]:
        """Yield the blocks."""
