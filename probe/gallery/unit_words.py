"""What a unit's own page says of it in words."""

from typing import Any

import numpy as np

from probe.gallery import evidence
from probe.gallery.claims import OUTCOMES, SAID, claims, lead, outcome, told_by
from probe.gallery.sweep import Source
from probe.gallery.wording import behaviour, between, last_characters, number, reached, text_of, words
from probe.render.graphemes import visible
from probe.scan.finding import Finding, PatternNote
from probe.scan.findings import Findings


def by_strength(findings: list[Finding], opening: Finding | None) -> list[Finding]:
    """Return the findings of one unit: that which opens the whole page, then the strongest claim first, then the
    largest lead over the n-grams."""
    return sorted(findings, key=lambda finding: (finding is not opening, OUTCOMES.index(outcome(finding)),
                                                 -lead(finding)))


def title(source: Source, unit: int, best: Finding | None, notes: dict[str, PatternNote]) -> str:
    """Return the heading of a unit's page."""
    if best is None or outcome(best) not in SAID:
        return f"Unit {source.label(unit)}"
    return f"Unit {source.label(unit)} {behaviour(best, notes[best.pattern])}"


def opening(source: Source, unit: int, best: Finding | None, scores: np.ndarray,
            notes: tuple[PatternNote, ...]) -> str:
    """Return the sentences that open a unit's page.

    Args:
        source, unit: which.
        best: its strongest finding, if it has one.
        scores: (P,) correlations on the confirmation text.
        notes: the P patterns.
    """
    if best is not None:
        told = f"Correlation {number(told_by(best))} with “{words(best.pattern)}” {text_of(best)}"
        if best.claims["associated"] is not None:
            told += f", {reached(best.chance)}"
        return f"{told}. {evidence.claimed(best)}"
    if not np.isfinite(scores).any():
        return "It is not among the best units of any pattern."
    nearest = int(np.nanargmax(np.abs(scores)))
    return (f"It is not among the best units of any pattern, and nothing is claimed of it. What it goes with most is "
            f"“{words(notes[nearest].name)}”, with a correlation of {number(float(scores[nearest]))}.")


def evidence_of(finding: Finding, pattern: int) -> dict[str, Any]:
    """Return the evidence for one finding as its unit's page lists it."""
    orders = [last_characters(order).removeprefix("the ") for order in range(1, len(finding.ngrams) + 1)]
    return {
        "pattern": pattern, "rank": finding.rank, "claimed": evidence.claimed(finding),
        "interval": between(finding.interval), "margin": between(finding.margin), "null": evidence.null_words(finding),
        "used": evidence.without(finding.ablation) if finding.ablation else "", "together": evidence.together(finding),
        "untrained": number(finding.untrained.best), "heads": ["chosen", "confirmed", "unquantised", *orders],
        "rows": [[visible(name), *values] for name, values in evidence.all_scores(finding)],
    }


def evidence_by_unit(findings: Findings) -> dict[tuple[str, str, int], list[Finding]]:
    """Return (layer, signal, unit) → its findings, that which opens the whole page first, then the strongest."""
    clearest = claims(findings).clearest
    first = clearest.finding if clearest else None
    found: dict[tuple[str, str, int], list[Finding]] = {}
    for finding in findings.findings:
        found.setdefault((finding.layer, finding.signal, finding.unit), []).append(finding)
    return {unit: by_strength(each, first) for unit, each in found.items()}
