"""Whether a translator knows when it is wrong: its probabilities beside how often it is right."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from probe.render.table import table

# Bounds of the bins: most probabilities of a trained network lie near one, and what matters lies there too.
EDGES = (0.0, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 1.0)
HEADERS = ("probability", "texts", "mean probability", "share right")


@dataclass(frozen=True)
class Bin:
    """Outputs of about one probability.

    Attributes:
        low, high: bounds of the probability; the upper one belongs to it.
        texts: how many.
        probability: mean, None if there are none.
        right: share that is right, None if there are none.
    """

    low: float
    high: float
    texts: int
    probability: float | None
    right: float | None


@dataclass(frozen=True)
class Doubt:
    """How far probabilities are to be believed.

    Attributes:
        bins: of the probability of the best output.
        brier: mean of (probability − right)², right being 1 or 0.
        brier_of_rate: what it would be if each output had the share that is right for its probability.
        missed: mean distance of probability and share right, each bin by its texts (expected calibration error).
        probability: mean.
        right: share.
    """

    bins: tuple[Bin, ...]
    brier: float
    brier_of_rate: float
    missed: float
    probability: float
    right: float

    def to_terminal(self, width: int | None = None) -> str:
        """Return the bins that hold anything as a table, and the figures above it."""
        rows = [(f"{each.low:g} to {each.high:g}", each.texts, each.probability, each.right)
                for each in self.bins if each.texts]
        return (f"doubt: mean probability {self.probability:.4f}, share right {self.right:.4f}; Brier score "
                f"{self.brier:.4f} (the share right for every output: {self.brier_of_rate:.4f}); calibration missed by "
                f"{self.missed:.4f}\n{table(HEADERS, rows, width)}")

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)


def doubt(probabilities: Sequence[float], right: Sequence[bool]) -> Doubt:
    """Return how far the probabilities of outputs are to be believed.

    Args:
        probabilities: of each output, in [0, 1].
        right: whether each is right; as many, at least one.
    """
    given, hits = np.array(probabilities, np.float64), np.array(right, np.float64)
    place = np.clip(np.searchsorted(EDGES, given, "left") - 1, 0, len(EDGES) - 2)
    bins = tuple(Bin(low, high, int(inside.sum()), float(given[inside].mean()) if inside.any() else None,
                     float(hits[inside].mean()) if inside.any() else None)
                 for low, high, inside in ((low, high, place == number)
                                           for number, (low, high) in enumerate(zip(EDGES, EDGES[1:], strict=False))))
    missed = sum(each.texts * abs(each.probability - each.right) for each in bins
                 if each.probability is not None and each.right is not None)
    return Doubt(bins, float(((given - hits)**2).mean()), float(hits.mean() * (1 - hits.mean())), missed / len(given),
                 float(given.mean()), float(hits.mean()))
