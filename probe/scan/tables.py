"""Findings as tables: for the terminal and as CSV."""

import csv
import io
import math
from collections.abc import Sequence
from typing import Any

from probe.render import table
from probe.scan.evidence import Chance, Interval
from probe.scan.finding import Finding

HEADERS = ("pattern", "unit", "r ranked", "r held out", "95 % interval", "best n-gram", "untrained", "p", "claims")


def summary(findings: Sequence[Finding], width: int | None = None) -> str:
    """Return a table of findings: those that bear most claims first, then the strongest on the confirmation text.

    Args:
        findings: to be shown, of one pattern or of many.
        width: columns of the terminal.
    """
    best: dict[str, tuple[float, ...]] = {}
    for finding in findings:
        best[finding.pattern] = min(best.get(finding.pattern, (math.inf,)), _weight(finding))
    shown = sorted(findings, key=lambda finding: (best[finding.pattern], finding.pattern, finding.rank))
    return table(HEADERS, [
        (finding.pattern, finding.label, finding.selection.correlation, finding.confirmation.correlation,
         _interval(finding.interval), abs(finding.best_ngram.correlation), finding.untrained.best,
         _p(finding.chance), finding.verdict) for finding in shown], width)


def _weight(finding: Finding) -> tuple[float, ...]:
    strength = abs(finding.confirmation.correlation)
    return -len(finding.status), math.inf if math.isnan(strength) else -strength


def _interval(interval: Interval) -> str:
    if interval:
        return f"{interval.low:+.2f} … {interval.high:+.2f}".replace("-", "−")
    return "too short" if interval.blocks else "–"


def _p(chance: Chance) -> str:
    if math.isnan(chance.family):
        return "–"
    return f"{chance.family:.3f}" if chance.family >= 0.0005 else f"{chance.family:.1e}"


def csv_text(rows: Sequence[dict[str, Any]]) -> str:
    """Return flat records as CSV, with the names of the first one's fields as its header."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, fieldnames=list(rows[0]) if rows else [])
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
