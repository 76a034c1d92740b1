"""Activations as bytes: 256 levels from a lowest value to a highest."""

import numpy as np


def levels_of(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """Return values of any shape, all in [low, high], as the nearest levels, uint8; 0 where low and high are one."""
    share = np.subtract(values, low, dtype=np.float64) / ((high - low) or 1.0)
    return np.asarray(np.rint(255 * share).astype(np.uint8))


def values_of(levels: np.ndarray, low: float, high: float) -> np.ndarray:
    """Return the values (float32) of levels, each right to half a level."""
    return np.asarray(low + levels * ((high - low) / 255)).astype(np.float32)
