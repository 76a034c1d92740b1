"""What a block bootstrap needs of a text: sums over short blocks of it, for a short list of units."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from probe.scan.kernels import kernel

# Blocks of the text that are summed apart, and joined to longer ones later. 29 MB of histograms for 220 pairs.
BLOCKS = 256
BINS = 64
ORDERS = 3


@dataclass
class BlockSums:
    """Sums over equal blocks of a text for K pairs of a unit and a pattern, and for the patterns' n-gram predictions.

    All are float64 of the values themselves: of numbers whose mean is a thousand times their deviation r still has
    ten digits.

    Attributes:
        length: characters of a block; there are at most 256.
        pattern: (K,) int64, which of the P patterns is each pair's.
        n: (B,) characters seen of each block.
        unit: (B, 3, K): Σa, Σa², Σay.
        label: (B, 2, P): Σy, Σy².
        prediction: (B, 3, P, 3): Σx, Σx², Σxy of each order.
        bins: (B, K, 2, 64) uint32, how often the unit was in each bin where the label is 0 and where it is 1 (more
            than a half).
        fine: (K, 2, 256) int64, the same of the whole text, in the bins that were not joined.
    """

    length: int
    pattern: np.ndarray
    n: np.ndarray
    unit: np.ndarray
    label: np.ndarray
    prediction: np.ndarray
    bins: np.ndarray
    fine: np.ndarray

    @classmethod
    def of(cls, characters: int, pattern: np.ndarray, patterns: int) -> Self:
        """Begin with nothing seen.

        Args:
            characters: of the whole text.
            pattern: (K,), the pattern of each pair.
            patterns: P.
        """
        length = max(-(-characters // BLOCKS), 1)
        blocks, pairs = max(-(-characters // length), 1), len(pattern)
        return cls(length, np.asarray(pattern, np.int64), np.zeros(blocks), np.zeros((blocks, 3, pairs)),
                   np.zeros((blocks, 2, patterns)), np.zeros((blocks, 3, patterns, ORDERS)),
                   np.zeros((blocks, pairs, 2, BINS), np.uint32), np.zeros((pairs, 2, 4 * BINS), np.int64))

    def update(self, positions: np.ndarray, values: np.ndarray, quantiles: np.ndarray, labels: np.ndarray,
               predictions: np.ndarray) -> None:
        """Take in R characters, in any order.

        Args:
            positions: (R,) in the text, from 0.
            values: (R, K) float32, the activation of each pair's unit.
            quantiles: (R, K) uint8, which of 256 bins it lies in; joined by fours.
            labels: (R, P) float32.
            predictions: (R, P, 3) float32, of the label by the last one, two and three characters.
        """
        _add(np.asarray(positions, np.int64) // self.length, np.ascontiguousarray(values, np.float32),
             np.ascontiguousarray(quantiles), np.ascontiguousarray(labels, np.float32),
             np.ascontiguousarray(predictions, np.float32), self.pattern, self.n, self.unit, self.label,
             self.prediction, self.bins, self.fine)

    def merge(self, other: Self) -> None:
        """Take in all that ``other`` has seen of the same text.

        Raises:
            ValueError: it has other blocks or pairs.
        """
        if self.length != other.length or self.n.shape != other.n.shape or self.label.shape != other.label.shape \
                or not np.array_equal(self.pattern, other.pattern):
            raise ValueError("sums of other blocks or other pairs cannot be merged")
        for name in ("n", "unit", "label", "prediction", "bins", "fine"):
            setattr(self, name, getattr(self, name) + getattr(other, name))

    def blocks_of(self, characters: float) -> tuple[int, int]:
        """Return how many short blocks make one of at least so many characters, and how many of these there are."""
        joined = max(int(np.ceil(characters / self.length)), 1)
        return joined, len(self.n) // joined


@kernel
def _add(blocks: np.ndarray, values: np.ndarray, quantiles: np.ndarray, labels: np.ndarray, predictions: np.ndarray,
         pattern: np.ndarray, n: np.ndarray, unit: np.ndarray, label: np.ndarray, prediction: np.ndarray,
         bins: np.ndarray, fine: np.ndarray) -> None:
    for row in range(len(blocks)):
        block = blocks[row]
        n[block] += 1
        for k in range(len(pattern)):
            a, y = np.float64(values[row, k]), np.float64(labels[row, pattern[k]])
            unit[block, 0, k] += a
            unit[block, 1, k] += a * a
            unit[block, 2, k] += a * y
            bins[block, k, np.int64(y > 0.5), quantiles[row, k] >> 2] += 1
            fine[k, np.int64(y > 0.5), quantiles[row, k]] += 1
        for p in range(labels.shape[1]):
            y = np.float64(labels[row, p])
            label[block, 0, p] += y
            label[block, 1, p] += y * y
            for order in range(ORDERS):
                x = np.float64(predictions[row, p, order])
                prediction[block, 0, p, order] += x
                prediction[block, 1, p, order] += x * x
                prediction[block, 2, p, order] += x * y
