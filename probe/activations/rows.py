"""All rows of a stretch of text at once, in memory."""

import numpy as np

from probe.activations.block import Blocks, LayerSignal


def rows_of(blocks: Blocks) -> dict[LayerSignal, np.ndarray]:
    """Return activations as arrays in the order of the text; of a long text a store holds them better.

    Example::

        rows_of(Extraction.of(run, Segment(0, 600)))["1", "hidden"][:, 84]

    Args:
        blocks: whatever a scan takes.

    Returns:
        (layer, signal) → (N, U) float32, N the characters of ``blocks.segment``, U the units that ``blocks`` has of it.
    """
    first = blocks.segment.start
    found = {source: np.empty((len(blocks.segment), len(units)), np.float32) for source, units in blocks.units.items()}
    for block in blocks:
        places = (block.starts[:, np.newaxis] - first + np.arange(block.length)).ravel()
        for source, rows in found.items():
            rows[places] = block.rows(source)
    return found
