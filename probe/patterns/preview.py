"""A document with the labels of one pattern under each line, as plain text for any terminal."""

import unicodedata
from collections.abc import Iterator

import numpy as np

from probe.patterns.labeller import Labeller
from probe.patterns.layout import lines, without_breaks
from probe.patterns.pattern import Pattern
from probe.patterns.segments import TextParts

_TAB = 8
_PICTURES = {"\x7f": "␡", **{chr(code): chr(0x2400 + code) for code in range(32)}}


def preview(source: TextParts, pattern: Pattern, start: int = 0, stop: int | None = None) -> str:
    """Return every line of characters [start, stop) of a text followed by a row that marks its labels there.

    Under a labelled character of a boolean pattern stands ``^``. Under a character of a graded one stands its label:
    nothing for 0, the digit for 1 to 9, ``+`` above, ``-`` below 0, the integer part of a fraction. Wide characters
    take two cells, combining ones none (their mark goes to their base letter's cell); control characters appear as
    pictures such as ``␛``, invisible ones as ``·``, so that no text can drive the terminal. Line breaks are shown,
    as ``␊``, where they are labelled.
    """
    stop = len(source) if stop is None else stop
    document, labels = source.document(start, stop), Labeller([pattern], source).labels(start, stop)[:, 0]
    whole = lines(document)
    bare = without_breaks(document, whole)
    rows = []
    for first, shown, last in zip(whole.starts, bare.stops, whole.stops, strict=True):
        end = last if labels[shown:last].any() else shown
        cells = list(_cells(document.text[first:end], labels[first:end], pattern.kind == "graded"))
        rows.append("".join(text for text, _ in cells).rstrip(" "))
        if marked := "".join(mark for _, mark in cells).rstrip(" "):
            rows.append(marked)
    return "\n".join(rows) + "\n" if rows else ""


def _cells(text: str, labels: np.ndarray, graded: bool) -> Iterator[tuple[str, str]]:
    """Yield what stands for each character and what stands under it, both of the same width."""
    column = 0
    pieces: list[str] = []  # of the character whose combining ones may follow
    under = ""
    for character, label in zip(text, labels.tolist(), strict=True):
        mark = _digit(label) if graded else "^" if label else " "
        if pieces and unicodedata.category(character) in ("Mn", "Me"):
            pieces.append(character)
            under = under if under.strip() else mark + under[1:]
            continue
        if pieces:
            yield "".join(pieces), under
        if character == "\t":
            width = _TAB - column % _TAB
            pieces, under = [" " * width], mark * width
        else:
            width = 2 if unicodedata.east_asian_width(character) in "WF" else 1
            pieces, under = [_safe(character)], mark.ljust(width)
        column += width
    if pieces:
        yield "".join(pieces), under


def _safe(character: str) -> str:
    if character in _PICTURES:
        return _PICTURES[character]
    category = unicodedata.category(character)
    if category in ("Mn", "Me"):
        return "◌" + character
    return "·" if category in ("Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp") else character


def _digit(label: float) -> str:
    if label == 0:
        return " "
    return "-" if label < 0 else "+" if label >= 10 else str(int(label))
