"""When numbers count as the same: where they differ by what float32 rounds, and by nothing else."""

import numpy as np

# The square of what float32 rounds off a number, 2⁻²³: a constant's variance is at most this share of its mean square.
ROUNDING = 2.0**-46


def varies(variance: np.ndarray, mean_square: np.ndarray) -> np.ndarray:
    """Return where numbers of these variances and mean squares around 0, float64 of one shape, are not constant.

    It is relative to their size: 10⁻⁷ and 2 · 10⁻⁷ differ, 10⁶ and its neighbour among float32 numbers do not.
    """
    return np.asarray(variance > ROUNDING * mean_square)
