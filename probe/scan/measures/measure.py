"""What a measure is."""

from abc import ABC, abstractmethod
from typing import Self

import numpy as np


class Measure(ABC):
    """A statistic of U units against P patterns that is fed in pieces and can be merged.

    The order of pieces does not matter. ``prepare`` is called once, before all else; measures are merged only if they
    were prepared alike.

    Args:
        boolean: (P,) bool, which patterns have labels 0 and 1 alone; the others are graded.
    """

    def __init__(self, boolean: np.ndarray) -> None:
        self.boolean = np.asarray(boolean, bool)

    @abstractmethod
    def prepare(self, activations: np.ndarray, labels: np.ndarray) -> None:
        """Fix what must be shared by all parts of the text from a pilot: activations (T, U), labels (T, P)."""

    @abstractmethod
    def empty(self) -> Self:
        """Return a measure prepared as this one is, which has seen nothing."""

    @abstractmethod
    def update(self, activations: np.ndarray, labels: np.ndarray) -> None:
        """Take in T characters: activations (T, U) float32, labels (T, P) float32."""

    @abstractmethod
    def merge(self, other: Self) -> None:
        """Take in all that ``other`` has seen.

        Raises:
            ValueError: ``other`` was prepared from another pilot.
        """

    @abstractmethod
    def result(self) -> dict[str, np.ndarray]:
        """Return named fields, each (U, P) float64; NaN where the statistic is not defined."""
