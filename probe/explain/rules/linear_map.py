"""Linear maps of values, forwards, backwards, and with other weights in the same places."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from probe.explain.rules.windows import OUTSIDE


class LinearMap(ABC):
    """y = Σ w x over all that was read, without a bias."""

    @abstractmethod
    def forward(self, reads: tuple[np.ndarray, ...]) -> np.ndarray:
        """Return y, (B, …) float64."""

    @abstractmethod
    def transposed(self, given: np.ndarray) -> tuple[np.ndarray, ...]:
        """Return Σ w g for each value that was read, g of y's shape."""

    @abstractmethod
    def weighted(self, change: Callable[[np.ndarray], np.ndarray]) -> Self:
        """Return the map whose weights are ``change`` of this one's; places without a weight stay without."""


@dataclass(frozen=True, eq=False)
class Matrix(LinearMap):
    """x W over the last axis.

    Attributes:
        kernel: (D, K) float64.
    """

    kernel: np.ndarray

    def forward(self, reads: tuple[np.ndarray, ...]) -> np.ndarray:
        return np.tensordot(reads[0], self.kernel, 1)

    def transposed(self, given: np.ndarray) -> tuple[np.ndarray, ...]:
        return (np.tensordot(given, self.kernel.T, 1),)

    def weighted(self, change: Callable[[np.ndarray], np.ndarray]) -> Self:
        return replace(self, kernel=change(self.kernel))


@dataclass(frozen=True, eq=False)
class Convolution(LinearMap):
    """Σ over a window of x W.

    Attributes:
        kernel: (window, D, K) float64.
        positions: (T', window) int64, from :func:`probe.explain.rules.windows.windows`.
        length: T, positions of what is read.
    """

    kernel: np.ndarray
    positions: np.ndarray
    length: int

    def forward(self, reads: tuple[np.ndarray, ...]) -> np.ndarray:
        values = reads[0]
        sums = np.zeros((len(values), len(self.positions), self.kernel.shape[2]))
        for positions, kernel in zip(self.positions.T, self.kernel, strict=True):
            inside = positions != OUTSIDE
            sums[:, inside] += np.tensordot(values[:, positions[inside]], kernel, 1)
        return sums

    def transposed(self, given: np.ndarray) -> tuple[np.ndarray, ...]:
        sums = np.zeros((len(given), self.length, self.kernel.shape[1]))
        for positions, kernel in zip(self.positions.T, self.kernel, strict=True):
            inside = positions != OUTSIDE  # one entry of all windows never stands twice on a position
            sums[:, positions[inside]] += np.tensordot(given[:, inside], kernel.T, 1)
        return (sums,)

    def weighted(self, change: Callable[[np.ndarray], np.ndarray]) -> Self:
        return replace(self, kernel=change(self.kernel))


@dataclass(frozen=True, eq=False)
class OverTime(LinearMap):
    """Σ over time of w x, each channel for itself.

    Attributes:
        weights: (B, T', T) float64.
        there: (B, T', T) bool, where there is a weight.
        flat: whether T' is 1 and its axis is left out.
    """

    weights: np.ndarray
    there: np.ndarray
    flat: bool = False

    def forward(self, reads: tuple[np.ndarray, ...]) -> np.ndarray:
        sums = self.weights @ reads[0]
        return sums[:, 0] if self.flat else sums

    def transposed(self, given: np.ndarray) -> tuple[np.ndarray, ...]:
        return (np.swapaxes(self.weights, 1, 2) @ (given[:, None] if self.flat else given),)

    def weighted(self, change: Callable[[np.ndarray], np.ndarray]) -> Self:
        return replace(self, weights=np.where(self.there, change(self.weights), 0.0))


@dataclass(frozen=True, eq=False)
class Combination(LinearMap):
    """w₁ x₁ + w₂ x₂ + …, entry by entry; an axis of length 1 serves every entry of the others.

    Attributes:
        weights: for each value that is read a float64 array that broadcasts against it.
        shapes: of what is read, each (B, …) of one rank.
    """

    weights: tuple[np.ndarray, ...]
    shapes: tuple[tuple[int, ...], ...]

    def forward(self, reads: tuple[np.ndarray, ...]) -> np.ndarray:
        return np.asarray(sum(weight * value for weight, value in zip(self.weights, reads, strict=True)))

    def transposed(self, given: np.ndarray) -> tuple[np.ndarray, ...]:
        return tuple(summed(weight * given, shape) for weight, shape in zip(self.weights, self.shapes, strict=True))

    def weighted(self, change: Callable[[np.ndarray], np.ndarray]) -> Self:
        return replace(self, weights=tuple(change(weight) for weight in self.weights))


def summed(values: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Sum over the axes along which a value of this shape was used again and again."""
    again = tuple(axis for axis, size in enumerate(shape) if size == 1 and values.shape[axis] != 1)
    return values.sum(axis=again, keepdims=True)
