"""Activations that can be read only in their own order, held in memory so that streams can read them side by side."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import numpy as np

from probe.activations.block import Blocks, LayerSignal
from probe.activations.streamed import Piece, Reading, Streamed
from probe.errors import UserError

# Bytes of all activations.
MOST_HELD = 1 << 30
EXACT, NARROW = np.dtype(np.float32), np.dtype(np.float16)


def held_in_streams(blocks: Blocks, streams: int) -> Streamed | None:
    """Return ``blocks`` as read by streams, or None if they do not fit into 1 GB even as float16.

    Each iteration reads ``blocks`` once, from their beginning to their end, and holds them as they are, or rounded to
    float16 if they would not fit otherwise.

    Args:
        blocks: whose activations come in an order of their own, as windows and documents do.
        streams: how many.

    Raises:
        UserError: ``streams`` is not positive; when iterated, if a number is too large for float16.
    """
    numbers = sum(map(len, blocks.units.values())) * len(blocks.segment)
    kept = next((dtype for dtype in (EXACT, NARROW) if numbers * dtype.itemsize <= MOST_HELD), None)
    return None if kept is None else Streamed.of(blocks, streams, partial(_held, blocks, kept))


@contextmanager
def _held(blocks: Blocks, kept: np.dtype[Any]) -> Iterator[Reading]:
    first, length = blocks.segment.start, len(blocks.segment)
    arrays = {source: np.empty((length, len(units)), kept) for source, units in blocks.units.items()}
    losses, expected = np.empty(length, np.float32), np.empty(length, np.int32)
    known = False
    for block in blocks:
        known = block.expected is not None
        for stream, start in enumerate((block.starts - first).tolist()):
            place = slice(start, start + block.length)
            losses[place] = block.losses[stream]
            if block.expected is not None:
                expected[place] = block.expected[stream]
            for source, array in arrays.items():
                array[place] = _rounded(source, block.activations[source][stream], kept)

    def read(start: int, stop: int) -> Piece:
        place = slice(start - first, stop - first)
        return Piece({source: array[place] for source, array in arrays.items()}, losses[place],
                    expected[place] if known else None)

    yield read


def _rounded(source: LayerSignal, values: np.ndarray, kept: np.dtype[Any]) -> np.ndarray:
    """Round, unless float16 would make a number infinite; what is not finite before is told where it is read."""
    largest = max(values.max(), -values.min())
    if np.finfo(kept).max < largest < np.inf:
        raise UserError(f"layer {source[0]}: its {source[1]} reaches {largest:g}, and activations that are read in "
                        "windows or documents are held as float16 here, which ends at 65,504; choose other layers")
    return values.astype(kept)
