"""The facts of weighted texts as a table, and how their numbers are written."""

import math
import re
from collections.abc import Sequence
from numbers import Real

from probe.render.graphemes import visible
from probe.render.table import cell, numeric
from probe.render.wrapping import cut, width_of

# Columns of a text's first words; below which magnitude three decimals would show nothing.
WORDS, SMALL = 32, 0.0005
_NUMBER = re.compile(r"[<>−]?[0-9][0-9,.]*(e−?[0-9]+)?( %)?")


def percent(share: float) -> str:
    """Return a share in per cent with one decimal; what is nearly nothing or nearly all is told from both."""
    if not share:
        return "0 %"
    if 0 < share < 0.001:
        return "<0.1 %"
    if 0.999 < share <= 1:
        return ">99.9 %"
    return f"{share:.1%}".replace("%", " %").replace("-", "−")


def written(values: Sequence[object]) -> list[str]:
    """Return the cells of a column in one format: powers of ten for all numbers if one of them needs it."""
    numbers = [float(value) for value in values if isinstance(value, Real) and not isinstance(value, int)]
    if not any(math.isfinite(number) and 0 < abs(number) < SMALL for number in numbers):
        return [cell(value) for value in values]
    return [_power(float(value)) if isinstance(value, Real) and math.isfinite(value) else cell(value)
            for value in values]


def numbers_alone(values: Sequence[object]) -> bool:
    """Return whether a column holds numbers, or strings that are written as :func:`percent` writes them."""
    return all(numeric(value) or (isinstance(value, str) and _NUMBER.fullmatch(value)) for value in values)


def first_words(text: str) -> str:
    """Return the first words of a text in a line of at most 32 columns."""
    return cut(" ".join(visible(text[:8 * WORDS]).split()), WORDS)


def for_terminal(headers: Sequence[str], rows: Sequence[Sequence[object]]) -> tuple[list[str], list[list[object]]]:
    """Return a table whose columns of numbers are strings of one width, as they stand flush right."""
    heads, columns = [], []
    for header, values in zip(headers, zip(*rows, strict=True), strict=True):
        shown = written(values)
        wide = max(map(width_of, [header, *shown])) if numbers_alone(values) else 0
        heads.append(" " * (wide - width_of(header)) + header)
        columns.append([" " * (wide - width_of(each)) + each for each in shown])
    return heads, [list(row) for row in zip(*columns, strict=True)]


def _power(number: float) -> str:
    return f"{number:.1e}".replace("-", "−") if number else "0"
