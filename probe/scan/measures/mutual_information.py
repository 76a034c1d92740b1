"""Mutual information."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from probe.scan.measures.measure import Limits
from probe.scan.tallies import Sums


@dataclass(frozen=True)
class MutualInformation:
    """What a unit's bin tells of a boolean pattern, in nats: Σ p(b, y) log(p(b, y) / (p(b) p(y))).

    The plain plug-in estimate from the counts. Of n independent rows, 256 bins make it too high by about 255 / 2n
    (Miller 1955), which is 0.0013 nats at 100,000; of rows that resemble their neighbours, by several times that.
    """

    limits: ClassVar[Limits] = {"mutual_information": (0, np.log(2))}

    def __call__(self, sums: Sums) -> dict[str, np.ndarray]:
        n, every = max(sums.n, 1), sums.every[:, :, None]
        share = sums.inside.sum(axis=1, keepdims=True) / n
        information = _surprise(sums.inside, every * share) + _surprise(every - sums.inside, every * (1 - share))
        return {"mutual_information": sums.of_boolean(np.maximum(information.sum(axis=1) / n, 0))}


def _surprise(count: np.ndarray, expected: np.ndarray) -> np.ndarray:
    found = count > 0
    return count * np.log(np.where(found, count, 1) / np.where(found, expected, 1))
