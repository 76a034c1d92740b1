"""A store, or a part of what it covers, as the blocks that a scan is fed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from probe.activations.block import Block, LayerSignal
from probe.activations.store.index import Stretch
from probe.activations.store.part import LOSSES, file_of
from probe.corpus import Corpus, Segment
from probe.errors import UserError
from probe.files.hdf5 import Hdf5File

if TYPE_CHECKING:
    from probe.activations.store.reader import Store

# Bytes of a block's largest array, and characters of all its streams.
LARGEST, MOST_ROWS = 1 << 26, 1 << 15


@dataclass(frozen=True, eq=False)
class StoreBlocks:
    """The activations of a store over a segment: each part is read once, and checked as a whole before.

    Attributes:
        store: where they are kept.
        segment: which part of the text.

    Raises:
        UserError: the store keeps only some rows, or does not cover the segment.
    """

    store: "Store"
    segment: Segment

    def __post_init__(self) -> None:
        store = self.store
        if store.every > 1:
            raise UserError(f"{store.folder}: keeps one character in {store.every}, and a scan needs every one: labels "
                            "and activations are compared character by character; extract without --every")
        if not store.segment.start <= self.segment.start < self.segment.stop <= store.segment.stop:
            raise UserError(f"{store.folder}: covers characters {store.segment.start:,} to {store.segment.stop:,}; "
                            f"received {self.segment.start:,} to {self.segment.stop:,}")

    @property
    def corpus(self) -> Corpus:
        """The text."""
        return self.store.corpus

    @property
    def units(self) -> Mapping[LayerSignal, Sequence[int]]:
        """(layer, signal) → index in its layer of each unit."""
        return self.store.units

    @property
    def provenance(self) -> Mapping[str, Any]:
        """Where the activations come from, and how they were kept."""
        return self.store.provenance

    @property
    def log(self) -> list[dict[str, Any]]:
        """Records of the training's loss, oldest first."""
        return self.store.log

    def __iter__(self) -> Iterator[Block]:
        start = self.store.segment.start
        for number, stretches in self.store.index.overlapping(self.segment.start - start, self.segment.stop - start):
            self.store.check_part(number)
            low, high = stretches[0].offset, stretches[-1].offset + stretches[-1].count
            with Hdf5File(self.store.folder / file_of(number)) as file:
                values = {source: self.store.array(file, number, source).read(slice(low, high))
                          for source in self.units}
                losses = (self.store.array(file, number, None).read(slice(low, high)) if LOSSES in file
                          else np.full(high - low, np.nan, np.float32))
            for length in sorted({stretch.count for stretch in stretches}):
                streams = [stretch for stretch in stretches if stretch.count == length]
                yield from self._blocks(streams, low, values, losses)

    def _blocks(self, streams: Sequence[Stretch], low: int, values: Mapping[LayerSignal, np.ndarray],
                losses: np.ndarray) -> Iterator[Block]:
        """Cut stretches of one length, rows ``low`` and on of a part, into blocks of bounded size."""
        widest = max(array.shape[1] for array in values.values())
        size = max(1, min(MOST_ROWS, LARGEST // (4 * widest)) // len(streams))
        for offset in range(0, streams[0].count, size):
            places = [slice(stretch.offset - low + offset, stretch.offset - low + min(offset + size, stretch.count))
                      for stretch in streams]
            starts = np.array([self.store.segment.start + stretch.first + offset for stretch in streams])
            yield Block(starts, {source: np.stack([array[place] for place in places]).astype(np.float32)
                                 for source, array in values.items()},
                        np.stack([losses[place] for place in places]))


def selection_and_confirmation(store: "Store", characters: int) -> tuple[StoreBlocks, StoreBlocks]:
    """Return the two texts of a scan of a store, each of at most ``characters`` next to where they meet.

    Of the text that the network was trained on, its training and validation splits select and its test split
    confirms, as far as the store covers them. What is kept of any other text is cut in two halves.

    Raises:
        UserError: the store keeps only some rows, or covers none of the text that selects or that confirms.
    """
    covered = store.segment
    own = dict(store.provenance.get("trained_on") or {}).get("sha256") == store.corpus.source["sha256"]
    meet = store.corpus.splits.test.start if own else (covered.start + covered.stop) // 2
    if not covered.start < meet < covered.stop:
        raise UserError(f"{store.folder}: covers characters {covered.start:,} to {covered.stop:,} of the text that the "
                        f"network was trained on, and a scan needs some before and some after {meet:,}, where its test "
                        "split begins; extract more with --from and --to")
    return (StoreBlocks(store, Segment(max(covered.start, meet - characters), meet)),
            StoreBlocks(store, Segment(meet, min(covered.stop, meet + characters))))
