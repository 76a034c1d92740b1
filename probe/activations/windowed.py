"""The article's scheme: for each position, the characters up to it are read anew from the zero state.

Row t is the state after the window text[t - W + 1 … t] alone, so the first W - 1 positions of a text have no row. It
costs W times what a stream costs.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from probe.corpus import Segment

if TYPE_CHECKING:
    from probe.activations.reading import Reader, Reading

# Steps of the windows read at once.
STEPS = 512


def read_windows(reader: "Reader", ids: np.ndarray, segment: Segment, window: int, at_once: int,
                 ) -> Iterator[tuple[int, "Reading"]]:
    """Yield the position of a first row and the reading of the rows from it on, at most ``at_once`` of them.

    Activations (1, T, U) and features (1, T, U) are those after the last step of T windows.
    """
    before = np.arange(1 - window, 1)[:, np.newaxis]
    for first in range(segment.start, segment.stop, at_once):
        positions = np.arange(first, min(first + at_once, segment.stop))
        read = ids[positions + before].astype(np.int32)
        states = reader.zero_states(len(positions))
        for step in range(0, window - 1, STEPS):
            states = reader.read(read[step:min(step + STEPS, window - 1)], states, keep=False).states
        yield first, reader.read(read[-1:], states)
