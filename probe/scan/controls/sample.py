"""Rows of a text drawn at random, with everything that units did there."""

from collections.abc import Mapping, Sequence
from typing import Self

import numpy as np

from probe.activations import LayerSignal
from probe.corpus import Segment
from probe.scan.labelled import Labelled


class Sample:
    """Activations and labels at characters that are drawn from a segment, each at most once.

    What is drawn does not depend on the blocks, and parts of a text can be collected apart and merged.

    Args:
        segment: from which is drawn.
        rows: how many characters, or all of them if there are fewer.
        units: (layer, signal) → the index of each unit, of the signals that are to be collected.
        patterns: number P of patterns.
        seed: of the drawing.
    """

    def __init__(self, segment: Segment, rows: int, units: Mapping[LayerSignal, Sequence[int]], patterns: int, *,
                 seed: int = 0) -> None:
        drawn = np.random.default_rng(seed).choice(len(segment), min(rows, len(segment)), replace=False)
        self.positions = segment.start + np.sort(drawn)
        self.labels = np.zeros((len(drawn), patterns), np.float32)
        self._activations = {source: np.zeros((len(drawn), len(of)), np.float32) for source, of in units.items()}
        self._seen = np.zeros(len(drawn), bool)

    def __getitem__(self, source: LayerSignal) -> np.ndarray:
        """The activations (R, U) float32 of a layer and signal, in the order of the text."""
        return self._activations[source]

    def update(self, labelled: Labelled) -> None:
        """Take in what was drawn of a block."""
        block, labels = labelled.block, labelled.labels
        for stream, start in enumerate(block.starts.tolist()):
            first, last = np.searchsorted(self.positions, (start, start + block.length))
            rows = self.positions[first:last] - start
            self.labels[first:last] = labels[stream, rows]
            for source, values in self._activations.items():
                values[first:last] = block.activations[source][stream, rows]
            self._seen[first:last] = True

    def merge(self, other: Self) -> None:
        """Take in all that ``other`` has seen.

        Raises:
            ValueError: it draws other characters.
        """
        if not np.array_equal(self.positions, other.positions):
            raise ValueError("samples of different characters cannot be merged")
        new = other._seen
        self.labels[new] = other.labels[new]
        for source, values in self._activations.items():
            values[new] = other._activations[source][new]
        self._seen |= new

    @property
    def complete(self) -> bool:
        """Whether all characters that are drawn have been seen."""
        return bool(self._seen.all())
