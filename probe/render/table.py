"""Plain tables for terminals: aligned columns, no lines drawn."""

import math
from collections.abc import Sequence
from numbers import Integral, Real

from probe.render.graphemes import visible
from probe.render.wrapping import width_of, wrapped

GAP = "  "


def table(headers: Sequence[str], rows: Sequence[Sequence[object]], width: int | None = None) -> str:
    """Return ``rows`` under ``headers`` as lines of aligned columns, without a newline at the end.

    A column is set flush right if all its cells are numbers; floats have three decimals, a missing number (NaN or
    None) is a dash, an infinite one ∞. What a terminal would obey rather than show is spelt out.

    Args:
        headers: one word or two a column.
        rows: cells, as many in each row as there are headers.
        width: columns of the terminal: in a table that is wider, headers are broken at spaces.
    """
    cells = [[cell(value) for value in row] for row in rows]
    heads = [[cell(header)] for header in headers]
    if width is not None and sum(_widths(heads, cells)) + len(GAP) * (len(heads) - 1) > width:
        narrow = [max(map(width_of, [*head[0].split(), *column]), default=0)
                  for head, *column in zip(heads, *cells, strict=True)]
        heads = [wrapped(head[0], most) for head, most in zip(heads, narrow, strict=True)]
        tallest = max(map(len, heads), default=0)
        heads = [[""] * (tallest - len(head)) + head for head in heads]
    widths = _widths(heads, cells)
    flush_right = [all(numeric(row[place]) for row in rows) for place in range(len(headers))]
    lines = []
    for line in (*zip(*heads, strict=True), *cells):
        padded = [
            " " * (wide - width_of(shown)) + shown if right else shown + " " * (wide - width_of(shown))
            for shown, wide, right in zip(line, widths, flush_right, strict=True)
        ]
        lines.append(GAP.join(padded).rstrip())
    return "\n".join(lines)


def _widths(heads: Sequence[Sequence[str]], cells: Sequence[Sequence[str]]) -> list[int]:
    return [max(map(width_of, [*head, *column])) for head, *column in zip(heads, *cells, strict=True)]


def numeric(value: object) -> bool:
    """Return whether a cell is a number, or would hold one."""
    return value is None or isinstance(value, Real)


def cell(value: object) -> str:
    """Return one cell as :func:`table` shows it."""
    if value is None or (isinstance(value, Real) and math.isnan(value)):
        return "–"
    if isinstance(value, Integral):
        return f"{int(value):,}".replace("-", "−")
    if isinstance(value, Real):
        shown = "∞" if math.isinf(value) else f"{abs(float(value)):,.3f}"
        return f"{'−' if round(float(value), 3) < 0 else ''}{shown}"
    return visible(str(value)).replace("\n", "↵").replace("\t", "→")
