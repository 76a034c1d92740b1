"""What findings allow to say, and no more: which patterns have a unit that beats the last character alone."""

import math
from dataclasses import dataclass

import numpy as np

from probe.scan.finding import Finding, PatternNote
from probe.scan.findings import Findings

# The idea that every reader can check by eye; it opens the page wherever it was found well.
FAMILIAR = "inside_quotes"
FOUND_WELL = 0.5
# Below this a unit explains less than a twenty-fifth of a pattern's variance: nobody would say that it follows it.
FAINT = 0.2


@dataclass(frozen=True)
class Verdict:
    """What the best unit of one pattern came to.

    Attributes:
        note: the pattern.
        finding: the unit ranked first on the selection text; None if no unit could be ranked.
        outcome: compares magnitudes of correlation on the confirmation text. ``"falls"``: a prediction from the last
            character alone reaches as much as the unit; ``"faint"``: it does not, but the unit is below 0.2 or has
            another sign than on the selection text; ``"stands"``: neither; ``"open"``: one of the correlations does
            not exist, as where the pattern never occurs.
    """

    note: PatternNote
    finding: Finding | None
    outcome: str

    @property
    def margin(self) -> float:
        """By how much the unit's correlation exceeds the control's in magnitude; −1 if that cannot be said."""
        if self.finding is None or self.outcome == "open":
            return -1.0
        return abs(self.finding.confirmation.correlation) - abs(self.finding.last_character.correlation)


@dataclass(frozen=True)
class Claims:
    """The verdicts on all patterns, and what is told first.

    Attributes:
        units: units scanned, over all layers and signals.
        stand, fall, faint, open: verdicts by outcome; those that stand are ordered by margin, the largest first.
        clearest: the verdict that opens the page; None if none stands.
    """

    units: int
    stand: tuple[Verdict, ...]
    fall: tuple[Verdict, ...]
    faint: tuple[Verdict, ...]
    open: tuple[Verdict, ...]
    clearest: Verdict | None


def claims(findings: Findings) -> Claims:
    """Return what ``findings`` allow to say."""
    first = {finding.pattern: finding for finding in findings.findings if finding.rank == 1}
    verdicts = [Verdict(note, first.get(note.name), _outcome(first.get(note.name))) for note in findings.patterns]

    def with_outcome(outcome: str) -> tuple[Verdict, ...]:
        return tuple(verdict for verdict in verdicts if verdict.outcome == outcome)

    stand = sorted(with_outcome("stands"), key=lambda verdict: verdict.margin, reverse=True)
    return Claims(sum(map(len, findings.units.values())), tuple(stand), with_outcome("falls"), with_outcome("faint"),
                  with_outcome("open"), _clearest(stand))


def overview(findings: Findings) -> str:
    """Return what was found and what was not, in a few plain sentences."""
    return " ".join(sentences(claims(findings)))


def sentences(made: Claims) -> list[str]:
    """Return the claims as sentences: count, clearest unit, what the last character explains, what stays open."""
    judged = len(made.stand) + len(made.fall) + len(made.faint)
    many = f"{made.units:,} unit{'s' if made.units != 1 else ''}"
    if judged == 0:
        return [f"Nothing can be said of {many}: no pattern occurs often enough in these texts."]
    told = [
        f"Among {many} there is, for {f'{len(made.stand)} of ' if made.stand else ''}{judged} "
        f"pattern{'s' if judged != 1 else ''}, {'one' if made.stand else 'none'} that follows the pattern more closely "
        "than a prediction from the last character alone, on text that had no part in choosing it."
    ]
    if made.clearest is not None and made.clearest.finding is not None:
        finding = made.clearest.finding
        told.append(
            f"The clearest: unit {finding.label} {behaviour(made.clearest)}, with a correlation of "
            f"{number(finding.confirmation.correlation)}, where the last character alone reaches "
            f"{number(abs(finding.last_character.correlation))}."
        )
    if made.fall:
        told.append(f"The last character alone does as well or better for {listed([v.note for v in made.fall])}.")
    if made.faint:
        told.append(f"No unit comes near {listed([v.note for v in made.faint])}.")
    if made.open:
        told.append(f"Nothing can be said of {listed([v.note for v in made.open])}: too rare in these texts.")
    return told


def behaviour(verdict: Verdict) -> str:
    """Return what the unit does, as the verb of a sentence: ``turns on inside quotes``."""
    sign = verdict.finding.confirmation.correlation if verdict.finding else math.nan
    name = words(verdict.note.name)
    if verdict.note.kind == "graded":
        return f"{'rises' if sign >= 0 else 'falls'} with “{name}”"
    direction = "turns on" if sign >= 0 else "turns off"
    return f"{direction} {name}" if name.startswith("inside ") else f"{direction} at “{name}”"


def words(name: str) -> str:
    """Return a pattern's name as words."""
    return name.replace("_", " ")


def number(value: float) -> str:
    """Return ``value`` with two decimals and a true minus sign; a dash if it does not exist."""
    return "–" if not np.isfinite(value) else f"{value:.2f}".replace("-", "−")


def listed(notes: list[PatternNote]) -> str:
    """Return the names of patterns as a list in a sentence."""
    names = [words(note.name) for note in notes]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _outcome(finding: Finding | None) -> str:
    if finding is None:
        return "open"
    chosen, confirmed = finding.selection.correlation, finding.confirmation.correlation
    control = finding.last_character.correlation
    if not np.isfinite([chosen, confirmed, control]).all():
        return "open"
    if abs(confirmed) <= abs(control):
        return "falls"
    return "stands" if chosen * confirmed > 0 and abs(confirmed) >= FAINT else "faint"


def _clearest(stand: list[Verdict]) -> Verdict | None:
    for verdict in stand:
        finding = verdict.finding
        if verdict.note.name == FAMILIAR and finding and abs(finding.confirmation.correlation) >= FOUND_WELL:
            return verdict
    boolean = [verdict for verdict in stand if verdict.note.kind == "boolean"]
    return next(iter(boolean or stand), None)
