"""White space that a reader would not see or would take for another: newlines, tabs, spaces at the end of a line."""

import re
import unicodedata
from collections.abc import Iterator

from probe.render.graphemes import clusters, columns, visible

NEWLINE, TAB, BLANK = "newline", "tab", "blank"
# What stands for each where letters alone can be shown.
LETTERS = {NEWLINE: "↵", TAB: "→   ", BLANK: "·"}
NAMES = {" ": "space", "\n": NEWLINE, "\t": TAB}
# A run of white space is looked at from its beginning alone, and never twice: of a million spaces each is read once.
_ENDS_A_LINE = re.compile(r"(?<![ \t])[ \t]++(?=\n)")


def signed(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield the ranges [start, stop) of :func:`clusters`, each with the sign that it needs or with "".

    A space needs one at the end of a line, and wherever it is another than U+0020, such as a no-break space.
    """
    ending = {place for match in _ENDS_A_LINE.finditer(text) for place in range(*match.span()) if text[place] == " "}
    for start, stop in clusters(text):
        yield start, stop, BLANK if start in ending else _sign(text[start])


def letters_of(cluster: str, sign: str) -> str:
    """Return what is drawn for a cluster where letters alone can be shown, as wide as the cluster."""
    letters = LETTERS.get(sign) or visible(cluster)
    return letters + " " * (columns(cluster) - 1) if sign == BLANK else letters


def name_of(cluster: str) -> str:
    """Return a cluster as a tooltip names it: the name of what is white, else itself."""
    if cluster not in NAMES and unicodedata.category(cluster[0]) == "Zs":
        return unicodedata.name(cluster[0]).lower()
    return NAMES.get(cluster) or visible(cluster)


def _sign(character: str) -> str:
    if character in "\n\t":
        return NAMES[character]
    return BLANK if character != " " and unicodedata.category(character) == "Zs" else ""
