"""Findings as tables: for the terminal, as CSV, as flat records."""

import csv
import io
from collections.abc import Sequence
from typing import Any

import numpy as np

from probe.render import table
from probe.scan.finding import Finding

HEADERS = ("pattern", "unit", "r selection", "r held out", "r last char", "AUC held out", "AUC last char")


def summary(findings: Sequence[Finding], top: int = 1) -> str:
    """Return a table of the best ``top`` units of each pattern, the strongest on the confirmation text first."""
    shown = [finding for finding in findings if finding.rank <= top]
    strength = {finding.pattern: abs(finding.confirmation.correlation) for finding in shown if finding.rank == 1}
    shown.sort(key=lambda finding: (not strength[finding.pattern] >= 0, -strength[finding.pattern], finding.pattern,
                                    finding.rank))
    return table(HEADERS, [
        (finding.pattern, finding.label, finding.selection.correlation, finding.confirmation.correlation,
         finding.last_character.correlation, finding.confirmation.auc, finding.last_character.auc)
        for finding in shown])


def finding_row(finding: Finding) -> dict[str, Any]:
    """Return a finding as one flat record of JSON values, None where a number is not defined."""
    row: dict[str, Any] = {"pattern": finding.pattern, "rank": finding.rank, "layer": finding.layer,
                           "signal": finding.signal, "unit": finding.unit}
    for name, scores in (("selection", finding.selection), ("confirmation", finding.confirmation),
                         ("last_character", finding.last_character)):
        row |= {f"{name}_correlation": number(scores.correlation), f"{name}_auc": number(scores.auc)}
    return row


def csv_text(rows: Sequence[dict[str, Any]]) -> str:
    """Return flat records as CSV, with the names of the first one's fields as its header."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, fieldnames=list(rows[0]) if rows else [])
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def number(value: float) -> float | None:
    """Return a number as JSON has it: None for what is not finite."""
    return float(value) if np.isfinite(value) else None
