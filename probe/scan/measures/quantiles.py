"""Quantising each unit's activations by edges at its own quantiles."""

from dataclasses import dataclass
from typing import Self

import numpy as np

BINS = 256
GRID = 4096


@dataclass(frozen=True)
class Quantiser:
    """Maps the activations of each unit to one of 256 bins of about equal count.

    The edges are the pilot's quantiles, moved to a grid of 4,096 equal steps over the pilot's range, so that a value's
    bin is one look-up. Values beyond the range fall into the first and the last bin.

    Attributes:
        low: (U,) float32, where each unit's grid begins.
        scale: (U,) float32, grid steps per unit of activation.
        bins: (U, 4096) uint8, the bin of each grid step.
    """

    low: np.ndarray
    scale: np.ndarray
    bins: np.ndarray

    @classmethod
    def fit(cls, pilot: np.ndarray) -> Self:
        """Fix the edges from pilot activations (T, U)."""
        low, high = pilot.min(axis=0).astype(np.float32), pilot.max(axis=0).astype(np.float32)
        scale = (np.float32(GRID) / np.maximum(high - low, np.float32(1e-6))).astype(np.float32)
        bins = np.empty((pilot.shape[1], GRID), np.uint8)
        shares = np.arange(1, BINS) / BINS
        for unit in range(pilot.shape[1]):
            edges = np.quantile(pilot[:, unit], shares)
            steps = np.ceil((edges - low[unit]) * scale[unit]).astype(np.int64)
            bins[unit] = np.searchsorted(steps, np.arange(GRID), side="right")
        return cls(low, scale, bins)

    def quantised(self, activations: np.ndarray) -> np.ndarray:
        """Return the bins (T, U) uint8 of activations (T, U)."""
        steps = np.clip((activations - self.low) * self.scale, 0, GRID - 1).astype(np.int64)
        return self.bins[np.arange(len(self.low)), steps]

    def equals(self, other: Self) -> bool:
        """Whether both have the same edges."""
        return all(np.array_equal(getattr(self, name), getattr(other, name)) for name in ("low", "scale", "bins"))
