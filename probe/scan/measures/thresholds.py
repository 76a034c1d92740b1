"""Units as detectors: the best score over all thresholds, in either direction."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from probe.scan.measures.measure import Limits
from probe.scan.tallies import Sums


@dataclass(frozen=True)
class BestThreshold:
    """The best score of a unit that says "inside" above a threshold, or below it, of all edges of its bins.

    Fields: the score; ``_threshold``, an activation; and ``_direction``, 1 for "inside where the activation is at least
    the threshold", −1 for "inside where it is below". A threshold of −∞ says "inside" everywhere: nothing is better.

    Attributes:
        name: of the score.
        score: of (rows rightly said to be inside, rows said to be inside, rows inside).
    """

    name: str
    score: Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]

    @property
    def limits(self) -> Limits:
        return {self.name: (0, 1), f"{self.name}_threshold": (-np.inf, np.inf), f"{self.name}_direction": (-1, 1)}

    def __call__(self, sums: Sums) -> dict[str, np.ndarray]:
        every, positive = sums.every[:, :, None], sums.inside.sum(axis=1)
        low = self._best(np.cumsum(sums.inside, axis=1), np.cumsum(every, axis=1), positive)
        high = self._best(_from_above(sums.inside), _from_above(every), positive)
        upward = high[0] >= low[0]
        unit = np.arange(len(sums.edges))[:, None]
        threshold = sums.edges[unit, np.where(upward, high[1], low[1] + 1)]
        return {self.name: sums.of_boolean(np.where(upward, high[0], low[0])),
                f"{self.name}_threshold": sums.of_boolean(threshold),
                f"{self.name}_direction": sums.of_boolean(np.where(upward, 1.0, -1.0))}

    def _best(self, hit: np.ndarray, said: np.ndarray, positive: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        scores = self.score(hit, said, np.maximum(positive, 1)[:, None])
        best = scores.argmax(axis=1)
        return np.take_along_axis(scores, best[:, None], axis=1)[:, 0], best


def _from_above(counts: np.ndarray) -> np.ndarray:
    return np.cumsum(counts[:, ::-1], axis=1)[:, ::-1]


def f1(hit: np.ndarray, said: np.ndarray, positive: np.ndarray) -> np.ndarray:
    """Return the harmonic mean of precision and recall, in [0, 1]."""
    return 2 * hit / (said + positive)


def iou(hit: np.ndarray, said: np.ndarray, positive: np.ndarray) -> np.ndarray:
    """Return the rows in both over the rows in either, in [0, 1]: intersection over union."""
    return hit / (said + positive - hit)
