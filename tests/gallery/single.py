"""Findings of one unit each, with just the evidence that a test asks for."""

from probe.scan.evidence import Chance, Interval, Scores, Untrained
from probe.scan.finding import Finding, PatternNote
from probe.scan.findings import Findings

NAN = float("nan")
LIKELY, UNLIKELY, UNTESTED = Chance(0.2, 0.001, 0.4), Chance(0.001, 0.001, 0.02), Chance()
FLOORED = Chance(0.0625, 0.0625, 0.0625)
LEAD, NO_LEAD, WITHIN = Interval(0.2, 0.4, 30), Interval(-0.3, -0.1, 30), Interval(-0.1, 0.2, 30)
SHORT, NONE = Interval(blocks=6), Interval()
TAUGHT, UNTAUGHT, FEW = Untrained(0.5, 0.2, 19, 900), Untrained(0.5, 0.6, 19, 900), Untrained(0.5, 0.2, 3, 900)


def finding_of(pattern: str = "word_start", *, chosen: float = 0.6, confirmed: float = 0.5,
               ngrams: tuple[float, ...] = (0.1, 0.3, 0.2), unit: int = 0, rank: int = 1, chance: Chance = UNLIKELY,
               margin: Interval = LEAD, untrained: Untrained = TAUGHT, layer: str = "2") -> Finding:
    return Finding(pattern, rank, layer, "hidden", unit, Scores.of(correlation=chosen),
                   Scores.of(correlation=confirmed), 0, interval=Interval(0.4, 0.6, 30), chance=chance, margin=margin,
                   untrained=untrained, ngrams=tuple(Scores.of(correlation=r) for r in ngrams))


def findings_of(*findings: Finding, graded: tuple[str, ...] = (), absent: tuple[str, ...] = ()) -> Findings:
    names = dict.fromkeys([*(finding.pattern for finding in findings), *absent])
    notes = tuple(PatternNote(name, "", "group", "graded" if name in graded else "boolean") for name in names)
    units = {("1", "hidden"): range(8), ("2", "hidden"): range(8), ("2", "cell"): range(8)}
    return Findings(notes, units, findings, {}, {}, (), {})
