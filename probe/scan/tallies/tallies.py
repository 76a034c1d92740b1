"""All that is summed while the text streams by, of one layer and signal."""

from typing import Self

import numpy as np

from probe.scan.tallies.class_counts import ClassCounts
from probe.scan.tallies.labels import Labels, LabelScales
from probe.scan.tallies.level_counts import LevelCounts
from probe.scan.tallies.moments import Moments
from probe.scan.tallies.quantiles import Quantiser
from probe.scan.tallies.sums import Sums


class Tallies:
    """Sums of U units and P patterns, from which every measure is made.

    They are fed in pieces, merged in any order, pickled, and as large after a long text as after a short one.

    Args:
        quantiser: of the units.
        moments: fitted to the same pilot, which have seen nothing.
        scales: of the patterns.
    """

    def __init__(self, quantiser: Quantiser, moments: Moments, scales: LabelScales) -> None:
        units, inside = len(quantiser.low), int(scales.boolean.sum())
        self.quantiser, self.scales = quantiser, scales
        self._moments = moments
        self._classes = ClassCounts(units, inside)
        self._levels = LevelCounts(units, len(scales.boolean) - inside)

    @classmethod
    def fit(cls, pilot: np.ndarray, scales: LabelScales) -> Self:
        """Fix bin edges, shift and scale of each unit from pilot activations (R, U) float32, which are not counted."""
        return cls(Quantiser.fit(pilot), Moments.fit(pilot, scales), scales)

    def empty(self) -> Self:
        """Return tallies fitted as these are, which have seen nothing."""
        return type(self)(self.quantiser, self._moments.empty(), self.scales)

    @property
    def n(self) -> int:
        """Rows counted."""
        return self._moments.n

    @property
    def units(self) -> int:
        """U."""
        return len(self.quantiser.low)

    @property
    def scale(self) -> np.ndarray:
        """Deviation of each unit on the pilot, (U,) float32; of a constant its magnitude, or 1."""
        return self._moments.scale

    @property
    def counts(self) -> np.ndarray:
        """Rows in each bin, (U, 256)."""
        return self._classes.every(slice(None))

    def update(self, activations: np.ndarray, labels: Labels, bins: np.ndarray | None = None) -> None:
        """Take in R rows.

        Args:
            activations: (R, U) float32, finite.
            labels: of the same rows, as ``scales`` prepare them.
            bins: (R, U) uint8, the quantised activations, if they are known already.
        """
        self._moments.update(activations, labels)
        if bins is None:
            bins = self.quantiser.quantised(activations)
        self._classes.update(bins, labels)
        self._levels.update(bins, labels)

    def merge(self, other: Self) -> None:
        """Take in all that ``other`` has seen.

        Raises:
            ValueError: ``other`` was fitted to another pilot.
        """
        if not (self.quantiser.equals(other.quantiser) and self.scales.equals(other.scales)):
            raise ValueError("tallies fitted to different pilots cannot be merged")
        self._moments.merge(other._moments)
        self._classes.merge(other._classes)
        self._levels.merge(other._levels)

    def sums(self, units: slice = slice(None)) -> Sums:
        """Return what measures of the chosen units are made of."""
        moments = self._moments
        return Sums(self.n, self.scales.boolean, moments.variances()[units], moments.label_means(),
                    moments.label_variances(), moments.covariances()[units], self.quantiser.edges(units),
                    *(counts.astype(np.float64) for counts in (self._classes.every(units), self._classes.inside(units),
                                                               self._levels.counts[units])))
