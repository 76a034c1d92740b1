"""What measures are made of."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Sums:
    """All that is known of U units and P patterns after a text was read; B patterns are boolean, G graded.

    Attributes:
        n: rows counted.
        boolean: (P,) bool, which patterns have labels 0 and 1 alone.
        variances: (U,) float64, over n; 0 for a constant, as with ``label_variances`` (P,).
        label_means, label_variances: (P,) float64.
        covariances: (U, P) float64, over n.
        edges: (U, 257) float64; bin b of a unit holds the activations in [edges[b], edges[b + 1]).
        every: (U, 256) float64, rows in each bin.
        inside: (U, 256, B) float64, rows in each bin and inside each boolean pattern.
        levels: (U, G, 64, 32) float64, rows in every four bins and at each level of a graded pattern.
    """

    n: int
    boolean: np.ndarray
    variances: np.ndarray
    label_means: np.ndarray
    label_variances: np.ndarray
    covariances: np.ndarray
    edges: np.ndarray
    every: np.ndarray
    inside: np.ndarray
    levels: np.ndarray

    def of_boolean(self, values: np.ndarray) -> np.ndarray:
        """Return values (U, B) of the boolean patterns as (U, P) float64.

        NaN for graded patterns, for those whose labels are all the same, and for units that stay in one bin.
        """
        rows = self.inside.sum(axis=1)
        defined = (rows > 0) & (rows < self.n) & ((self.every > 0).sum(axis=1) > 1)[:, None]
        spread = np.full(self.covariances.shape, np.nan)
        spread[:, self.boolean] = np.where(defined, values, np.nan)
        return spread

    def of_graded(self, values: np.ndarray) -> np.ndarray:
        """Return values (U, G) of the graded patterns as (U, P) float64, NaN for boolean ones."""
        spread = np.full(self.covariances.shape, np.nan)
        spread[:, ~self.boolean] = values
        return spread
