"""Numbers that relate a unit to a pattern, made from the sums that a pass over a text leaves behind."""

from probe.scan.measures.measure import Measure
from probe.scan.measures.raw import raw_scores
from probe.scan.measures.registry import LIMITS, MEASURES, measured

__all__ = ["LIMITS", "MEASURES", "Measure", "measured", "raw_scores"]
