"""One finding, and the passage on which it is looked at."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from probe.activations import LayerSignal
from probe.scan.evidence import Chance, Interval, Scores, Untrained, associated, beyond_ngrams, learned
from probe.scan.levels import values_of

if TYPE_CHECKING:
    from probe.scan.controls.ablation import Ablation
    from probe.scan.controls.logistic import Probe

# Signals that a unit's label does not name: there is no other of that layer that a reader would think of first.
UNNAMED = ("hidden", "output")

# What can be claimed of a unit, each as :mod:`probe.scan.evidence` says.
CLAIMS = ("associated", "beyond n-grams", "learned")


@dataclass(frozen=True)
class PatternNote:
    """A pattern as a page needs it: ``name``, one-line ``meaning``, ``group``, and ``kind`` (boolean or graded)."""

    name: str
    meaning: str
    group: str
    kind: str


@dataclass(frozen=True)
class Finding:
    """One unit that ranks high for one pattern, and the evidence for and against it.

    Attributes:
        pattern: name of the pattern.
        rank: 1 for the unit with the highest score on the selection text.
        layer: name of the layer; those of a run are ``"1"``, ``"2"`` and so on.
        signal: what was recorded of the unit, ``"hidden"`` for h.
        unit: index of the unit in its layer, from 0.
        selection: scores on the text on which the units were ranked.
        confirmation: scores on the text that neither training nor ranking saw.
        passage: index of the passage where it is best looked at.
        raw: exact scores of the unquantised activations on the first part of the confirmation text, of the best unit of
            each pattern.
        interval, auc_interval: of the correlation and of the AUC on the confirmation text.
        chance, auc_chance: the null of the correlation and of the AUC.
        ngrams: what predictions from the last 1, 2 and 3 characters reach on the confirmation text, fitted on the
            selection text. The sign of a unit is arbitrary, that of these controls is not: compare magnitudes.
        margin: of the magnitude of the unit's correlation less that of the best n-gram, paired.
        untrained: what untrained twins of the network reach.
        ablation: what the network loses without the unit; None if it was not tried.
        probes: what one unit, five, and all of its layer tell together; of the best unit of some patterns.
    """

    pattern: str
    rank: int
    layer: str
    signal: str
    unit: int
    selection: Scores
    confirmation: Scores
    passage: int
    raw: Scores = Scores({})
    interval: Interval = Interval()
    auc_interval: Interval = Interval()
    chance: Chance = Chance()
    auc_chance: Chance = Chance()
    ngrams: tuple[Scores, ...] = ()
    margin: Interval = Interval()
    untrained: Untrained = Untrained()
    ablation: "Ablation | None" = None
    probes: "tuple[Probe, ...]" = ()

    @property
    def label(self) -> str:
        """``layer:unit`` as pages and tables name it, for example ``"2:189"``, or ``"2:189 cell"`` if it is not h."""
        return unit_label(self.layer, self.signal, self.unit)

    @property
    def best_ngram(self) -> Scores:
        """The n-gram with the largest correlation in magnitude; no scores if none was tried."""
        tried = [scores for scores in self.ngrams if not math.isnan(scores.correlation)]
        return max(tried, key=lambda scores: abs(scores.correlation), default=Scores({}))

    @property
    def claims(self) -> dict[str, bool | None]:
        """Each claim, and whether the evidence bears it; None if it was not or could not be tested.

        Nothing is claimed of a unit that chance explains, nor of one whose sign differs between the two texts.
        """
        first = associated(self.chance)
        if first and self.selection.correlation * self.confirmation.correlation < 0:
            first = False
        tested = (first, beyond_ngrams(self.margin), learned(self.untrained))
        return {name: first if held else held for name, held in zip(CLAIMS, tested, strict=True)}

    @property
    def status(self) -> tuple[str, ...]:
        """The claims that the evidence bears: some of ``associated``, ``beyond n-grams``, ``learned``."""
        return tuple(name for name, held in self.claims.items() if held)

    @property
    def verdict(self) -> str:
        """What can be said of the finding, in a few words."""
        claims = self.claims
        if claims["associated"] is None:
            return "not tested" if math.isnan(self.chance.family) else "text too short to test"
        if not claims["associated"]:
            return "as by chance"
        said = ["learned" if claims["learned"] else "untrained too" if claims["learned"] is False else "associated"]
        if claims["beyond n-grams"]:
            said.append("beyond n-grams")
        elif abs(self.confirmation.correlation) <= abs(self.best_ngram.correlation):
            said.append("n-grams do as well")
        elif self.best_ngram.fields:
            said.append("lead over n-grams unsure" if self.margin else "text too short for n-grams")
        return ", ".join(said)


def unit_label(layer: str, signal: str, unit: int) -> str:
    """Return ``layer:unit`` as pages and tables name it, for example ``"2:189"``, or ``"2:189 cell"`` if not h."""
    return f"{layer}:{unit}" + ("" if signal in UNNAMED else f" {signal.replace('_', ' ')}")


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
        expected: (T, 5) int32, the most probable next characters after each, by their index in ``Findings.alphabet``,
            the most probable first; fewer columns of a smaller alphabet. None without a network.
        chances: (T, 5) float32, their probabilities.
    """

    start: int
    text: str
    labels: np.ndarray
    activations: Mapping[LayerSignal, np.ndarray]
    scales: Mapping[LayerSignal, tuple[float, float]]
    units: Mapping[LayerSignal, Sequence[int]]
    expected: np.ndarray | None = None
    chances: np.ndarray | None = None

    def levels(self, layer: str, signal: str, unit: int) -> np.ndarray:
        """Return the bytes (T,) uint8 of one unit."""
        return np.asarray(self.activations[layer, signal][:, self.units[layer, signal].index(unit)])

    def values(self, layer: str, signal: str, unit: int) -> np.ndarray:
        """Return the raw activations (T,) float32 of one unit, to the 1/255 of the scale at which they are kept."""
        low, high = self.scales[layer, signal]
        return values_of(self.levels(layer, signal, unit), low, high)
