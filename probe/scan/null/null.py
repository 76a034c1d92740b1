"""The null of correlation and AUC, collected while the confirmation text streams by."""

from collections.abc import Mapping
from typing import Self

import numpy as np

from probe.activations import LayerSignal
from probe.scan.labelled import Labelled
from probe.scan.null.rolls import Rolled, RollNull, midranks
from probe.scan.pilot import Pilot
from probe.scan.tallies.kernels import kernel, on_all_cores

# Units whose scores are looked up together: their float32 are one cache line.
TILE = 16


class Null:
    """Correlations of every unit with every pattern at all rolls: of activations, and of their ranks for AUC.

    AUC is a linear function of the sum of midranks inside the pattern, hence of the correlation of ranks with labels.
    The midranks are those of the selection text, so that the confirmation text is read once.

    Args:
        segments: S, in which the text is rolled; blocks of another number of streams are left out.
        pilot: with the edges of the units' bins.
        counts: (layer, signal) → how often each unit's bins occurred in the selection text, (U, 256).
    """

    def __init__(self, segments: int, pilot: Pilot, counts: Mapping[LayerSignal, np.ndarray]) -> None:
        units = {source: tallies.units for source, tallies in pilot.tallies.items()}
        self._segments, self._boolean = segments, pilot.scales.boolean
        self._quantisers = {source: tallies.quantiser for source, tallies in pilot.tallies.items()}
        self._ranks = {source: midranks(each) for source, each in counts.items()}
        self._activations = RollNull(segments, units, len(self._boolean))
        self._scores = RollNull(segments, units, int(self._boolean.sum()))

    def update(self, labelled: Labelled) -> None:
        """Take in a block."""
        if len(labelled.block.starts) != self._segments:
            return
        self._activations.update(labelled.block.activations, labelled.labels)
        if self._boolean.any():
            self._scores.update({source: self._scored(labelled, source) for source in self._quantisers},
                                labelled.labels[..., self._boolean])

    def merge(self, other: Self) -> None:
        """Take in all that ``other`` has seen."""
        self._activations.merge(other._activations)
        self._scores.merge(other._scores)

    def correlations(self) -> Rolled:
        """Return the largest |r| over all units at each roll, of each of the P patterns."""
        return self._activations.result()

    def rank_correlations(self) -> Rolled:
        """Return the same of the units' ranks, for the boolean patterns alone."""
        return self._scores.result()

    def _scored(self, labelled: Labelled, source: LayerSignal) -> np.ndarray:
        """(S, T, U) float32."""
        bins = labelled.unlaid(labelled.quantised(source, self._quantisers[source]))
        scores = np.empty(bins.shape, np.float32)
        on_all_cores(_look_up, len(scores), bins, self._ranks[source], scores)
        return scores


@kernel
def _look_up(bins: np.ndarray, ranks: np.ndarray, scores: np.ndarray, first: int, last: int) -> None:
    """Set streams [first, last) of scores (S, T, U) to the ranks (U, 256) of bins (S, T, U)."""
    _, length, units = bins.shape
    for low in range(0, units, TILE):
        high = min(low + TILE, units)
        for stream in range(first, last):
            for t in range(length):
                for unit in range(low, high):
                    scores[stream, t, unit] = ranks[unit, bins[stream, t, unit]]
