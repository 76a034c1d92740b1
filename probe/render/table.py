"""Plain tables for terminals: aligned columns, no lines drawn."""

import math
from collections.abc import Sequence
from numbers import Integral, Real

from probe.render.graphemes import clusters, columns, visible


def table(headers: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Return ``rows`` under ``headers`` as lines of aligned columns, without a newline at the end.

    A column is set flush right if all its cells are numbers; floats have three decimals, a missing number (NaN or
    None) is a dash. What a terminal would obey rather than show is spelt out.

    Args:
        headers: one word or two a column.
        rows: cells, as many in each row as there are headers.
    """
    cells = [[_cell(value) for value in row] for row in rows]
    heads = [_cell(header) for header in headers]
    widths = [max(map(_columns, column)) for column in zip(heads, *cells, strict=True)]
    flush_right = [all(_numeric(row[place]) for row in rows) for place in range(len(headers))]
    lines = []
    for line in (heads, *cells):
        padded = [
            " " * (width - _columns(cell)) + cell if right else cell + " " * (width - _columns(cell))
            for cell, width, right in zip(line, widths, flush_right, strict=True)
        ]
        lines.append("  ".join(padded).rstrip())
    return "\n".join(lines)


def _numeric(value: object) -> bool:
    return value is None or isinstance(value, Real)


def _cell(value: object) -> str:
    if value is None or (isinstance(value, Real) and math.isnan(value)):
        return "–"
    if isinstance(value, Integral):
        return f"{int(value):,}".replace("-", "−")
    if isinstance(value, Real):
        return f"{float(value):.3f}".replace("-", "−")
    return visible(str(value)).replace("\n", "↵").replace("\t", "→")


def _columns(cell: str) -> int:
    return sum(columns(cell[start:stop]) for start, stop in clusters(cell))
