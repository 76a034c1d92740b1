"""Numbers that relate a unit to a pattern, made from the sums that a pass over a text leaves behind."""

from probe.scan.measures.raw import raw_scores
from probe.scan.measures.registry import MEASURES, Measure, measured

__all__ = ["MEASURES", "Measure", "measured", "raw_scores"]
