"""Bring your own: activations that any program recorded, and the text it read."""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol, Self

import numpy as np

from probe.activations.block import MOST_UNITS, Block, LayerSignal
from probe.activations.interchange.laying import Laying
from probe.activations.interchange.names import joined, parted
from probe.activations.streamed import Piece, Reading, Streamed
from probe.corpus import Corpus, Segment
from probe.errors import UserError
from probe.render.alignment import READ, alignment_named

# Numbers in the activations of a block, and characters in one.
NUMBERS, SHORTEST, LONGEST = 1 << 24, 256, 1 << 14


class Rows(Protocol):
    """What is read of an array: a numpy array, a memory-mapped one, a dataset in a file."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Rows and units (M, U)."""

    @property
    def dtype(self) -> np.dtype[Any]:
        """Of the numbers."""

    def __getitem__(self, rows: slice, /) -> Any:
        """Return some rows as an array (T, U)."""


@dataclass(frozen=True, eq=False)
class Recorded:
    """Recorded activations of one text, read as a scan reads a run's: block by block, in bounded memory.

    Attributes:
        corpus: the text of N characters.
        units: (layer, signal) → index in its layer of each of the U units.
        provenance: where the activations come from: JSON values.
        arrays: (layer, signal) → rows and units (M, U), of any dtype of numbers.
        laying: which row belongs to which character.
    """

    corpus: Corpus
    units: Mapping[LayerSignal, Sequence[int]]
    provenance: Mapping[str, Any]
    arrays: Mapping[LayerSignal, Rows] = field(repr=False)
    laying: Laying = field(repr=False)

    @classmethod
    def of(cls, activations: Any, text: str | Corpus, *, alignment: str = READ.name,
           spans: Sequence[tuple[int, int]] | np.ndarray | None = None,
           units: Mapping[Any, Sequence[int]] | None = None, provenance: Mapping[str, Any] | None = None) -> Self:
        """Join arrays to the text whose reading they record.

        Args:
            activations: an array (N, U) of floats or whole numbers, which is called layer 1, ``hidden``; or a mapping
                of such arrays by (layer, signal), by words such as ``"2/cell"``, or by the layers' names. Memory-mapped
                arrays are read in pieces.
            text: N characters.
            alignment: ``"read"`` if row t is the state once text[t] was read; ``"predicted"`` if it is the state that
                predicts text[t]: there the first row may be missing.
            spans: characters [start, stop) of each token (M, 2), where an array has one row a token. A token's row lies
                on all its characters and on those up to the next token.
            units: names as in ``activations`` → the units' indices in their layers. Defaults to all, from 0.
            provenance: JSON values to keep with what is found.

        Raises:
            UserError: an array is not (N, U) for the N characters of the text, or not of numbers; the message names the
                likely cause. Values that are not finite are found when they are read.
        """
        arrays = _checked(activations)
        corpus = text if isinstance(text, Corpus) else Corpus.of(text)
        rows = next(iter(arrays.values())).shape[0]
        aligned = alignment_named(alignment)
        try:
            laying = (Laying.of_characters(rows, corpus, aligned) if spans is None else
                      Laying.of_tokens(rows, corpus, aligned, np.asarray(spans)))
        except UserError as error:
            raise _turned(arrays, len(corpus)) or error from error
        told = {"recorded": {"rows": rows, "row_of": "character" if spans is None else "token", "alignment": alignment},
                **(provenance or {})}
        return cls(corpus, _indices(arrays, units or {}), told, arrays, laying)

    @property
    def segment(self) -> Segment:
        """The characters that have activations here."""
        return self.laying.segment

    @property
    def log(self) -> list[dict[str, Any]]:
        """Records of a training's loss: none are known."""
        return []

    def part(self, start: int, stop: int) -> Self:
        """Return the activations of characters [start, stop) of the text.

        Raises:
            UserError: not all of them have activations here.
        """
        return dataclasses.replace(self, laying=self.laying.part(Segment(start, stop)))

    def halves(self) -> tuple[Self, Self]:
        """Return what a scan takes: the half on which units are ranked, and that on which the best are confirmed."""
        start, stop = self.segment.start, self.segment.stop
        middle = (start + stop) // 2
        return self.part(start, middle), self.part(middle, stop)

    def __iter__(self) -> Iterator[Block]:
        units = sum(map(len, self.units.values()))
        length = min(LONGEST, max(SHORTEST, NUMBERS // units))
        for start in range(self.segment.start, self.segment.stop, length):
            piece = self._piece(start, min(start + length, self.segment.stop))
            yield Block(np.array([start]), {source: values[None] for source, values in piece.activations.items()},
                        piece.losses[None])

    def in_streams(self, streams: int) -> Streamed:
        """Return the same as read by so many streams.

        Raises:
            UserError: ``streams`` is not positive.
        """
        return Streamed.of(self, streams, self._anywhere)

    @contextmanager
    def _anywhere(self) -> Iterator[Reading]:
        yield self._piece

    def _piece(self, start: int, stop: int) -> Piece:
        """The rows of characters [start, stop), whose losses are not known."""
        activations = {source: self._read(source, start, stop) for source in self.arrays}
        return Piece(activations, np.full(stop - start, np.nan, np.float32))

    def _read(self, source: LayerSignal, start: int, stop: int) -> np.ndarray:
        """The activations (T, U) float32 of characters [start, stop)."""
        rows, own = self.laying.rows(start, stop)
        with np.errstate(over="ignore"):  # what float32 cannot hold becomes infinite, and is refused below
            values = np.asarray(self.arrays[source][rows]).astype(np.float32)
        if not np.isfinite(values).all():
            row, unit = np.argwhere(~np.isfinite(values))[0]
            raise UserError(f"{joined(source)}: unit {self.units[source][unit]} is {values[row, unit]} as float32 in "
                            f"row {rows.start + row:,}: activations must be finite")
        return values if own is None else values[own]


def _checked(activations: Any) -> dict[LayerSignal, Rows]:
    """Name the arrays and refuse what is no array of numbers, (M, U) with the same M in all."""
    named = {parted(name): array for name, array in activations.items()} if isinstance(activations, Mapping) else {
        ("1", "hidden"): activations}
    if not named:
        raise UserError("no activations were given: an array is needed at least")
    if isinstance(activations, Mapping) and len(named) < len(activations):
        raise UserError(f"two of these names mean the same layer and signal: {', '.join(map(str, activations))}")
    arrays = {source: _array(joined(source), array) for source, array in named.items()}
    lengths = {joined(source): array.shape[0] for source, array in arrays.items()}
    if len(set(lengths.values())) > 1:
        raise UserError("all arrays must have as many rows; received "
                        + ", ".join(f"{name} with {length:,}" for name, length in lengths.items()))
    return arrays


def _array(name: str, array: Any) -> Rows:
    if not isinstance(getattr(array, "dtype", None), np.dtype):  # a list, or another framework's
        try:
            array = np.asarray(array)
        except (TypeError, ValueError, RuntimeError) as error:
            raise UserError(f"{name}: cannot be read as a numpy array: {error}") from error
    shape = tuple(array.shape)
    if array.dtype.kind not in "biuf":
        raise UserError(f"{name}: holds {array.dtype}; floats or whole numbers are needed")
    if len(shape) != 2 or 0 in shape:
        squeezed = tuple(size for size in shape if size != 1)
        hint = "; take the batch away, as by array[0] or array[:, 0]" if len(shape) == 3 and len(squeezed) == 2 else ""
        raise UserError(f"{name}: has the shape {shape}; an array (characters, units) is needed{hint}")
    return array


def _indices(arrays: Mapping[LayerSignal, Rows],
             given: Mapping[Any, Sequence[int]]) -> dict[LayerSignal, Sequence[int]]:
    indices = {parted(name): tuple(int(index) for index in units) for name, units in given.items()}
    for source in indices.keys() - arrays.keys():
        raise UserError(f"units are given of {joined(source)}, of which there are no activations")
    for source, units in indices.items():
        count = arrays[source].shape[1]
        if len(units) != count or len(set(units)) != count or min(units) < 0 or max(units) >= MOST_UNITS:
            raise UserError(f"{joined(source)}: {count:,} units need as many indices, 0 to {MOST_UNITS - 1:,}, each "
                            f"once; received {len(units):,}, {min(units, default=0):,} to {max(units, default=0):,}")
    return {source: indices.get(source, range(array.shape[1])) for source, array in arrays.items()}


def _turned(arrays: Mapping[LayerSignal, Rows], characters: int) -> UserError | None:
    """The error for an array whose axes are exchanged, if it is that."""
    for source, array in arrays.items():
        if array.shape[1] == characters:
            return UserError(f"{joined(source)}: has the shape {tuple(array.shape)}, (units, characters): give its "
                             "transpose, array.T")
    return None
