"""The area under the ROC curve."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from probe.scan.measures.measure import Limits
from probe.scan.tallies import Sums


@dataclass(frozen=True)
class AUC:
    """Probability that a unit is higher inside a boolean pattern than outside, ties counting half, in [0, 1].

    Mann and Whitney's U divided by the number of pairs (Hanley and McNeil, Radiology 1982), of the quantised
    activations. 0.5 is ignorance; values below it belong to units that are low inside.
    """

    limits: ClassVar[Limits] = {"auc": (0, 1)}

    def __call__(self, sums: Sums) -> dict[str, np.ndarray]:
        outside = sums.every[:, :, None] - sums.inside
        below = np.cumsum(outside, axis=1) - outside
        pairs = sums.inside.sum(axis=1) * outside.sum(axis=1)
        wins = np.einsum("ubp,ubp->up", sums.inside, below + outside / 2)
        return {"auc": sums.of_boolean(wins / np.maximum(pairs, 1))}
