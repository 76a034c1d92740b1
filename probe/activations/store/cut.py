"""A store, or a part of what it covers, as the blocks that a scan is fed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from probe.activations.block import Block, LayerSignal
from probe.activations.store.index import Stretch
from probe.activations.store.part import LOSSES, file_of
from probe.activations.store.streams import rows_anywhere
from probe.activations.streamed import Streamed
from probe.activations.stretches import checked_part
from probe.corpus import Corpus, Segment
from probe.errors import UserError
from probe.files.hdf5 import Hdf5File

if TYPE_CHECKING:
    from probe.activations.store.reader import Store

# Bytes of a block's largest array, and characters of all its streams.
LARGEST, MOST_ROWS = 1 << 26, 1 << 15
# Characters of the test split, and in front of it, with which a scan can do something.
FEWEST = 100


@dataclass(frozen=True, eq=False)
class StoreBlocks:
    """The activations of a store over a segment: each part is read once, and checked as a whole before.

    Attributes:
        store: where they are kept.
        segment: which part of the text.
        sparse: whether a store that keeps each k-th character is taken too. The rows of its blocks are k characters
            apart, which statistics of single rows may not mind; a scan does.

    Raises:
        UserError: the store keeps only some rows and ``sparse`` is not set, or it does not cover the segment.
    """

    store: "Store"
    segment: Segment
    sparse: bool = False

    def __post_init__(self) -> None:
        store = self.store
        if store.every > 1 and not self.sparse:
            raise UserError(f"{store.folder}: keeps one character in {store.every}, and every one is needed here, "
                            "where text and activations go character by character; extract without --every")
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

    @property
    def rows(self) -> range:
        """The numbers in the store of the rows that the blocks hold."""
        start, every = self.store.segment.start, self.store.every
        return range(-(-(self.segment.start - start) // every), -(-(self.segment.stop - start) // every))

    def part(self, start: int, stop: int) -> "StoreBlocks":
        """Return the activations of characters [start, stop) of the text.

        Raises:
            UserError: they do not lie within the segment.
        """
        return replace(self, segment=checked_part(self.segment, start, stop))

    def in_streams(self, streams: int) -> Streamed:
        """Return the same as read by so many streams.

        Raises:
            UserError: the store keeps only some rows, or ``streams`` is not positive.
        """
        every_one = replace(self, sparse=False)
        return Streamed.of(every_one, streams, partial(rows_anywhere, self.store, self.segment))

    def __iter__(self) -> Iterator[Block]:
        ends: dict[int, np.float32] = {}  # number of the row after a stretch → the loss of the stretch's last row
        for number, stretches in self.store.index.overlapping(self.rows.start, self.rows.stop):
            self.store.check_part(number)
            low, high = stretches[0].offset, stretches[-1].offset + stretches[-1].count
            with Hdf5File(self.store.folder / file_of(number)) as file:
                values = {source: self.store.array(file, number, source).read(slice(low, high))
                          for source in self.units}
                losses = (self.store.array(file, number, None).read(slice(low, high)) if LOSSES in file
                          else np.full(high - low, np.nan, np.float32))
            before = {each.first: ends.pop(each.first) if each.first in ends else self._loss(each.first - 1)
                      for each in stretches}
            ends |= {each.first + each.count: losses[each.offset - low + each.count - 1] for each in stretches
                     if each.count}
            for length in sorted({stretch.count for stretch in stretches}):
                streams = [stretch for stretch in stretches if stretch.count == length]
                begun = np.array([before[stretch.first] for stretch in streams], np.float32)
                yield from self._blocks(streams, low, values, losses, begun)

    def _loss(self, row: int) -> np.float32:
        """The loss of a row by its number; NaN if it is not known, or if it is not that of the character before."""
        if row < self.rows.start or self.store.every > 1:
            return np.float32(np.nan)
        number, stretches = next(self.store.index.overlapping(row, row + 1))
        with Hdf5File(self.store.folder / file_of(number)) as file:
            if LOSSES not in file:
                return np.float32(np.nan)
            place = stretches[0].offset
            return np.float32(self.store.array(file, number, None).read(slice(place, place + 1))[0])

    def _blocks(self, streams: Sequence[Stretch], low: int, values: Mapping[LayerSignal, np.ndarray],
                losses: np.ndarray, before: np.ndarray) -> Iterator[Block]:
        """Cut stretches of one length, rows ``low`` and on of a part, into blocks of bounded size."""
        widest = max(array.shape[1] for array in values.values())
        size = max(1, min(MOST_ROWS, LARGEST // (4 * widest)) // len(streams))
        for offset in range(0, streams[0].count, size):
            places = [slice(stretch.offset - low + offset, stretch.offset - low + min(offset + size, stretch.count))
                      for stretch in streams]
            starts = np.array([self.store.segment.start + self.store.every * (stretch.first + offset)
                               for stretch in streams])
            yield Block(starts, {source: np.stack([array[place] for place in places]).astype(np.float32)
                                 for source, array in values.items()},
                        np.stack([losses[place] for place in places]), before=before if offset == 0 else None)


# The texts of a scan of what the network was trained on.
OWN = "the text before its network's test split, and the test split"


def meeting(store: "Store") -> tuple[int, str]:
    """Return the position at which the two texts of a scan of a store meet, and in words which texts they are."""
    covered, trained_on = store.segment, store.provenance.get("trained_on") or {}
    test = store.corpus.splits.test.start
    own = trained_on.get("sha256") == store.corpus.source["sha256"]
    if own and covered.start < test < covered.stop:
        return test, OWN
    middle = (covered.start + covered.stop) // 2
    if not own:
        return middle, "two halves of the text"
    if covered.start >= test:
        return middle, "two halves of its network's test split"
    return middle, (f"two halves of a text that its network was trained on, the second no less than the first: the "
                    f"store ends at {covered.stop:,}, and the test split begins at {test:,}")


def selection_and_confirmation(store: "Store", characters: int) -> tuple[StoreBlocks, StoreBlocks]:
    """Return the two texts of a scan of a store, each of at most ``characters`` next to where they meet.

    Of the text that the network was trained on, its training and validation splits select and its test split
    confirms, as far as the store covers them. What is kept of any other text is cut in two halves, and so is what
    lies on one side of where the test split begins; :func:`meeting` says which it is.

    Raises:
        UserError: the store keeps only some rows, a single character, or no more than a few on one side of where the
            test split begins.
    """
    covered, (meet, texts) = store.segment, meeting(store)
    before, after = meet - covered.start, covered.stop - meet
    if texts == OWN and min(before, after) < FEWEST:
        side, flag, enough = (("in front of", "--from", meet - FEWEST) if before < after else
                              ("of", "--to", meet + FEWEST))
        raise UserError(f"{store.folder}: covers {min(before, after):,} characters {side} its network's test split, "
                        f"which begins at {meet:,}, and a scan needs {FEWEST} of each text; extract with {flag} "
                        f"{enough:,} or beyond, or with {flag} {meet:,}, of which two halves are scanned")
    return (StoreBlocks(store, Segment(max(covered.start, meet - characters), meet)),
            StoreBlocks(store, Segment(meet, min(covered.stop, meet + characters))))
