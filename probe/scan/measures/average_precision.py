"""Average precision."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from probe.scan.measures.auc import AUC
from probe.scan.measures.measure import Limits
from probe.scan.tallies import Sums


@dataclass(frozen=True)
class AveragePrecision:
    """Σ (R_k − R_{k−1}) P_k over falling thresholds, of recall R and precision P, on the quantised activations.

    It is scikit-learn's definition, in the direction that the AUC gives: a unit that is low inside a pattern is read
    from below.
    """

    limits: ClassVar[Limits] = {"average_precision": (0, 1)}

    def __call__(self, sums: Sums) -> dict[str, np.ndarray]:
        upward = AUC()(sums)["auc"][:, sums.boolean] >= 0.5
        every, positive = sums.every[:, :, None], sums.inside.sum(axis=1)
        high = _sum(sums.inside[:, ::-1], every[:, ::-1])
        low = _sum(sums.inside, every)
        return {"average_precision": sums.of_boolean(np.where(upward, high, low) / np.maximum(positive, 1))}


def _sum(inside: np.ndarray, every: np.ndarray) -> np.ndarray:
    precision = np.cumsum(inside, axis=1) / np.maximum(np.cumsum(every, axis=1), 1)
    return np.einsum("ubp,ubp->up", inside, precision)
