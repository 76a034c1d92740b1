"""What tests of stores have in common."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from probe.activations import StoreOptions
from tests.scan.recorded import Recorded

FLOAT32 = StoreOptions(dtype="float32")
LENGTH = 3000


@dataclass
class Scattered(Recorded):
    """Blocks of several streams, of lengths and in an order drawn by a seed."""

    seed: int = 0

    def __iter__(self):
        chance = np.random.default_rng(self.seed)
        cuts = np.unique([self.segment.start, self.segment.stop,
                          *chance.integers(self.segment.start, self.segment.stop, 12)])
        spans = list(zip(cuts[:-1], cuts[1:], strict=True))
        chance.shuffle(spans)
        while spans:
            streams = min(len(spans), int(chance.integers(1, 5)))
            length = min(int(stop - start) for start, stop in spans[:streams])
            length = min(length, int(chance.integers(1, 400)))
            yield self._block(np.array([int(start) for start, _ in spans[:streams]]), length)
            shorter = [(start + length, stop) for start, stop in spans[:streams] if start + length < stop]
            spans = shorter + spans[streams:]


def files(folder: Path) -> dict[str, bytes]:
    """What is in a folder, but for its lock."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*"))
            if path.is_file() and path.name != ".lock"}
