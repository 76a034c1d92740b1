"""Spearman's rank correlation."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from probe.scan.measures.measure import Limits
from probe.scan.tallies import Sums


@dataclass(frozen=True)
class Spearman:
    """Pearson's r of ranks, those of ties shared, of 64 bins of each unit with at most 32 levels of a graded pattern.

    NaN for boolean patterns: there it is a function of the AUC and of how often the ranks and labels tie, and says
    nothing more.
    """

    limits: ClassVar[Limits] = {"spearman": (-1, 1)}

    def __call__(self, sums: Sums) -> dict[str, np.ndarray]:
        bins, levels = sums.levels.sum(axis=3), sums.levels.sum(axis=2)
        a, y = _centred_midranks(bins), _centred_midranks(levels)
        covariance = np.einsum("ugbl,ugb,ugl->ug", sums.levels, a, y, optimize=True)
        spread = (bins * a**2).sum(axis=2) * (levels * y**2).sum(axis=2)
        with np.errstate(invalid="ignore", divide="ignore"):
            correlation = np.clip(covariance / np.sqrt(spread), -1, 1)
        return {"spearman": sums.of_graded(np.where(spread > 0, correlation, np.nan))}


def _centred_midranks(counts: np.ndarray) -> np.ndarray:
    """Return the rank that all rows of a bin share, less the mean rank, for counts (..., bins)."""
    upto = np.cumsum(counts, axis=-1)
    return upto - counts / 2 - upto[..., -1:] / 2
