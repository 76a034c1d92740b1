"""The activations of the short list as they are, on the first part of a text: to score what was scored quantised."""

from collections.abc import Sequence
from typing import Self

import numpy as np

from probe.activations import LayerSignal
from probe.corpus import Segment
from probe.scan.labelled import Labelled

# Characters kept at most, and numbers: 128 MB.
CHARACTERS, NUMBERS = 1 << 16, 1 << 25


class Exact:
    """Unquantised activations of K units, and all labels, of the first characters of a text.

    Args:
        segment: the text.
        units: source and column of each unit.
        patterns: P.
    """

    def __init__(self, segment: Segment, units: Sequence[tuple[LayerSignal, int]], patterns: int) -> None:
        size = min(len(segment), CHARACTERS, NUMBERS // max(1, len(units) + patterns))
        self.units = tuple(units)
        self.segment = Segment(segment.start, segment.start + size)
        self.values = np.zeros((size, len(units)), np.float32)
        self.labels = np.zeros((size, patterns), np.float32)
        self._columns: dict[LayerSignal, tuple[list[int], list[int]]] = {}
        for place, (source, column) in enumerate(units):
            places, columns = self._columns.setdefault(source, ([], []))
            places.append(place)
            columns.append(column)

    def update(self, labelled: Labelled) -> None:
        """Keep what a block has of them."""
        block = labelled.block
        for stream, start in enumerate(np.asarray(block.starts).tolist()):
            stop = min(start + block.length, self.segment.stop)
            if start < stop:
                there, here = slice(start - self.segment.start, stop - self.segment.start), slice(0, stop - start)
                self.labels[there] = labelled.labels[stream, here]
                for source, (places, columns) in self._columns.items():
                    self.values[there, places] = block.activations[source][stream, here][:, columns]

    def merge(self, other: Self) -> None:
        """Take in what ``other`` has kept of another part of the text."""
        self.values += other.values
        self.labels += other.labels
