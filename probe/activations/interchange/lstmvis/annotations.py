"""What is known of each character, which LSTMVis draws as tracks beside the units."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from probe.activations.interchange.pouring import BLOCK
from probe.corpus import Segment
from probe.files.hdf5_writing import Hdf5Writer


@dataclass(frozen=True)
class Annotations:
    """Numbers for each character of a text, such as the labels of patterns.

    Attributes:
        names: the P tracks.
        labels: characters [start, stop) of the text → (T, P) floats.
    """

    names: tuple[str, ...]
    labels: Callable[[int, int], np.ndarray]

    @property
    def places(self) -> Mapping[str, str]:
        """Name → where in its file the track lies."""
        return {name: f"track{number}" for number, name in enumerate(self.names, start=1)}

    def write(self, path: str | Path, segment: Segment) -> Mapping[str, tuple[float, float]]:
        """Write the tracks of a part of the text, (N,) float32 each; return their ranges, no narrower than 0 to 1."""
        low, high = np.zeros(len(self.names)), np.ones(len(self.names))
        arrays = {place: ((len(segment),), np.float32) for place in self.places.values()}
        with Hdf5Writer(Path(path), arrays) as file:
            for start in range(segment.start, segment.stop, BLOCK):
                labels = self.labels(start, min(start + BLOCK, segment.stop))
                low, high = np.minimum(low, labels.min(axis=0)), np.maximum(high, labels.max(axis=0))
                for place, column in zip(self.places.values(), labels.T, strict=True):
                    file.write(place, start - segment.start, column)
        return {name: (float(low[p]), float(high[p])) for p, name in enumerate(self.names)}
