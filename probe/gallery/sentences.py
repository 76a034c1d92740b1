"""The claims of a page in plain sentences."""

import math

from probe.gallery.claims import Claims, Verdict, claims, told_by
from probe.gallery.wording import behaviour, between, counted, last_characters, listed, number, reached, text_of, words
from probe.scan.finding import Finding
from probe.scan.findings import Findings

# What is said of the patterns that came to each outcome: of one, and of several.
REMAINING = {
    "unsettled": ("is not settled", "are not settled"),
    "explained": ("is told as well by the last characters alone", "are told as well by the last characters alone"),
    "chance": ("is not told from chance", "are not told from chance"),
    "untested": ("was not tested", "were not tested"),
    "open": ("is too rare to say", "are too rare to say"),
}


def overview(findings: Findings) -> str:
    """Return what was found and what was not, in a few plain sentences."""
    made = claims(findings)
    return " ".join([summary(made), *sentences(made)])


def headline(made: Claims) -> str:
    """Return the one line that opens the page."""
    clearest = made.clearest
    finding = clearest.finding if clearest else None
    if clearest is None or finding is None:
        if not made.of("explained", "chance"):
            return "Nothing to be said of these texts"
        if made.of("explained"):
            first = " ranked first" if made.following else ""
            return f"No unit{first} is shown to know more than {last_characters(made.orders)}"
        return "No unit was told from chance"
    if clearest.outcome == "untested":
        return f"Unit {finding.label} ranks first for “{words(clearest.note.name)}”"
    return f"Unit {finding.label} {behaviour(finding, clearest.note)}".replace("turns ", "turns\u00a0")


def summary(made: Claims) -> str:
    """Return how many units follow an idea that n-grams cannot explain, and whether training taught them."""
    many = f"{made.units:,} unit{'s' if made.units != 1 else ''}"
    if not made.of("stands", "unsettled", "explained", "chance"):
        if made.of("untested"):
            return f"Each pattern has its best of {many} here; whether chance explains it was not tested."
        return f"Nothing can be said of {many}: no pattern occurs often enough in these texts."
    if not made.orders:
        return f"Of {many}, none was compared with what the last characters tell."
    follow = "follows" if made.following == 1 else "follow"
    told = f"{made.following:,} {follow}" if made.following else "none is shown to follow"
    said = f"Of {many}, {told} an idea that {last_characters(made.orders)} cannot explain"
    if made.following:
        return f"{said}. {_of_training(made)}"
    if made.clearest and made.clearest.finding and made.clearest.outcome == "unsettled":
        return f"{said}; of unit {made.clearest.finding.label} this text is too short to tell."
    return f"{said}."


def remainder(made: Claims) -> str:
    """Return what became of the patterns that no unit is shown to follow, in one sentence; nothing if none is left."""
    left = [(len(made.of(outcome)), endings) for outcome, endings in REMAINING.items() if made.of(outcome)]
    told = [f"{counted(many)} {endings[many > 1]}" for many, endings in left]
    if not told:
        return ""
    return f"Of {counted(len(made.verdicts), 'idea')} tried, {told[0] if len(told) == 1 else _enumerated(told)}."


def sentences(made: Claims) -> list[str]:
    """Return what follows on the summary: the clearest unit, and what was not settled, not found or not tested."""
    told = []
    if made.clearest is not None and made.clearest.finding is not None:
        told.append(_of_the_clearest(made.clearest, made.clearest.finding))
    endings = {
        "unsettled": "Beyond chance, but the text kept for confirmation is too short to settle whether the last "
                     "characters explain it, for {}." if made.orders else
                     "Beyond chance, but not compared with what the last characters explain, for {}.",
        "explained": "The last characters do as well, or better, for {}.",
        "chance": "No unit was told from chance for {}.",
        "untested": "Not tested against chance: {}.",
        "open": "Nothing can be said of {}: too rare in these texts.",
    }
    for outcome, ending in endings.items():
        verdicts = made.of(outcome)
        if verdicts and not (outcome == "untested" and made.clearest and made.clearest.outcome == "untested"):
            told.append(ending.format(listed([verdict.note for verdict in verdicts])))
    return told


def _of_the_clearest(verdict: Verdict, finding: Finding) -> str:
    strength = told_by(finding)
    if verdict.outcome == "untested":
        return (f"The strongest: unit {finding.label}, with a correlation of {number(strength)} "
                f"with “{words(verdict.note.name)}” {text_of(finding)}{_controls(finding)}.")
    opening = "The clearest" if verdict.outcome == "stands" else "The nearest to it"
    span = f" ({between(finding.interval)})" if finding.interval else ""
    return (f"{opening}: unit {finding.label} {behaviour(finding, verdict.note)}, with a correlation of "
            f"{number(strength)}{span} on text that had no part in choosing it, "
            f"{reached(finding.chance)}{_controls(finding)}.")


def _controls(finding: Finding) -> str:
    """Return what weaker explanations reach, as the end of a sentence; nothing if none was tried."""
    told = []
    if finding.ngrams and not math.isnan(finding.best_ngram.correlation):
        told.append(f"the best guess from {last_characters(len(finding.ngrams))} reaches "
                    f"{number(abs(finding.best_ngram.correlation))}")
    if finding.untrained.twins and not math.isnan(finding.untrained.best):
        told.append(f"the best unit of {counted(finding.untrained.twins, 'untrained network')} "
                    f"{number(finding.untrained.best)}")
    return f", where {' and '.join(told)}" if told else ""


def _of_training(made: Claims) -> str:
    if made.learned is None:
        return f"Whether training taught {'it' if made.following == 1 else 'them'} this was not tested."
    if made.following == 1:
        told = "It does" if made.learned else "It does not do"
    else:
        of_them = {0: "None", made.following: "All"}.get(made.learned, f"{made.learned:,}")
        told = f"{of_them} of them {'do' if made.learned > 1 else 'does'}"
    return f"{told} so better than every unit of {counted(made.twins, 'untrained network')}."


def _enumerated(told: list[str]) -> str:
    return f"{', '.join(told[:-1])} and {told[-1]}"
