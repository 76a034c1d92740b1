"""One finding, and the passage on which it is looked at."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from probe.activations import LayerSignal

# Signals that a unit's label does not name: there is no other of that layer that a reader would think of first.
UNNAMED = ("hidden", "output")


@dataclass(frozen=True)
class PatternNote:
    """A pattern as a page needs it: ``name``, one-line ``meaning``, ``group``, and ``kind`` (boolean or graded)."""

    name: str
    meaning: str
    group: str
    kind: str


@dataclass(frozen=True)
class Scores:
    """What a unit or a control reaches on one text.

    Attributes:
        correlation: Pearson's r (point-biserial for a boolean pattern), in [−1, 1].
        auc: probability that the value is higher inside the pattern than outside, ties counting half, in [0, 1];
            NaN for graded patterns and where one of the two classes does not occur.
    """

    correlation: float
    auc: float


@dataclass(frozen=True)
class Finding:
    """One unit that ranks high for one pattern.

    Attributes:
        pattern: name of the pattern.
        rank: 1 for the unit with the highest score on the selection text.
        layer: name of the layer; those of a run are ``"1"``, ``"2"`` and so on.
        signal: what was recorded of the unit, ``"hidden"`` for h.
        unit: index of the unit in its layer, from 0.
        selection: scores on the text on which the units were ranked.
        confirmation: scores on the text that neither training nor ranking saw.
        last_character: what a prediction from the last character alone reaches on the confirmation text, its table
            being fitted on the selection text. The sign of a unit is arbitrary, that of this control is not: compare
            magnitudes.
        passage: index of the passage where it is best looked at.
    """

    pattern: str
    rank: int
    layer: str
    signal: str
    unit: int
    selection: Scores
    confirmation: Scores
    last_character: Scores
    passage: int

    @property
    def label(self) -> str:
        """``layer:unit`` as pages and tables name it, for example ``"2:189"``, or ``"2:189 cell"`` if it is not h."""
        return f"{self.layer}:{self.unit}" + ("" if self.signal in UNNAMED else f" {self.signal.replace('_', ' ')}")


@dataclass(frozen=True)
class Passage:
    """A stretch of the confirmation text with what every unit did on it.

    Attributes:
        start: position of its first character in the scanned text.
        text: T characters.
        labels: (T, P) float32, a column per pattern of the findings.
        activations: (layer, signal) → (T, U) uint8, columns as in ``units``; value = low + byte / 255 · (high − low).
        scales: (layer, signal) → (low, high).
        units: (layer, signal) → index in its layer of each of the U units.
    """

    start: int
    text: str
    labels: np.ndarray
    activations: Mapping[LayerSignal, np.ndarray]
    scales: Mapping[LayerSignal, tuple[float, float]]
    units: Mapping[LayerSignal, Sequence[int]]

    def levels(self, layer: str, signal: str, unit: int) -> np.ndarray:
        """Return the bytes (T,) uint8 of one unit."""
        return np.asarray(self.activations[layer, signal][:, self.units[layer, signal].index(unit)])

    def values(self, layer: str, signal: str, unit: int) -> np.ndarray:
        """Return the raw activations (T,) float32 of one unit, to the 1/255 of the scale at which they are kept."""
        low, high = self.scales[layer, signal]
        return (low + self.levels(layer, signal, unit) * np.float32((high - low) / 255)).astype(np.float32)
