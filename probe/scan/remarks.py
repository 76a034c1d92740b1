"""What a table of findings does not show, in lines below it."""

from collections.abc import Sequence

from probe.render.graphemes import visible
from probe.scan.evidence import FEWEST_TWINS
from probe.scan.finding import CLAIMS, Finding

UNRANKED = ("no unit could be ranked (absent from the selection text, or the same at every character, or no unit "
            "varies)")
# Lines on units that are not shown.
MOST = 3


def remarks(findings: Sequence[Finding], shown: Sequence[Finding], how: str) -> list[str]:
    """Return lines to stand below a table: units that bear more than those shown, and twins too few to claim by.

    Args:
        findings: all there are, by pattern and rank.
        shown: those in the table, the patterns in its order.
        how: the option that shows more of a pattern, to which their number is added.
    """
    return [*_bearing_more(findings, shown, how), *_few_twins(shown)]


def why_none(findings: Sequence[Finding], pattern: str | None, layer: str | None, signal: str | None,
             status: str | None) -> str:
    """Return why no finding meets conditions, as :meth:`~probe.scan.Findings.only` takes them."""
    if pattern is not None:
        findings = [each for each in findings if each.pattern == pattern]
        if not findings:
            return f"{UNRANKED}: {visible(pattern)}"
    of = f" of {visible(pattern)}" if pattern is not None else ""
    for kind, value in (("layer", layer), ("signal", signal)):
        if value is not None:
            left = [each for each in findings if getattr(each, kind) == value]
            if not left:
                return f"none of {len(findings):,} findings{of} is of {kind} {visible(value)}"
            findings, of = left, f"{of} of {kind} {visible(value)}"
    if status is None:
        return f"{UNRANKED}, of any pattern"
    few = _few_twins(findings) if status == CLAIMS[-1] else []
    return "; ".join([f"none of {len(findings):,} findings{of} bears the claim '{status}'", *few])


def _bearing_more(findings: Sequence[Finding], shown: Sequence[Finding], how: str) -> list[str]:
    """A line for each unit that bears more claims than those shown of its pattern, with all patterns where it does."""
    places: dict[tuple[str, int, str, int], list[str]] = {}
    for pattern in dict.fromkeys(each.pattern for each in shown):
        most = max(len(each.status) for each in shown if each.pattern == pattern)
        ranked = [each for each in findings if each.pattern == pattern]
        best = max(ranked, key=lambda each: len(each.status))  # the first of several
        if len(best.status) > most:
            line = best.label, best.rank, best.verdict, ranked.index(best) + 1
            places.setdefault(line, []).append(visible(pattern))
    lines = [f"{label} (rank {rank} for {', '.join(patterns)}) bears more: {verdict}; {how} {place} shows it"
             for (label, rank, verdict, place), patterns in places.items()]
    return lines[:MOST] + ([f"and {len(lines) - MOST} more"] if len(lines) > MOST else [])


def _few_twins(shown: Sequence[Finding]) -> list[str]:
    twins = max((each.untrained.twins for each in shown), default=0)
    if not 0 < twins < FEWEST_TWINS:
        return []
    return [f"{twins} untrained {'twin is' if twins == 1 else 'twins are'} too few to call anything learned: that "
            f"takes {FEWEST_TWINS}"]
