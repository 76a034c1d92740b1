"""Cohen's d."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from probe.scan.measures.measure import Limits
from probe.scan.tallies import Sums

# Of a variance, the share that may be left by the rounding of sums of products.
ROUNDING = 1e-5


@dataclass(frozen=True)
class CohensD:
    """How many pooled deviations the mean inside a boolean pattern lies above the mean outside.

    d = (ā₁ − ā₀) / √(((n₁ − 1) s₁² + (n₀ − 1) s₀²) / (n₁ + n₀ − 2)), where s² is over n − 1 (Cohen, Statistical Power
    Analysis, 1988, 2.5), on the activations themselves. NaN where what activations differ from the mean of their class
    is no more than sums are rounded: where r² is within 10⁻⁵ of 1.
    """

    limits: ClassVar[Limits] = {"cohens_d": (-np.inf, np.inf)}

    def __call__(self, sums: Sums) -> dict[str, np.ndarray]:
        share = sums.label_variances[sums.boolean]
        covariance = sums.covariances[:, sums.boolean]
        with np.errstate(invalid="ignore", divide="ignore"):
            # A label of 0 and 1 has the variance p (1 − p), and its covariance is that times the difference of means.
            apart = covariance / share
            within = (sums.variances[:, None] - covariance * apart) * (sums.n / max(sums.n - 2, 1))
            return {"cohens_d": sums.of_boolean(np.where(within > ROUNDING * sums.variances[:, None],
                                                             apart / np.sqrt(within), np.nan))}
