"""The writing of a store as a process of its own: ``python -m tests.crash.writing CORPUS FOLDER``."""

import sys
from pathlib import Path

import numpy as np

from probe.activations import write_store
from probe.activations.store import part
from probe.corpus import Corpus, Segment
from tests.scan.recorded import Recorded

ROWS, UNITS = 3000, 30


def blocks(corpus: Corpus) -> Recorded:
    """Activations that are the same in every process."""
    chance = np.random.default_rng(1)
    arrays = {("1", "hidden"): chance.normal(size=(ROWS, UNITS)), ("2", "cell"): chance.normal(size=(ROWS, UNITS))}
    return Recorded(corpus, Segment(0, ROWS), arrays, block=70)


if __name__ == "__main__":
    part.PART_ROWS = 100
    write_store(blocks(Corpus.open(sys.argv[1])), Path(sys.argv[2]), show=False)
