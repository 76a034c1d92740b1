"""Rows of a network that reads documents of ids, whatever text stands for them."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from probe.activations.block import LayerSignal
from probe.activations.foreign.choice import choose, units_of
from probe.activations.foreign.entrance import Entrance
from probe.activations.foreign.model import ForeignModel
from probe.activations.foreign.obstacles import check_documents, reads_padded
from probe.activations.foreign.reader import Reader
from probe.activations.options import ExtractOptions
from probe.errors import UserError

# Documents read side by side.
AT_ONCE = 256


class DocumentRows:
    """Activations of documents of ids, each read by itself from the zero state; one row an id, one document after the
    other. Only what is asked for is read, and what was asked for last is kept.

    :meth:`arrays` is what :meth:`probe.activations.Recorded.of` takes, which lays the rows on a text: so what is read
    need not be characters, and a text may hold characters that were not read.

    Args:
        model: whose first layers are an Embedding.
        documents: the ids (L,) of each, whole numbers, L at least 1.
        options: layers, signals and units; precision and kernel.

    Raises:
        UserError: a layer, signal or unit is not there, or a layer has not one row an id.
    """

    def __init__(self, model: ForeignModel, documents: Sequence[np.ndarray],
                 options: ExtractOptions = ExtractOptions()) -> None:
        graph = model.graph
        if len(graph.input.shape) != 2:
            raise UserError(f"{graph.name}: reads inputs of the shape {graph.input.shape}; documents of ids need "
                            "(batch, steps)")
        if not documents or any(not len(each) for each in documents):
            raise UserError("documents must hold at least one id each; received none, or an empty one")
        self._documents, self._options, self._graph = documents, options, graph
        self._choices = choose(graph, options.layers, options.signals)
        check_documents(graph, self._choices)
        self.units: Mapping[LayerSignal, Sequence[int]] = units_of(self._choices, options.units)
        self._ends = np.cumsum([len(each) for each in documents])
        self._held: tuple[tuple[int, int], dict[LayerSignal, np.ndarray]] = ((0, 0), {})

    def __len__(self) -> int:
        """Return the number of rows M."""
        return int(self._ends[-1])

    def arrays(self) -> dict[LayerSignal, "RowsOf"]:
        """Return (layer, signal) → rows and units (M, U), of which nothing is read yet."""
        return {source: RowsOf(self, source) for source in self.units}

    def rows(self, start: int, stop: int) -> dict[LayerSignal, np.ndarray]:
        """Return rows [start, stop) of each layer and signal, (stop − start, U) float32."""
        if self._held[0] != (start, stop) or not self._held[1]:
            first, last = np.searchsorted(self._ends, [start, stop - 1], side="right")
            offset = int(self._ends[first - 1]) if first else 0
            found = self._read(self._documents[first:last + 1])
            self._held = (start, stop), {source: values[start - offset:stop - offset]
                                         for source, values in found.items()}
        return self._held[1]

    def _read(self, documents: Sequence[np.ndarray]) -> dict[LayerSignal, np.ndarray]:
        """All rows of some documents."""
        lengths = np.array([len(each) for each in documents])
        ends = np.cumsum(lengths)
        found = {source: np.empty((ends[-1], len(units)), np.float32) for source, units in self.units.items()}
        for together in self._side_by_side(lengths):
            ids = np.zeros((len(together), lengths[together].max()), np.int32)
            for row, number in zip(ids, together, strict=True):
                row[:lengths[number]] = documents[number]
            read, _ = self._reader.read(ids, self._reader.initial(len(together)), lengths[together])
            for source, values in read.items():
                for number, rows in zip(together, values, strict=True):
                    found[source][ends[number] - lengths[number]:ends[number]] = rows[:lengths[number]]
        return found

    def _side_by_side(self, lengths: np.ndarray) -> list[np.ndarray]:
        """Numbers of the documents that are read at once: of like lengths, or of one length if they must be."""
        order = np.argsort(lengths, kind="stable")
        padded = reads_padded(self._graph, self._choices)
        groups = [order] if padded else np.split(order, np.flatnonzero(np.diff(lengths[order])) + 1)
        return [group[first:first + AT_ONCE] for group in groups for first in range(0, len(group), AT_ONCE)]

    @cached_property
    def _reader(self) -> Reader:
        largest = max(int(each.max()) for each in self._documents)
        entrance = Entrance("ids", 1, 2, str(self._graph.input.dtype))
        return Reader(self._graph, entrance, self._choices, self.units, np.arange(largest + 1, dtype=np.int32),
                      self._options.kernel, self._options.precision)


class RowsOf:
    """One layer and signal of :class:`DocumentRows`, which looks like an array (M, U) and is read in slices."""

    dtype: np.dtype[Any] = np.dtype(np.float32)

    def __init__(self, documents: DocumentRows, source: LayerSignal) -> None:
        self._documents, self._source = documents, source
        self.shape = (len(documents), len(documents.units[source]))

    def __getitem__(self, rows: slice) -> np.ndarray:
        start, stop, _ = rows.indices(self.shape[0])
        return self._documents.rows(start, stop)[self._source]
