"""How often a unit is how high, and how often inside each pattern."""

import numpy as np

from probe.scan.portrait import BINS


def histograms(values: np.ndarray, inside: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Count values in equal bins from the lowest to the highest; a bin holds its lower edge, the last both.

    Args:
        values: (N,) float32, N at most 2²⁴.
        inside: (P, N) float32, 1 inside each pattern and 0 outside.

    Returns:
        (BINS,) int64 of all values, and (P, BINS) int64 of those inside.
    """
    edges = np.linspace(values.min(), values.max(), BINS + 1, dtype=np.float64)
    bins = np.searchsorted(edges[1:-1], values, side="right")
    marks = np.zeros((len(values), BINS), np.float32)
    marks[np.arange(len(values)), bins] = 1
    return np.bincount(bins, minlength=BINS), (inside @ marks).astype(np.int64)
