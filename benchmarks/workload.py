"""The work that every contender does in one step, and what a contender is."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from probe.model import ModelOptions

CLIP = 1.0
LEARNING_RATE = 0.002


@dataclass(frozen=True)
class Workload:
    """One update of a network: forward, loss over every character, backward, clip by global norm, Adam.

    Attributes:
        model: sizes of the network; one-hot input.
        vocabulary: number V of characters.
        streams: B.
        length: T, characters of each stream.
    """

    model: ModelOptions
    vocabulary: int
    streams: int
    length: int

    @property
    def name(self) -> str:
        """Layers × units."""
        return f"{self.model.layers} × {self.model.units}"

    def text(self) -> tuple[np.ndarray, np.ndarray]:
        """Return ids and targets, each (B, T) int32, drawn at random."""
        rows = np.random.default_rng(0).integers(self.vocabulary, size=(self.streams, self.length + 1), dtype=np.int32)
        return rows[:, :-1], rows[:, 1:]


class Network(Protocol):
    """What is trained, whatever computes it.

    It is made from (``Workload``, precision, threads, clip, seed); precision is ``"float32"`` or ``"bfloat16"``, clip
    the largest norm of the gradient or 0.
    """

    def update(self, ids: np.ndarray, targets: np.ndarray, carried: np.ndarray, learning_rate: float) -> float:
        """Make one update and return its mean loss in nats, when it is done.

        Args:
            ids, targets: (B, T) int32.
            carried: (B,) float32, 1 for a stream that goes on from its state and 0 for one that begins anew.
            learning_rate: of this update.
        """
