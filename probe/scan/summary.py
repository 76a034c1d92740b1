"""Findings as a table for the terminal."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from probe.render.table import table

if TYPE_CHECKING:
    from probe.scan.findings import Finding

HEADERS = ("pattern", "unit", "r selection", "r held out", "r last char", "AUC held out", "AUC last char")


def summary(findings: "Sequence[Finding]", top: int = 1) -> str:
    """Return a table of the best ``top`` units of each pattern, the strongest on the confirmation text first."""
    shown = [finding for finding in findings if finding.rank <= top]
    strength = {finding.pattern: abs(finding.confirmation.correlation) for finding in shown if finding.rank == 1}
    shown.sort(key=lambda finding: (not strength[finding.pattern] >= 0, -strength[finding.pattern], finding.pattern,
                                    finding.rank))
    return table(HEADERS, [
        (finding.pattern, finding.label, finding.selection.correlation, finding.confirmation.correlation,
         finding.last_character.correlation, finding.confirmation.auc, finding.last_character.auc)
        for finding in shown])
