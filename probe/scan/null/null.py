"""The null of correlation and AUC, collected while the confirmation text streams by."""

from collections.abc import Mapping
from typing import Self

import numpy as np

from probe.activations import LayerSignal
from probe.scan.labelled import Labelled
from probe.scan.null.label_factors import LabelFactors
from probe.scan.null.rolls import Rolled, RollNull, midranks
from probe.scan.pilot import Pilot


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
        self._label_scales = pilot.scales.scale
        self._activations = RollNull(segments, units, len(self._boolean),
                                     scales={source: tallies.scale for source, tallies in pilot.tallies.items()})
        self._ranks = RollNull(segments, units, int(self._boolean.sum()),
                               {source: midranks(each) for source, each in counts.items()})

    def update(self, labelled: Labelled) -> None:
        """Take in a block."""
        if len(labelled.block.starts) != self._segments:
            return
        factors = LabelFactors.of(labelled.labels, self._label_scales)
        self._activations.update(labelled.block.activations, factors)
        if self._boolean.any():
            bins = {source: labelled.unlaid(labelled.quantised(source, quantiser))
                    for source, quantiser in self._quantisers.items()}
            self._ranks.update(bins, factors.only(self._boolean))

    def merge(self, other: Self) -> None:
        """Take in all that ``other`` has seen."""
        self._activations.merge(other._activations)
        self._ranks.merge(other._ranks)

    def correlations(self) -> Rolled:
        """Return the largest |r| over all units at each roll, of each of the P patterns."""
        return self._activations.result()

    def rank_correlations(self) -> Rolled:
        """Return the same of the units' ranks, for the boolean patterns alone."""
        return self._ranks.result()
