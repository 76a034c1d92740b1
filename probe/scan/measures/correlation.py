"""Pearson's correlation, which for a boolean pattern is the point-biserial one."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from probe.scan.measures.measure import Limits
from probe.scan.tallies import Sums


@dataclass(frozen=True)
class Correlation:
    """Pearson's r of each unit with each pattern, on the activations themselves.

    r = Σ(a − ā)(y − ȳ) / √(Σ(a − ā)² Σ(y − ȳ)²), in [−1, 1]; NaN where either is constant. Its sign is the unit's own.
    """

    limits: ClassVar[Limits] = {"correlation": (-1, 1)}

    def __call__(self, sums: Sums) -> dict[str, np.ndarray]:
        spread = np.sqrt(np.outer(sums.variances, sums.label_variances))
        with np.errstate(invalid="ignore", divide="ignore"):
            return {"correlation": np.where(spread > 0, np.clip(sums.covariances / spread, -1, 1), np.nan)}
