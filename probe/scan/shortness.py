"""Whether a confirmation text was long enough for what it was to tell."""

import math
from collections.abc import Sequence

from probe.scan.evidence import ALPHA
from probe.scan.findings import Findings
from probe.scan.null.significance import APART
from probe.scan.resampling.bootstrap import FEWEST, TIMES

# As many give a p-value of at most α; a text is cut into a power of two.
ROLLS = 2 ** math.ceil(math.log2(1 / ALPHA))


def shortfall(findings: Findings) -> str | None:
    """Return for how many patterns the confirmation text was too short, and how long a text would do; None if for none.

    An interval needs twenty blocks of ten correlation times τ each, p ≤ 0.05 rolls that are 5 τ apart: 32 of them in
    each part, the power of two that is twenty at least. Where the unit remembers for longer than its pattern, the
    blocks that there were tell how much longer. Where fewer --rolls were asked for, no text is long enough.
    """
    given = findings.provenance
    characters = given["confirmation"]["stop"] - given["confirmation"]["start"]
    parts, cut = given.get("parts", 1), given.get("segments", ROLLS)
    times = findings.controls.get("correlation_time", [math.nan] * len(findings.patterns))
    time = {note.name: float(each) for note, each in zip(findings.patterns, times, strict=True)}
    best = [each for each in findings.findings if each.rank == 1 and math.isfinite(time[each.pattern])]
    # There was a part of a block beside those counted.
    intervals = [(max(FEWEST * TIMES * time[each.pattern], FEWEST * characters / (each.interval.blocks + 0.5)),
                  each.pattern) for each in best if not each.interval and each.interval.blocks < FEWEST]
    asked = given.get("scan", {}).get("rolls", ROLLS)
    rolls = [(max(parts * ROLLS * APART * time[each.pattern], characters * ROLLS / max(1, cut)), each.pattern)
             for each in best if each.chance.floor > ALPHA and asked >= ROLLS]
    told = [_told(wanted, needs, len(best)) for wanted, needs in ((f"p ≤ {ALPHA}", rolls), ("an interval", intervals))
            if needs]
    lines = []
    if told:
        fewer = "fewer --parts, " if parts > 1 and rolls else ""
        lines = [f"the confirmation text, {characters:,} characters, is too short for {' and for '.join(told)}; {fewer}"
                 "a longer text, or a larger test share by 'probe train --splits', tells more"]
    if 0 < asked < ROLLS:
        lines.append(f"p ≤ {ALPHA} takes {ROLLS} --rolls at least, and {asked} were asked for")
    return "; ".join(lines) or None


def _told(wanted: str, needs: Sequence[tuple[float, str]], patterns: int) -> str:
    most, slowest = max(needs)
    digits = 10 ** max(0, math.floor(math.log10(most)) - 1)
    return (f"{wanted} in {len(needs)} of {patterns} patterns ({slowest}, the slowest, needs about "
            f"{math.ceil(most / digits) * digits:,})")
