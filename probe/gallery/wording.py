"""Names and numbers as the page writes them."""

import math
from collections.abc import Sequence

from probe.render.bounds import bounds_of
from probe.scan.evidence import ALPHA, Chance, Interval
from probe.scan.finding import Finding, PatternNote

# Below this a unit explains less than a twenty-fifth of a pattern's variance: it goes with it a little, no more.
FAINT = 0.2
# Names of patterns in one sentence; of more their number is told.
MOST = 6
FIELDS = {"auc": "AUC", "cohens_d": "Cohen's d", "f1": "F1", "iou": "IoU"}
COUNTS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


# What evidence can come to, the strongest claim first; the words of :class:`probe.gallery.claims.Verdict`.
HEADINGS = {
    "stands": "beyond what the last characters explain",
    "unsettled": "lead over the last characters not settled",
    "explained": "explained by the last characters",
    "chance": "not told from chance",
    "short": "text too short to test against chance",
    "untested": "not tested against chance",
    "open": "too rare in these texts",
}


def words(name: str) -> str:
    """Return the name of a pattern, or of anything else, as words; names such as ``_x`` stay as they are."""
    plain = name.replace("_", " ")
    return plain if plain and plain == plain.strip() else name or "(no name)"


def field(name: str) -> str:
    """Return the name of a measure's field as words: ``F1 threshold``."""
    measure, mark, rest = name.rpartition("_") if name not in FIELDS else ("", "", name)
    return f"{FIELDS[measure]} {rest}" if mark and measure in FIELDS else FIELDS.get(name, words(name))


def number(value: float, decimals: int = 2) -> str:
    """Return ``value`` with ``decimals`` decimals and a true minus sign; a dash if it does not exist."""
    if not math.isfinite(value):
        return "–"
    rounded = f"{abs(value):.{decimals}f}"
    return f"−{rounded}" if value < 0 and float(rounded) else rounded


def counted(many: int, name: str = "") -> str:
    """Return a number of things, in a word up to twelve: ``three units``."""
    told = COUNTS[many] if many < len(COUNTS) else f"{many:,}"
    return f"{told} {name}{'' if many == 1 else 's'}" if name else told


def between(interval: Interval) -> str:
    """Return the ends of an interval, or why there is none."""
    if interval:
        return f"{number(interval.low)} to {number(interval.high)}"
    return f"too short: {interval.blocks} block{'' if interval.blocks == 1 else 's'}" if interval.blocks else "–"


def probability(p: float) -> str:
    """Return a p-value; a dash if none was computed."""
    if not math.isfinite(p):
        return "–"
    return f"{p:.3f}" if p >= 0.0005 else "below 0.001"


def corrected(chance: Chance) -> str:
    """Return the p-value over all units and patterns as a table has it: ``≤0.031`` where no shift did as well, ``too
    short`` where no text of this length could tell, a dash if none was computed."""
    if not math.isfinite(chance.family):
        return "–"
    if chance.floor > ALPHA:
        return "too short"
    told = probability(chance.family)
    return f"≤{told}" if chance.family <= chance.floor and told[0].isdigit() else told


def in_a_sentence(p: float, floor: float) -> str:
    """Return a p-value; ``at most 0.031`` where it is the least that the shifts of the labels can give."""
    told = probability(p)
    return f"at most {told}" if p <= floor and told[0].isdigit() else told


def reached(chance: Chance) -> str:
    """Return the corrected p of a unit with what it is: ``p 0.002 over all units and patterns``."""
    if not math.isfinite(chance.family):
        return "not tested"
    if chance.floor > ALPHA:
        return "too short a text to test"
    return f"p {in_a_sentence(chance.family, chance.floor)} over all units and patterns"


def last_characters(order: int) -> str:
    """Return what an n-gram of this order looks at."""
    return "the last character" if order == 1 else f"the last {counted(order)} characters"


def listed(notes: Sequence[PatternNote]) -> str:
    """Return the names of patterns as a list in a sentence; the first six of many."""
    names = [words(note.name) for note in notes]
    if len(names) > MOST + 1:
        names = [*names[:MOST], f"{counted(len(names) - MOST)} more"]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def behaviour(finding: Finding, note: PatternNote) -> str:
    """Return what the unit does, as the verb of a sentence: ``turns on inside quotes``."""
    return _does(finding, note, "turns off", "turns on")


def plainly(finding: Finding, note: PatternNote) -> str:
    """Return what the number that a unit is does, to a reader who knows none of these words: ``goes up inside
    quotes``."""
    return _does(finding, note, "goes down", "goes up")


def _does(finding: Finding, note: PatternNote, off: str, on: str) -> str:
    r, name = finding.confirmation.correlation, words(note.name)
    little = "a little " if abs(r) < FAINT else ""
    if note.kind == "graded":
        return f"{'falls' if r < 0 else 'rises'} {little}with “{name}”"
    # What has no bounds is never off.
    switched = not little and bounds_of(finding.signal).finite
    verb = (off if r < 0 else on) if switched else f"is {little}{'lower' if r < 0 else 'higher'}"
    return f"{verb} {name}" if name.startswith("inside ") else f"{verb} at “{name}”"


def text_of(finding: Finding) -> str:
    """Return which text the correlation is of by which a finding is told, as the end of a sentence."""
    if finding.confirmation.fields:
        return "on text that had no part in choosing it"
    return "on the text on which it was chosen, and tried on no other"
