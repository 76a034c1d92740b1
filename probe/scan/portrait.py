"""A unit looked at by itself, whatever patterns it was found with."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

# Quantiles of a unit's activation at which it is looked at, by name, lowest first.
BANDS = ("lowest", "lower quarter", "median", "upper quarter", "highest")
# Contexts of each band, characters of a context at most, bins of a histogram.
CONTEXTS, WIDTH, BINS = 4, 80, 40
# Units named as similar and as opposite; characters named as pushed towards and as pushed away.
NEIGHBOURS, PUSHES = 5, 8
# Most probable next characters that are kept of each place.
EXPECTED = 5


@dataclass(frozen=True, eq=False)
class Context:
    """A place at which a unit is looked at.

    Attributes:
        band: index into ``BANDS``.
        start: position of the first character of ``text`` in the scanned text.
        text: W characters, at most ``WIDTH``, fewer at the ends of what was read.
        at: index in ``text`` of the character whose activation chose this place.
        levels: (W,) uint8; value = low + byte / 255 · (high − low) of the portrait.
    """

    band: int
    start: int
    text: str
    at: int
    levels: np.ndarray


@dataclass(frozen=True)
class Relation:
    """Another unit, and how the activations of both go together.

    Attributes:
        layer, signal, unit: the other one.
        correlation: Pearson's r of the two over what was read.
    """

    layer: str
    signal: str
    unit: int
    correlation: float


@dataclass(frozen=True)
class Push:
    """What a unit does to the next character.

    Attributes:
        character: of the vocabulary; "" for its "other characters".
        change: a weight of the output layer, or a difference of two mean probabilities.
    """

    character: str
    change: float


@dataclass(frozen=True, eq=False)
class Portrait:
    """One unit by itself: one for each distinct unit of the findings.

    Attributes:
        layer, signal, unit: which.
        low, high: range of the activation over what was read.
        characters: how many were read for it.
        contexts: by band, then by distance from the band's value.
        counts: (BINS,) int64, histogram of equal bins from low to high.
        inside: (P, BINS) int64, the same of the characters inside each boolean pattern; zeros for graded ones.
        similar, opposite: units with the largest r, from 0 up, and with the most negative; none of the unit itself.
        written: its row of the output layer, the largest weights first and the most negative last; empty if it does not
            feed that layer directly.
        measured: the mean probability of each next character over the tenth of places where the unit is highest, less
            that over the tenth where it is lowest; ordered likewise, and empty without a network.
        half_life: in characters; None if no forget gate was read.
    """

    layer: str
    signal: str
    unit: int
    low: float
    high: float
    characters: int
    contexts: tuple[Context, ...]
    counts: np.ndarray
    inside: np.ndarray
    similar: tuple[Relation, ...] = ()
    opposite: tuple[Relation, ...] = ()
    written: tuple[Push, ...] = ()
    measured: tuple[Push, ...] = ()
    half_life: float | None = None


@dataclass(frozen=True, eq=False)
class GateShares:
    """How the gates of a layer's U units stand, and how long these remember.

    Attributes:
        units: index in its layer of each.
        left, right: (3, U) float64, rows for input, forget and output gate: share of characters at which it is below
            0.1, and above 0.9; NaN for a gate that was not read.
        half_life: (U,) float64 in characters, infinite for a gate that is always open; NaN if it was not read.
    """

    units: Sequence[int]
    left: np.ndarray
    right: np.ndarray
    half_life: np.ndarray
