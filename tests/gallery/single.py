"""Findings of one unit each, with just the evidence that a test asks for."""

from dataclasses import replace

import numpy as np

from probe.scan.evidence import Chance, Interval, Scores, Untrained
from probe.scan.finding import Finding, PatternNote
from probe.scan.findings import Findings
from tests.gallery.simulation import packed

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


def small_findings(run: str = "fox") -> Findings:
    """Findings made in a moment, which can be kept and shown: one unit, one pattern, one passage."""
    text, chance = f"The {run} sat on the mat. " * 20, np.random.default_rng(0)
    starts = [[float(not place or text[place - 1] == " ")] for place in range(len(text))]
    passage = packed(text, np.array(starts, np.float32), chance.uniform(-1, 1, (len(text), 8)).astype(np.float32))
    measures = {f"{name}/correlation": chance.uniform(-1, 1, (8, 1)) for name in ("selection", "confirmation")}
    return replace(findings_of(finding_of(layer="1")), units={("1", "hidden"): tuple(range(8))}, passages=(passage,),
                   measures=measures, controls={"ngram_1/correlation": np.zeros(1)},
                   provenance={"corpus": {"name": "cat.txt", "characters": len(text)}, "seed": 1, "run": run})
