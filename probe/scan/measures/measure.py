"""What a measure is: a frozen dataclass that makes named fields of sums, and says between which ends they lie."""

from collections.abc import Mapping
from typing import Protocol

import numpy as np

from probe.scan.tallies import Sums

# The name of each field, with the least and the most that it can be; infinite where there is no known end.
Limits = Mapping[str, tuple[float, float]]


class Measure(Protocol):
    """A number that relates a unit to a pattern, or several that belong together."""

    @property
    def limits(self) -> Limits:
        """The fields that it makes, in their order."""

    def __call__(self, sums: Sums) -> dict[str, np.ndarray]:
        """Return the fields of U units and P patterns, each (U, P) float64, NaN where one is not defined.

        Args:
            sums: of these units and patterns, all that a measure may know.
        """
