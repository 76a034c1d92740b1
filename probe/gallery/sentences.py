"""The claims of a page in plain sentences."""

import math

from probe.gallery.claims import SAID, UNJUDGED, Claims, Verdict, claims, told_by
from probe.gallery.wording import (
    behaviour,
    between,
    counted,
    last_characters,
    listed,
    number,
    plainly,
    reached,
    text_of,
    words,
)
from probe.scan.finding import Finding
from probe.scan.findings import Findings

# What is said of the patterns that came to each outcome: of one, and of several. All of them, so that counts add up.
REMAINING = {
    "stands": ("is told by a unit better than by the last characters", "are told by units better than by the last "
               "characters"),
    "unsettled": ("is not settled", "are not settled"),
    "explained": ("is told as well by the last characters alone", "are told as well by the last characters alone"),
    "chance": ("is not told from chance", "are not told from chance"),
    "short": ("needs a longer text to be tested", "need a longer text to be tested"),
    "untested": ("was not tested", "were not tested"),
    "open": ("is too rare in these texts", "are too rare in these texts"),
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
    if clearest.outcome in UNJUDGED:
        return f"Unit {finding.label} ranks first for “{words(clearest.note.name)}”"
    return f"Unit {finding.label} {behaviour(finding, clearest.note)}".replace("turns ", "turns\u00a0")


def plain(made: Claims) -> str:
    """Return what the unit that opens the page is and does, for a reader who knows no word of this; nothing if chance
    does as well."""
    clearest = made.clearest
    if clearest is None or clearest.finding is None or clearest.outcome not in SAID:
        return ""
    return (f"{clearest.finding.label} is one number in a neural network that reads text character by character. It "
            f"{plainly(clearest.finding, clearest.note)}.")


def summary(made: Claims) -> str:
    """Return how many units tell an idea better than n-grams do, and whether untrained networks have such units."""
    many = f"{made.units:,} unit{'s' if made.units != 1 else ''}"
    if not made.of("stands", "unsettled", "explained", "chance"):
        if made.of("untested"):
            return f"Each pattern has its best of {many} here; whether chance explains it was not tested."
        if made.of("short"):
            return f"Each pattern has its best of {many} here; the text is too short to test it against chance."
        return f"Nothing can be said of {many}: no pattern occurs often enough in these texts."
    if not made.orders:
        return f"Of {many}, none was compared with what the last characters tell."
    than = f"better than {last_characters(made.orders)} alone"
    if made.following:
        tell = "tells" if made.following == 1 else "tell"
        return f"At least {made.following:,} of {many} {tell} an idea {than}. {_of_training(made)}"
    said = f"Of {many}, none is shown to tell an idea {than}"
    if made.clearest and made.clearest.finding and made.clearest.outcome == "unsettled":
        return f"{said}; of unit {made.clearest.finding.label} this text is too short to tell."
    return f"{said}."


def remainder(made: Claims) -> str:
    """Return what became of all patterns, in one sentence; nothing if there is a unit for each."""
    left = [(len(made.of(outcome)), endings) for outcome, endings in REMAINING.items() if made.of(outcome)]
    if not left or len(made.of("stands")) == len(made.verdicts):
        return ""
    told = [f"{counted(many)} {endings[many > 1]}" for many, endings in left]
    return f"Of {counted(len(made.verdicts), 'idea')} tried, {told[0] if len(told) == 1 else _enumerated(told)}."


def sentences(made: Claims) -> list[str]:
    """Return what follows on the summary: the clearest unit, and what was not settled, not found or not tested."""
    told: list[str] = []
    if made.clearest is not None and made.clearest.finding is not None:
        told.append(_of_the_clearest(made.clearest, made.clearest.finding))
    told += [f"The same units tell {listed(notes)}." for notes in made.shared]
    endings = {
        "unsettled": "Beyond chance, but the text kept for confirmation is too short to settle whether the last "
                     "characters explain it, for {}." if made.orders else
                     "Beyond chance, but not compared with what the last characters explain, for {}.",
        "explained": "The last characters do as well, or better, for {}.",
        "chance": "No unit was told from chance for {}.",
        "short": "The text is too short to test against chance: {}.",
        "untested": "Not tested against chance: {}.",
        "open": "Nothing can be said of {}: too rare in these texts.",
    }
    for outcome, ending in endings.items():
        verdicts = made.of(outcome)
        if verdicts and not (outcome in UNJUDGED and made.clearest and made.clearest.outcome == outcome):
            told.append(ending.format(listed([verdict.note for verdict in verdicts])))
    return told


def _of_the_clearest(verdict: Verdict, finding: Finding) -> str:
    strength = told_by(finding)
    if verdict.outcome in UNJUDGED:
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
        return "Whether untrained networks have such units was not tested."
    if made.following == 1:
        told = "It does" if made.learned else "It does not do"
    else:
        of_them = {0: "None", made.following: "All"}.get(made.learned, f"{made.learned:,}")
        told = f"{of_them} of them {'do' if made.learned > 1 else 'does'}"
    return f"{told} so better than every unit of {counted(made.twins, 'untrained network')}."


def _enumerated(told: list[str]) -> str:
    return f"{', '.join(told[:-1])} and {told[-1]}"
