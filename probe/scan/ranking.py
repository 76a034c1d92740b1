"""Which units are worth testing for a pattern: those with the highest scores on the selection text."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from probe.activations import LayerSignal
from probe.scan.options import ScanOptions


@dataclass(frozen=True)
class Candidate:
    """A unit that ranks high for a pattern.

    Attributes:
        pattern: column of the pattern.
        rank: from 1.
        source: layer and signal.
        column: of the unit among those of its source.
        row: of the unit in the arrays of all measures.
    """

    pattern: int
    rank: int
    source: LayerSignal
    column: int
    row: int


def strength(measures: Mapping[str, np.ndarray], rank_by: str) -> np.ndarray:
    """Return by what units are ranked, (units, P): a magnitude, NaN where there is none.

    Args:
        measures: fields of the measures on one text, (units, P) each.
        rank_by: ``"correlation"``, or ``"auc"``, for which graded patterns have their rank correlation.
    """
    if rank_by == "correlation":
        return np.abs(measures["correlation"])
    auc = 2 * np.abs(measures["auc"] - 0.5)
    return np.where(np.isnan(auc).all(axis=0), np.abs(measures["spearman"]), auc)


def candidates(measures: Mapping[str, np.ndarray], units: Mapping[LayerSignal, Sequence[int]],
               options: ScanOptions, followed: Collection[tuple[int, LayerSignal, int]] = ()) -> list[Candidate]:
    """Return the best ``options.top`` units of each pattern, in the order of patterns and ranks.

    Args:
        measures: fields of the measures on the selection text, (units, P) each, rows in the order of ``units``.
        units: (layer, signal) → the index of each unit.
        options: how units are ranked, and how many are kept.
        followed: pattern, source and index of units that are kept whatever their rank.
    """
    places: list[tuple[LayerSignal, int]] = [(source, column) for source, indices in units.items()
                                             for column in range(len(indices))]
    strengths = strength(measures, options.rank_by)
    found = []
    for pattern in range(strengths.shape[1]):
        defined = np.flatnonzero(np.isfinite(strengths[:, pattern]))
        best = defined[np.argsort(-strengths[defined, pattern], kind="stable")]
        ranked = [Candidate(pattern, rank, *places[int(row)], row=int(row)) for rank, row in enumerate(best, start=1)]
        found += [each for each in ranked if each.rank <= options.top
                  or (pattern, each.source, units[each.source][each.column]) in followed]
    return found
