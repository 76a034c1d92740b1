"""Units × patterns as a map of correlations on which what is alike lies together."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from probe.render.seriation import order

# Units named for each pattern.
NAMED = 5


@dataclass(frozen=True, eq=False)
class HeatMap:
    """The correlations of one source's U units with P patterns.

    Attributes:
        across: (U,) places of the units from left to right.
        down: (D,) indices of the patterns that have any correlation here, from the top.
        strongest: for each of ``down`` the places of its five units with the largest correlation in magnitude.
        most: the largest magnitude of all; the colours reach from −most to most.
    """

    across: np.ndarray
    down: np.ndarray
    strongest: Sequence[Sequence[int]]
    most: float


def heat_map(scores: np.ndarray) -> HeatMap | None:
    """Return the map of ``scores`` (U, P) float64, NaN where a correlation does not exist; None if it is nowhere.

    Units and patterns are ordered as :func:`~probe.render.seriation.order` does.
    """
    exists = np.isfinite(scores)
    down = np.flatnonzero(exists.any(axis=0))
    if not len(down):
        return None
    table = np.nan_to_num(scores[:, down])
    rows = order(table.T)
    magnitudes = np.abs(table)
    strongest = [np.argsort(-magnitudes[:, p], kind="stable")[:NAMED].tolist() for p in rows]
    return HeatMap(order(table), down[rows], strongest, float(magnitudes.max()) or 1.0)
