"""Stretches of text as two arrays, where they start and where they stop."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np


class Spans(NamedTuple):
    """Stretches [start, stop) of a text.

    Attributes:
        starts, stops: (K,) int64 positions.
    """

    starts: np.ndarray
    stops: np.ndarray

    @classmethod
    def of(cls, flat: Sequence[int]) -> "Spans":
        """Return the spans of ``flat``: start, stop, start, stop…"""
        pairs = np.asarray(flat, dtype=np.int64).reshape(-1, 2)
        return cls(pairs[:, 0], pairs[:, 1])

    def depth(self, length: int) -> np.ndarray:
        """Return for each of ``length`` characters how many of the spans hold it, (N,) int64."""
        opened = np.bincount(self.starts, minlength=length + 1) - np.bincount(self.stops, minlength=length + 1)
        return np.cumsum(opened[:length])

    def paint(self, length: int) -> np.ndarray:
        """Return which of ``length`` characters lie in a span, (N,) bool."""
        return self.depth(length) > 0

    def where(self, chosen: np.ndarray) -> "Spans":
        """Return the spans at which ``chosen`` (K,) bool is true."""
        return Spans(self.starts[chosen], self.stops[chosen])


def marks(length: int, positions: np.ndarray) -> np.ndarray:
    """Return (N,) bool, true at ``positions`` (K,)."""
    labels = np.zeros(length, dtype=bool)
    labels[positions] = True
    return labels
