"""Blocks laid out by position."""

import numpy as np

from probe.activations import Extraction


def collected(extraction: Extraction) -> tuple[dict, np.ndarray, np.ndarray]:
    """Activations and losses laid out by position, and how often each position came."""
    size = len(extraction.corpus)
    values = {source: np.full((size, len(units)), np.nan, np.float32) for source, units in extraction.units.items()}
    loss, seen = np.full(size, np.nan), np.zeros(size, int)
    for block in extraction:
        for stream, start in enumerate(block.starts):
            rows = slice(start, start + block.length)
            seen[rows] += 1
            loss[rows] = block.losses[stream]
            for source, array in block.activations.items():
                assert array.shape == (len(block.starts), block.length, len(extraction.units[source]))
                assert array.dtype == np.float32
                values[source][rows] = array[stream]
    return values, loss, seen
