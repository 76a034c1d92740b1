"""Findings as tables: for the terminal and as CSV."""

import csv
import difflib
import io
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from probe.errors import UserError, quoted
from probe.render import table
from probe.render.graphemes import visible
from probe.scan.evidence import ALPHA, Chance, Interval
from probe.scan.finding import Finding
from probe.scan.measures import MEASURES
from probe.scan.records import flat, plain

HEADERS = ("pattern", "unit", "r ranked", "r held out", "95 % interval", "best n-gram", "untrained", "p", "claims")
# Fields by the names that the table has for them.
NICKNAMES = {"p": "chance_family"}


def summary(findings: Sequence[Finding], width: int | None = None, sort: str | None = None) -> str:
    """Return a table of findings: those that bear most claims first, then the strongest on the confirmation text.

    Args:
        findings: to be shown, of one pattern or of many.
        width: columns of the terminal.
        sort: a field, of which there is a column too; the findings are in its order already.
    """
    if sort is not None and sort not in NICKNAMES:
        rows = [(*summary_cells(finding), flat(finding).get(sort)) for finding in findings]
        return table((*HEADERS, sort), rows, width)
    shown = findings if sort is not None else strongest_first(findings)
    return table(HEADERS, list(map(summary_cells, shown)), width)


def strongest_first(findings: Sequence[Finding]) -> list[Finding]:
    """Return findings by pattern, the pattern whose best finding bears most claims first, then by rank."""
    best: dict[str, tuple[float, ...]] = {}
    for finding in findings:
        best[finding.pattern] = min(best.get(finding.pattern, (math.inf,)), _weight(finding))
    return sorted(findings, key=lambda finding: (best[finding.pattern], finding.pattern, finding.rank))


def in_order(findings: Sequence[Finding], field: str) -> list[Finding]:
    """Return findings in the order of a field of their rows: names by the alphabet, ranks and p-values upwards, units
    by layer and number, all else from the largest magnitude down; those without the field come last.

    Args:
        findings: to be ordered.
        field: of their rows, or a name of :data:`NICKNAMES`.

    Raises:
        UserError: no finding has such a field; the nearest is suggested.
    """
    rows, field = list(map(flat, findings)), NICKNAMES.get(field, field)
    names = dict.fromkeys(name for row in rows for name in row)
    if names and field not in names:
        near = difflib.get_close_matches(field, names, 1, cutoff=0)[0]
        raise UserError(f"no field is called {quoted(field)}; did you mean {near!r}? --json shows them all")
    upwards = field == "rank" or field.endswith(("_p", "_family", "_floor"))

    def place(number: int) -> Any:
        value, layer = rows[number][field], rows[number]["layer"]
        if field == "unit":
            return len(layer), layer, value  # layer 10 comes after layer 2
        return value if upwards or isinstance(value, str) else -abs(value)

    known = [number for number, row in enumerate(rows) if row.get(field) is not None]
    unknown = [number for number, row in enumerate(rows) if row.get(field) is None]
    return [findings[number] for number in sorted(known, key=place) + unknown]


def summary_cells(finding: Finding) -> tuple[object, ...]:
    """Return what :data:`HEADERS` name of a finding."""
    return (finding.pattern, finding.label, finding.selection.correlation, finding.confirmation.correlation,
            _interval(finding.interval), abs(finding.best_ngram.correlation), finding.untrained.best,
            _p(finding.chance), finding.verdict)


def standing(finding: Finding | None) -> dict[str, Any]:
    """Return rank, p over all units and patterns, and claims of a unit, as a table has them; None if it is no finding.
    """
    if finding is None:
        return {"rank": None, "p": None, "status": None}
    return {"rank": finding.rank, "p": plain(finding.chance.family), "status": ", ".join(finding.status)}


def in_columns(names: Iterable[str]) -> list[str]:
    """Return names such as ``"selection/auc"`` in the order of a table's columns: the selection text before the
    confirmation text, fields in the order of the measures, all else by the alphabet."""
    order = list(MEASURES)

    def place(name: str) -> tuple[bool, str, int, str]:
        group, _, field = name.rpartition("/")
        measure = next((order.index(each) for each in order if field == each or field.startswith(f"{each}_")), 0)
        return group != "selection", group, measure, field
    return sorted(names, key=place)


def settled_words(settled: Mapping[str, Any]) -> str:
    """Return what a provenance says of an early end, in a line."""
    known, open_ones = len(settled["patterns"]), settled["open"]
    said = (f"ranked only, on {settled['read']:,} of {settled['of']:,} characters: the best {settled['top']} units are "
            f"settled for {known} of {known + len(open_ones)} patterns; nothing is tested or claimed")
    return said + (f"\nnot settled: {visible(', '.join(open_ones))}" if open_ones else "")


def _weight(finding: Finding) -> tuple[float, ...]:
    strength, ranked = abs(finding.confirmation.correlation), abs(finding.selection.correlation)
    return -len(finding.status), math.inf if math.isnan(strength) else -strength, -ranked


def _interval(interval: Interval) -> str:
    if interval:
        return f"{interval.low:+.2f} … {interval.high:+.2f}".replace("-", "−")
    return "too short" if interval.blocks else "–"


def _p(chance: Chance) -> str:
    if math.isnan(chance.family):
        return "–"
    if chance.floor > ALPHA:
        return "too short"
    smallest = "≤" if chance.family <= chance.floor else ""  # no roll did as well
    return smallest + (f"{chance.family:.3f}" if chance.family >= 0.0005 else f"{chance.family:.1e}")


def csv_text(rows: Sequence[dict[str, Any]]) -> str:
    """Return flat records as CSV, with the names of the first one's fields as its header; half of a character, a lone
    surrogate, is spelt as Python does."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, fieldnames=list(rows[0]) if rows else [])
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode("utf-8", "backslashreplace").decode("utf-8")  # half a character is no UTF-8
