"""Pearson's correlation, which for a boolean pattern is the point-biserial one."""

from typing import Self

import numpy as np

from probe.scan.measures.measure import Measure

# Rows in one float32 product: few enough for its rounding to stay below 1e-6 of r; their sums go on in float64.
ROWS = 512


class Correlation(Measure):
    """Pearson's r of each unit with each pattern, from one matrix product a block.

    r = Σ(a − ā)(y − ȳ) / √(Σ(a − ā)² Σ(y − ȳ)²), from sums of values shifted and scaled by the pilot's means and
    deviations, so that nothing large is subtracted from something large.
    """

    def prepare(self, activations: np.ndarray, labels: np.ndarray) -> None:
        self._shift_a, self._scale_a = _mean_and_deviation(activations)
        self._shift_y, self._scale_y = _mean_and_deviation(labels)
        units, patterns = activations.shape[1], labels.shape[1]
        self._n = 0
        self._sum_a, self._sum_aa = np.zeros(units), np.zeros(units)
        self._sum_y, self._sum_yy = np.zeros(patterns), np.zeros(patterns)
        self._sum_ay = np.zeros((units, patterns))

    def empty(self) -> Self:
        other = type(self)(self.boolean)
        other._shift_a, other._scale_a = self._shift_a, self._scale_a
        other._shift_y, other._scale_y = self._shift_y, self._scale_y
        other._n = 0
        for name in ("_sum_a", "_sum_aa", "_sum_y", "_sum_yy", "_sum_ay"):
            setattr(other, name, np.zeros_like(getattr(self, name)))
        return other

    def update(self, activations: np.ndarray, labels: np.ndarray) -> None:
        for start in range(0, len(activations), ROWS):
            a = (activations[start:start + ROWS] - self._shift_a) / self._scale_a
            y = (labels[start:start + ROWS] - self._shift_y) / self._scale_y
            self._n += len(a)
            self._sum_a += a.sum(axis=0, dtype=np.float64)
            self._sum_aa += np.square(a).sum(axis=0, dtype=np.float64)
            self._sum_y += y.sum(axis=0, dtype=np.float64)
            self._sum_yy += np.square(y).sum(axis=0, dtype=np.float64)
            self._sum_ay += a.T @ y

    def merge(self, other: Self) -> None:
        alike = all(np.array_equal(getattr(self, name), getattr(other, name))
                    for name in ("_shift_a", "_scale_a", "_shift_y", "_scale_y"))
        if not alike:
            raise ValueError("correlations prepared from different pilots cannot be merged")
        self._n += other._n
        for name in ("_sum_a", "_sum_aa", "_sum_y", "_sum_yy", "_sum_ay"):
            setattr(self, name, getattr(self, name) + getattr(other, name))

    def result(self) -> dict[str, np.ndarray]:
        if self._n == 0:
            return {"correlation": np.full(self._sum_ay.shape, np.nan)}
        mean_a, mean_y = self._sum_a / self._n, self._sum_y / self._n
        covariance = self._sum_ay / self._n - np.outer(mean_a, mean_y)
        variance_a = self._sum_aa / self._n - mean_a**2
        variance_y = self._sum_yy / self._n - mean_y**2
        # What is left of a constant after rounding is no variance.
        spread = np.sqrt(np.outer(np.where(variance_a > 1e-9, variance_a, np.nan),
                                  np.where(variance_y > 1e-9, variance_y, np.nan)))
        return {"correlation": np.clip(covariance / spread, -1, 1)}


def _mean_and_deviation(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    mean, deviation = values.mean(axis=0, dtype=np.float64), values.std(axis=0, dtype=np.float64)
    return mean.astype(np.float32), np.where(deviation > 1e-6, deviation, 1).astype(np.float32)
