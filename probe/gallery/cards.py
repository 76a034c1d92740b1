"""The findings of a page as cards, a group for each pattern."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from probe.gallery.claims import Claims, Verdict, lead, outcome, told_by
from probe.gallery.excerpt import excerpt
from probe.gallery.options import GalleryOptions
from probe.gallery.sweep import Sweep
from probe.scan.finding import Finding
from probe.scan.findings import Findings

# Characters of the text on the first card of a pattern, five lines, and on the others, to compare.
FIRST, OTHERS = 360, 220


@dataclass(frozen=True)
class Card:
    """One finding as the template shows it.

    Attributes:
        finding: whose evidence it is.
        outcome: what that came to, in the words of :class:`~probe.gallery.claims.Verdict`.
        address: fragment of the unit's own page.
        excerpt: range of the passage that is shown.
        text: the characters in it.
        index: of the card among those of the page.
    """

    finding: Finding
    outcome: str
    address: str
    excerpt: tuple[int, int]
    text: str
    index: int

    @property
    def order(self) -> dict[str, float | None]:
        """By which numbers cards are sorted, the largest first; None where one does not exist."""
        numbers = {"lead": lead(self.finding), "correlation": abs(told_by(self.finding)),
                   "p": -self.finding.chance.family, "unit": -float(self.finding.unit)}
        return {name: number if np.isfinite(number) else None for name, number in numbers.items()}


@dataclass(frozen=True)
class Group:
    """The cards of one pattern by rank, the verdict on it, and its ``index`` among the patterns."""

    verdict: Verdict
    cards: tuple[Card, ...]
    index: int


def groups(findings: Findings, made: Claims, sweep: Sweep, options: GalleryOptions) -> list[Group]:
    """Return the groups of a page, the strongest verdict first, then the largest lead over the n-grams."""
    columns = {note.name: column for column, note in enumerate(findings.patterns)}
    found: Mapping[str, list[Finding]] = {name: [] for name in columns}
    for finding in findings.findings:
        if len(found[finding.pattern]) < options.units:
            found[finding.pattern].append(finding)
    made_groups: list[Group] = []
    count = 0
    for verdict in made.verdicts:
        column = columns[verdict.note.name]
        cards: list[Card] = []
        for finding in found[verdict.note.name]:
            start, stop = excerpt_of(findings, finding, min(OTHERS if cards else FIRST, options.excerpt))
            address = sweep.address(finding.layer, finding.signal, finding.unit)
            text = findings.passages[finding.passage].text[start:stop]
            cards.append(Card(finding, outcome(finding), address, (start, stop), text, count))
            count += 1
        if cards:
            made_groups.append(Group(verdict, tuple(cards), column))
    return made_groups


def excerpt_of(findings: Findings, finding: Finding, length: int) -> tuple[int, int]:
    """Return the range of its passage, of about ``length`` characters, in which a finding is shown first."""
    column = next(column for column, note in enumerate(findings.patterns) if note.name == finding.pattern)
    passage = findings.passages[finding.passage]
    return excerpt(passage.text, passage.labels[:, column], length)


def specimen(finding: Finding, shown: tuple[int, int], sweep: Sweep, pattern: int) -> dict[str, Any]:
    """Return what the script must know to colour a part of a passage by the unit of a finding."""
    source, place = sweep.place(finding.layer, finding.signal, finding.unit)
    return {"source": source, "place": place, "pattern": pattern, "passage": finding.passage,
            "from": shown[0], "to": shown[1]}
