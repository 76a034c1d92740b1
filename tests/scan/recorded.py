"""Activations made up by a test: what a scan is fed when no network is there."""

from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from probe.activations import Block, LayerSignal
from probe.activations.streamed import Piece, Streamed
from probe.corpus import Corpus, Segment


@dataclass
class Recorded:
    """Blocks cut from arrays (N, U) over the whole of a text, in the uneven pieces that real streams have."""

    corpus: Corpus
    segment: Segment
    arrays: Mapping[LayerSignal, np.ndarray]
    block: int = 400

    provenance: ClassVar = {"run": "planted"}
    log: ClassVar = [{"step": 1, "loss": 2.0}]

    @property
    def units(self) -> dict[LayerSignal, range]:
        return {source: range(array.shape[1]) for source, array in self.arrays.items()}

    def in_streams(self, streams: int) -> Streamed:
        def read(start: int, stop: int) -> Piece:
            return Piece({source: array[start:stop] for source, array in self.arrays.items()},
                        np.full(stop - start, 0.5, np.float32))

        return Streamed.of(self, streams, lambda: nullcontext(read))

    def part(self, start: int, stop: int) -> "Recorded":
        return replace(self, segment=Segment(start, stop))

    def __iter__(self) -> Iterator[Block]:
        half = len(self.segment) // 2
        for offset in range(0, half, self.block):
            length = min(self.block, half - offset)
            starts = np.array([self.segment.start + offset, self.segment.start + half + offset])
            yield self._block(starts, length)
        if len(self.segment) % 2:
            yield self._block(np.array([self.segment.stop - 1]), 1)

    def _block(self, starts: np.ndarray, length: int) -> Block:
        rows = starts[:, None] + np.arange(length)
        activations = {source: array[rows].astype(np.float32) for source, array in self.arrays.items()}
        return Block(starts, activations, np.full(rows.shape, 0.5, np.float32))
