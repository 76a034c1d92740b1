"""Plain tables for terminals: aligned columns, no lines drawn."""

import math
from collections.abc import Sequence
from numbers import Integral, Real

from probe.render.graphemes import clusters, columns, visible


def table(headers: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Return ``rows`` under ``headers`` as lines of aligned columns, without a newline at the end.

    A column is set flush right if all its cells are numbers; floats have three decimals, a missing number (NaN or
    None) is a dash, an infinite one ∞. What a terminal would obey rather than show is spelt out.

    Args:
        headers: one word or two a column.
        rows: cells, as many in each row as there are headers.
    """
    cells = [[cell(value) for value in row] for row in rows]
    heads = [cell(header) for header in headers]
    widths = [max(map(_columns, column)) for column in zip(heads, *cells, strict=True)]
    flush_right = [all(_numeric(row[place]) for row in rows) for place in range(len(headers))]
    lines = []
    for line in (heads, *cells):
        padded = [
            " " * (width - _columns(shown)) + shown if right else shown + " " * (width - _columns(shown))
            for shown, width, right in zip(line, widths, flush_right, strict=True)
        ]
        lines.append("  ".join(padded).rstrip())
    return "\n".join(lines)


def _numeric(value: object) -> bool:
    return value is None or isinstance(value, Real)


def cell(value: object) -> str:
    """Return one cell as :func:`table` shows it."""
    if value is None or (isinstance(value, Real) and math.isnan(value)):
        return "–"
    if isinstance(value, Integral):
        return f"{int(value):,}".replace("-", "−")
    if isinstance(value, Real):
        shown = "∞" if math.isinf(value) else f"{abs(float(value)):,.3f}"
        return f"{'−' if value < 0 else ''}{shown}"
    return visible(str(value)).replace("\n", "↵").replace("\t", "→")


def _columns(shown: str) -> int:
    return sum(columns(shown[start:stop]) for start, stop in clusters(shown))
