"""Means and shares with the interval in which they would lie for other dates."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from scipy.stats import norm

RESAMPLES = 1000
# Fewer dates than this tell nothing of others.
FEWEST = 10


@dataclass(frozen=True)
class Estimate:
    """A mean and its 95 % interval.

    Attributes:
        mean: of ``count`` numbers; None if there are none.
        low, high: ends of the interval; None where there are too few for one.
        count: how many numbers.
    """

    mean: float | None
    low: float | None
    high: float | None
    count: int

    @property
    def interval(self) -> str:
        """The interval as tables show it: ``0.31 to 0.38``; empty if there is none."""
        if self.low is None or self.high is None:
            return ""
        return f"{self.low:z.3f} to {self.high:z.3f}".replace("-", "−")

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)


def rate(hits: int, count: int, effective: float | None = None) -> Estimate:
    """Return the share of ``hits`` among ``count`` with Wilson's interval (1927), which is no point where all hit.

    Args:
        hits, count: whole numbers.
        effective: how many independent ones the ``count`` are worth. Defaults to all.
    """
    if not count:
        return Estimate(None, None, None, 0)
    size, share, z = effective or count, hits / count, float(norm.ppf(0.975))
    middle = (share + z**2 / (2 * size)) / (1 + z**2 / size)
    half = z / (1 + z**2 / size) * float(np.sqrt(share * (1 - share) / size + z**2 / (4 * size**2)))
    return Estimate(share, max(0.0, middle - half), min(1.0, middle + half), count)


def rate_over(hits: Sequence[bool], dates: Sequence[Any]) -> Estimate:
    """Return the share of ``hits`` with Wilson's interval for as many as they are worth, those of one date being alike.

    That is their number, divided by what grouping by dates makes of the variance of the share (Kish's design effect),
    but never more than their number. Where all or none hit, nobody knows how alike they are, and a date counts once.
    """
    right = np.array(hits, np.float64)
    names, group = np.unique(np.array(dates), return_inverse=True)
    count, share = len(right), float(right.mean()) if len(right) else 0.0
    if share in (0.0, 1.0) or len(names) < 2:
        return rate(int(right.sum()), count, len(names))
    missed = np.bincount(group, right - share)
    variance = float((missed**2).sum()) * len(names) / (len(names) - 1) / count**2
    worth = share * (1 - share) / variance if variance > 0 else count
    return rate(int(right.sum()), count, min(count, worth))


class Resampling:
    """Means whose intervals come from drawing dates anew, with all numbers of each (a cluster bootstrap).

    The numbers of one date, or of one text, are alike, so that to draw them one by one would promise too much.

    Args:
        dates: (N,) for each number which date it belongs to, of any type that can be compared.
        seed: of the draws, which are the same for all means.
    """

    def __init__(self, dates: np.ndarray, seed: int = 0) -> None:
        names, self._dates = np.unique(dates, return_inverse=True)
        self._count = len(names)
        draws = np.random.default_rng(seed).integers(0, max(1, self._count), (RESAMPLES, self._count))
        self._times = np.stack([np.bincount(draw, minlength=self._count) for draw in draws]) if self._count else draws

    def mean(self, values: np.ndarray, among: np.ndarray | None = None) -> Estimate:
        """Return the mean of those of (N,) numbers that are no NaN, among those that (N,) flags choose."""
        known = ~np.isnan(values) if among is None else among & ~np.isnan(values)
        if not known.any():
            return Estimate(None, None, None, 0)
        sums = np.bincount(self._dates[known], values[known], self._count)
        counts = np.bincount(self._dates[known], minlength=self._count)
        mean = float(sums.sum() / counts.sum())
        if (counts > 0).sum() < FEWEST:
            return Estimate(mean, None, None, int(known.sum()))
        drawn = self._times @ counts
        means = (self._times @ sums)[drawn > 0] / drawn[drawn > 0]
        low, high = np.quantile(means, (0.025, 0.975)).tolist()
        return Estimate(mean, low, high, int(known.sum()))
