"""Numbers that relate a unit to a pattern, as mergeable statistics over a stream."""

from probe.scan.measures.auc import AUC
from probe.scan.measures.correlation import Correlation
from probe.scan.measures.measure import Measure

# A new measure is one class and one line here.
MEASURES: dict[str, type[Measure]] = {"correlation": Correlation, "auc": AUC}

__all__ = ["AUC", "MEASURES", "Correlation", "Measure"]
