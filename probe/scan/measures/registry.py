"""All measures by name."""

import numpy as np

from probe.scan.measures.auc import AUC
from probe.scan.measures.average_precision import AveragePrecision
from probe.scan.measures.cohens_d import CohensD
from probe.scan.measures.correlation import Correlation
from probe.scan.measures.measure import Limits, Measure
from probe.scan.measures.mutual_information import MutualInformation
from probe.scan.measures.spearman import Spearman
from probe.scan.measures.thresholds import BestThreshold, f1, iou
from probe.scan.tallies import Tallies

# A new measure is one frozen dataclass and one line here.
MEASURES: dict[str, Measure] = {
    "correlation": Correlation(),
    "auc": AUC(),
    "cohens_d": CohensD(),
    "mutual_information": MutualInformation(),
    "f1": BestThreshold("f1", f1),
    "iou": BestThreshold("iou", iou),
    "average_precision": AveragePrecision(),
    "spearman": Spearman(),
}

LIMITS: Limits = {field: ends for measure in MEASURES.values() for field, ends in measure.limits.items()}
"""The ends of all fields of all measures, in the order in which :func:`measured` makes them."""

# Units measured at once, whose sums fit into a cache.
UNITS = 16


def measured(tallies: Tallies) -> dict[str, np.ndarray]:
    """Return the fields of all measures, each (U, P) float64; NaN where a measure is not defined."""
    parts = []
    for first in range(0, tallies.units, UNITS):
        sums = tallies.sums(slice(first, first + UNITS))
        parts.append({name: values for measure in MEASURES.values() for name, values in measure(sums).items()})
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
