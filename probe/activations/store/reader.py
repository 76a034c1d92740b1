"""Reading a store: any rows of any units, at any place of the text, from a folder that may be a stranger's."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from probe.activations.block import Block, LayerSignal
from probe.activations.signals import SignalArray, Signals
from probe.activations.store.contents import Contents, place_of
from probe.activations.store.cut import StoreBlocks
from probe.activations.store.index import RowIndex
from probe.activations.store.manifest import Manifest, PartFile
from probe.activations.store.part import LOSSES, file_of, marks
from probe.activations.streamed import Streamed
from probe.corpus import Corpus, Segment
from probe.errors import UserError
from probe.files import sha256_of, size_of
from probe.files.hdf5 import Hdf5File, LazyArray


@dataclass(frozen=True, eq=False)
class Store:
    """A finished store of activations with its text: :class:`~probe.activations.Blocks`; it pickles as its folder.

    Attributes:
        folder: where it lies.
        contents: what it holds.
        corpus: its text, kept in the folder.
        parts: its files.
        index: where in them each row lies.
    """

    folder: Path
    contents: Contents = field(repr=False)
    corpus: Corpus = field(repr=False)
    parts: tuple[PartFile, ...] = field(repr=False)
    index: RowIndex = field(repr=False)

    @classmethod
    def open(cls, folder: str | Path) -> "Store":
        """Open a store; its text is held against its checksums, its parts against their sizes.

        Each piece that is read later carries a checksum of its own; :meth:`verify` looks at all at once.

        Raises:
            UserError: missing, unfinished, damaged, or of another version.
        """
        folder = Path(folder)
        manifest, corpus = Manifest.read(folder)
        for number, part in enumerate(manifest.parts):
            path = folder / file_of(number)
            if size_of(path) != part.bytes:
                raise UserError(f"{path}: missing, or not of the {part.bytes:,} bytes that were written")
        return cls(folder, manifest.contents, corpus, manifest.parts, manifest.index)

    def __reduce__(self) -> tuple[Callable[[Path], "Store"], tuple[Path]]:
        return type(self).open, (self.folder.resolve(),)

    @property
    def segment(self) -> Segment:
        """Which part of the text it covers."""
        return self.contents.segment

    @property
    def every(self) -> int:
        """Characters from one row to the next."""
        return self.contents.options.every

    @property
    def units(self) -> Mapping[LayerSignal, Sequence[int]]:
        """(layer, signal) → index in its layer of each unit, in the order of the columns."""
        return self.contents.units

    @property
    def provenance(self) -> Mapping[str, Any]:
        """Where the activations come from, and how they are kept."""
        options = self.contents.options
        kept = {"dtype": options.dtype, "every": options.every}
        return {**self.contents.provenance, **self.contents.notes, "store": kept}

    @property
    def log(self) -> list[dict[str, Any]]:
        """Records of the training's loss, oldest first."""
        return [dict(record) for record in self.contents.log]

    @property
    def signals(self) -> Signals:
        """The arrays: (layer, signal) → (N, U), read lazily."""
        arrays = {source: SignalArray((self.contents.rows, len(units)), partial(self.read, source))
                  for source, units in self.units.items()}
        return Signals(arrays, self, self.every)

    def blocks(self, segment: Segment | None = None, *, sparse: bool = False) -> StoreBlocks:
        """Return the blocks of a part of what it covers; all of it by default.

        Args:
            segment: which part.
            sparse: whether rows may be ``every`` characters apart.

        Raises:
            UserError: the store keeps only some rows and ``sparse`` is not set, or it does not cover the segment.
        """
        return StoreBlocks(self, self.segment if segment is None else segment, sparse)

    def part(self, start: int, stop: int) -> StoreBlocks:
        """Return the blocks of characters [start, stop) of the text.

        Raises:
            UserError: as :meth:`blocks`.
        """
        return self.blocks(Segment(start, stop))

    def in_streams(self, streams: int) -> Streamed:
        """Return the blocks of all that it covers as read by so many streams.

        Raises:
            UserError: the store keeps only some rows, or ``streams`` is not positive.
        """
        return self.blocks().in_streams(streams)

    def __iter__(self) -> Iterator[Block]:
        return iter(self.blocks())

    def read(self, source: LayerSignal, rows: range, columns: range) -> np.ndarray:
        """Return a part of the array of a layer and signal, (rows, columns) float32.

        Args:
            source: the layer and signal.
            rows, columns: which of them, ascending.

        Raises:
            UserError: a file of the store is damaged.
        """
        out = np.empty((len(rows), len(columns)), np.float32)
        if not out.size:
            return out
        for number, stretches in self.index.overlapping(rows.start, rows[-1] + 1):
            low, high = stretches[0].offset, stretches[-1].offset + stretches[-1].count
            with Hdf5File(self.folder / file_of(number)) as file:
                array = self.array(file, number, source)
                values = array.read(slice(low, high), slice(columns.start, columns.stop))[:, ::columns.step]
            for stretch in stretches:
                skipped = -(stretch.first - rows.start) % rows.step
                place = (stretch.first + skipped - rows.start) // rows.step
                offset = stretch.offset - low
                wanted = values[offset + skipped:offset + stretch.count:rows.step]
                out[place:place + len(wanted)] = wanted
        if not np.isfinite(out).all():
            raise UserError(f"{self.folder}: damaged: it holds numbers that are not finite")
        return out

    def array(self, file: Hdf5File, number: int, source: LayerSignal | None) -> LazyArray:
        """Return an array of an open part, once it is known to be what the manifest says.

        Args:
            file: the part's file.
            number: of the part.
            source: the layer and signal; None for the losses.

        Raises:
            UserError: it is not.
        """
        for name, value in marks(self.contents, number).items():
            if file.text("", name) != value:
                raise UserError(f"{file.path}: is not part {number} of this store")
        rows = int(self.index.rows[number])
        shape = (rows, len(self.units[source])) if source else (rows,)
        dtype = self.contents.options.kept if source else np.dtype(np.float32)
        place = place_of(source) if source else LOSSES
        array = file.lazy_array(place)
        if array.shape != shape or array.dtype != dtype:
            raise UserError(f"{file.path}: {place}: damaged: {array.dtype} of shape {array.shape}, and {dtype} of "
                            f"shape {shape} was written")
        return array

    def check_part(self, number: int) -> None:
        """Raise :class:`UserError` if a part's file is not what was written."""
        path = self.folder / file_of(number)
        if sha256_of(path) != self.parts[number].sha256:
            raise UserError(f"{path}: damaged: its checksum is not the one recorded when it was written")

    def verify(self) -> None:
        """Read all parts and raise :class:`UserError` at the first that is not what was written."""
        for number in range(len(self.parts)):
            self.check_part(number)
