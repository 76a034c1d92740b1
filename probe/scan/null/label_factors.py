"""Spectra of labels, laid out as the left factors of products with those of units."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from probe.scan.null.fourier import Plan
from probe.scan.null.spectra import Spectra
from probe.scan.products import GROUP

# Places transformed at a time: sums are read and written once for each such chunk, the planes are 4 MB a core.
PLACES = 16


@dataclass(frozen=True)
class LabelFactors:
    """Labels of T places of every segment, in chunks of :data:`PLACES`.

    Attributes:
        factors: for each chunk (S/2, 2 · PLACES + 1, 2P') float32, P' being P made even. Column 2p, multiplied with
            the planes of units Z, gives the real part of Σ Z · conj(W), column 2p + 1 the imaginary one.
        means: for each chunk (places, P) float64, means over the segments.
        squares: (P,) float64, squares around these means.
        segments: S.
    """

    factors: Sequence[np.ndarray]
    means: Sequence[np.ndarray]
    squares: np.ndarray
    segments: int

    @classmethod
    def of(cls, labels: np.ndarray, scales: np.ndarray | None = None) -> Self:
        """Transform labels (S, T, P) float32, S a power of two, divided by ``scales`` (P,)."""
        segments, places, patterns = labels.shape
        values, by = time_first(labels), factors_of(scales, patterns)
        spectra, squares = Spectra(Plan.of(segments), min(PLACES, places + places % 2)), np.zeros(patterns)
        factors, means = [], []
        for start in range(0, places, PLACES):
            chunk = values[start:start + PLACES]
            factors.append(np.zeros((segments // 2, spectra.planes.shape[1], 2 * (patterns + patterns % 2)),
                                    np.float32))
            means.append(np.empty((len(chunk), patterns)))
            for first in range(0, patterns, GROUP):
                spectra.fill(chunk, by, first, means[-1], squares)
                _lay(spectra.planes, min(GROUP, patterns - first), factors[-1], first)
        return cls(factors, means, squares, segments)

    def only(self, chosen: np.ndarray) -> "LabelFactors":
        """Return those of the chosen patterns, (P,) bool."""
        patterns = int(chosen.sum())
        factors = []
        for factor in self.factors:
            columns = np.zeros((*factor.shape[:2], patterns + patterns % 2, 2), np.float32)
            pairs = factor.reshape(*factor.shape[:2], factor.shape[2] // 2, 2)
            columns[:, :, :patterns] = pairs[:, :, :len(chosen)][:, :, chosen]
            factors.append(columns.reshape(*factor.shape[:2], 2 * columns.shape[2]))
        return LabelFactors(factors, [means[:, chosen] for means in self.means], self.squares[chosen], self.segments)

    @property
    def places(self) -> int:
        """T."""
        return sum(map(len, self.means))

    @property
    def patterns(self) -> int:
        """P."""
        return len(self.squares)


def time_first(values: np.ndarray) -> np.ndarray:
    """Return values (S, T, K) as (T, S, K) in C order, which is how a network hands them over."""
    return np.ascontiguousarray(np.swapaxes(values, 0, 1))


def factors_of(scales: np.ndarray | None, columns: int) -> np.ndarray:
    """Return what values are multiplied with (K,) float32, 1 where nothing is said of their scale."""
    return np.ones(columns, np.float32) if scales is None else (1 / np.asarray(scales, np.float64)).astype(np.float32)


def _lay(planes: np.ndarray, patterns: int, out: np.ndarray, first: int) -> None:
    """Lay the planes of labels (S/2, K, GROUP) as columns of ``out`` (S/2, K, 2P'), from 2 · ``first`` on."""
    columns, last = planes[:, :, :patterns], 2 * (first + patterns)
    out[:, :, 2 * first:last:2] = columns
    out[:, 0:-1:2, 2 * first + 1:last:2] = -columns[:, 1::2]
    out[:, 1::2, 2 * first + 1:last:2] = columns[:, 0:-1:2]
