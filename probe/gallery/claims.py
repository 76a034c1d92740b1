"""What findings allow to say, and no more: a verdict for each pattern from the evidence for its best unit."""

import math
from dataclasses import dataclass

from probe.scan.finding import Finding, PatternNote
from probe.scan.findings import Findings

# The idea that every reader can check by eye; it opens the page wherever it was found well.
FAMILIAR = "inside_quotes"
FOUND_WELL = 0.5

# From the strongest claim to none.
OUTCOMES = ("stands", "unsettled", "explained", "chance", "short", "untested", "open")
# Outcomes of patterns that can open a page, the best first.
SHOWABLE = ("stands", "unsettled", "short", "untested")
# Outcomes of which chance was not asked, or could not be.
UNJUDGED = ("short", "untested")
# Outcomes that let a page say what a unit does: it beats chance.
SAID = ("stands", "unsettled", "explained")


@dataclass(frozen=True)
class Verdict:
    """What the best unit of one pattern came to.

    Attributes:
        note: the pattern.
        finding: the unit ranked first on the selection text; None if no unit could be ranked.
        outcome: ``"stands"``: it beats chance, and the best n-gram by more than the error of that lead;
            ``"unsettled"``: it beats chance and leads the n-grams, but the lead may be error, or the text is too short
            to say, or no n-gram was tried; ``"explained"``: it beats chance, and the best n-gram does as well;
            ``"chance"``: it was not told from chance, or has another sign than on the selection text; ``"short"``: the
            text is so short that nothing on it can be told from chance; ``"untested"``: the null was not computed;
            ``"open"``: a correlation does not exist, as where the pattern never occurs.
    """

    note: PatternNote
    finding: Finding | None
    outcome: str

    @property
    def lead(self) -> float:
        """The :func:`lead` of the unit; −1 if nothing can be said of it."""
        return -1.0 if self.finding is None or self.outcome == "open" else lead(self.finding)


@dataclass(frozen=True)
class Claims:
    """The verdicts on all patterns, and what is told first.

    Attributes:
        units: cells scanned, each counted once however many of its signals were.
        kept: units kept of each pattern, the most of any.
        following: cells with a finding, of whatever rank, that beats chance and the n-grams.
        learned: those of them whose finding also exceeds the untrained twins; None if that was tested of none.
        orders: the longest n-gram tried, in characters; 0 if none was.
        twins: untrained networks that a finding was compared with.
        shared: groups of patterns that stand by the very same cells.
        verdicts: one a pattern, in the order of :data:`OUTCOMES`, and of one outcome by lead, the largest first.
        clearest: the verdict that opens the page: one that stands, else one that is unsettled, else one of which chance
            was not asked; None if there is none of these.
    """

    units: int
    kept: int
    following: int
    learned: int | None
    orders: int
    twins: int
    shared: tuple[tuple[PatternNote, ...], ...]
    verdicts: tuple[Verdict, ...]
    clearest: Verdict | None

    def of(self, *outcomes: str) -> tuple[Verdict, ...]:
        """Return the verdicts with one of these outcomes."""
        return tuple(verdict for verdict in self.verdicts if verdict.outcome in outcomes)


def claims(findings: Findings) -> Claims:
    """Return what ``findings`` allow to say."""
    first = {finding.pattern: finding for finding in findings.findings if finding.rank == 1}
    verdicts = [Verdict(note, first.get(note.name), outcome(first.get(note.name))) for note in findings.patterns]
    verdicts.sort(key=lambda verdict: (OUTCOMES.index(verdict.outcome), -verdict.lead))
    standing = [finding for finding in findings.findings if outcome(finding) == "stands"]
    compared = any(finding.claims["learned"] is not None for finding in standing)
    return Claims(
        units=len({(layer, unit) for (layer, _), indices in findings.units.items() for unit in indices}),
        kept=max((finding.rank for finding in findings.findings), default=0),
        following=_cells(standing),
        learned=_cells([finding for finding in standing if finding.claims["learned"]]) if compared else None,
        orders=max((len(finding.ngrams) for finding in findings.findings), default=0),
        twins=max((finding.untrained.twins for finding in findings.findings), default=0),
        shared=_shared(verdicts, standing), verdicts=tuple(verdicts), clearest=_clearest(verdicts))


def outcome(finding: Finding | None) -> str:
    """Return what the evidence for a unit came to; the words are those of :class:`Verdict`."""
    if finding is None or math.isnan(finding.selection.correlation * told_by(finding)):
        return "open"
    associated = finding.claims["associated"]
    if associated is None:
        return "untested" if math.isnan(finding.chance.family) else "short"
    if not associated:
        return "chance"
    return "stands" if finding.claims["beyond n-grams"] else "unsettled" if lead(finding) > 0 else "explained"


def told_by(finding: Finding) -> float:
    """Return the correlation by which a finding is told: that on the confirmation text, or, where nothing was scored
    there at all, as in a first look, that on the text on which it was chosen."""
    return (finding.confirmation if finding.confirmation.fields else finding.selection).correlation


def lead(finding: Finding) -> float:
    """Return by how much a unit's correlation exceeds the best n-gram's in magnitude, or 0 if none was tried."""
    control = finding.best_ngram.correlation
    return abs(told_by(finding)) - (0.0 if math.isnan(control) else abs(control))


def _cells(findings: list[Finding]) -> int:
    return len({(finding.layer, finding.unit) for finding in findings})


def _shared(verdicts: list[Verdict], standing: list[Finding]) -> tuple[tuple[PatternNote, ...], ...]:
    by_cells: dict[frozenset[tuple[str, int]], list[PatternNote]] = {}
    for verdict in verdicts:
        if verdict.outcome == "stands":
            cells = frozenset((each.layer, each.unit) for each in standing if each.pattern == verdict.note.name)
            by_cells.setdefault(cells, []).append(verdict.note)
    return tuple(tuple(notes) for notes in by_cells.values() if len(notes) > 1)


def _clearest(verdicts: list[Verdict]) -> Verdict | None:
    for kind in SHOWABLE:
        among = [(verdict, verdict.finding) for verdict in verdicts if verdict.outcome == kind and verdict.finding]
        # What an untrained network does as well makes a poor opening; yes and no are seen sooner than degrees.
        among.sort(key=lambda each: (each[1].claims["learned"] is False, each[0].note.kind != "boolean"))
        for verdict, finding in among:
            found_well = abs(told_by(finding)) >= FOUND_WELL
            if verdict.note.name == FAMILIAR and found_well and finding.claims["learned"] is not False:
                return verdict
        if among:
            return among[0][0]
    return None
