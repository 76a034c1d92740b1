"""Places at which a unit is looked at: not where it is highest alone."""

import numpy as np

from probe.scan.levels import levels_of
from probe.scan.portrait import BANDS, CONTEXTS, WIDTH, Context

# Characters of a context before the one that chose it: a unit has read those, and not what comes after.
BEFORE = 55


def contexts_of(values: np.ndarray, text: str, start: int) -> tuple[Context, ...]:
    """Return the contexts of each band, those nearest to the band's quantile of all values, none within another of it.

    Args:
        values: activations (N,) float32 of a unit.
        text: the N characters.
        start: position of the first of them in the scanned text.
    """
    low, high = float(values.min()), float(values.max())
    levels = levels_of(values, low, high)
    found = []
    for band, middle in enumerate(np.quantile(values, np.linspace(0, 1, len(BANDS)))):
        distances = np.abs(values - middle)
        for _ in range(CONTEXTS):
            place = int(np.argmin(distances))
            if np.isinf(distances[place]):
                break
            distances[max(0, place - WIDTH + 1):place + WIDTH] = np.inf
            first, last = max(0, place - BEFORE), min(len(text), place - BEFORE + WIDTH)
            found.append(Context(band, start + first, text[first:last], place - first, levels[first:last]))
    return tuple(found)
