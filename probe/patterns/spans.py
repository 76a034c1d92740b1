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


def painted(spans: Spans, values: np.ndarray, length: int) -> np.ndarray:
    """Return what each of ``length`` characters is painted with, (N,) of the type of ``values``; 0 in no span.

    Later spans paint over earlier ones. It takes time in proportion to N + K, however long the spans are: each is laid
    down as two spans of a power of two of characters, which overlap, and these are halved level after level.

    Args:
        spans: K of them, within the text.
        values: of each, (K,).
        length: N.
    """
    if not len(values):
        return np.zeros(length, values.dtype)
    powers = np.frexp(spans.stops - spans.starts)[1] - 1  # floor of the binary logarithm; −1 of an empty span
    last = np.full(length, -1)  # the last span that holds all of the 2**power characters from this one on
    for power in range(int(powers.max()), -1, -1):
        here = np.flatnonzero(powers == power)
        np.maximum.at(last, spans.starts[here], here)
        np.maximum.at(last, spans.stops[here] - (1 << power), here)
        if half := (1 << power) >> 1:
            last[half:] = np.maximum(last[half:], last[:-half])
    return np.where(last >= 0, values[last], values.dtype.type(0))
