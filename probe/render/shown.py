"""What is seen of a coloured text: each character with its number, whatever the medium."""

from dataclasses import dataclass

import numpy as np

from probe.render.graphemes import clusters, columns, visible
from probe.render.palette import Palette


@dataclass(frozen=True, eq=False)
class Shown:
    """Characters with the values laid on them, and what must be said of them.

    Attributes:
        text: N characters.
        values: (N,) finite raw values.
        scaled: (N,) float64 in [0, 1].
        palette: gives each scaled value its colour.
        caption: whose values these are, or nothing.
        notes: how to read the colours: scaling, alignment, what is underlined.
        marks: (N,) bool, characters that are underlined; None for none.
    """

    text: str
    values: np.ndarray
    scaled: np.ndarray
    palette: Palette
    caption: str
    notes: tuple[str, ...]
    marks: np.ndarray | None = None

    def marked(self, place: int) -> bool:
        """Whether the character at ``place`` is underlined."""
        return self.marks is not None and bool(self.marks[place])

    def heading(self, width: int) -> list[str]:
        """Return caption and notes as lines of at most ``width`` columns, with nothing a terminal would obey."""
        return [line for words in (self.caption, "; ".join(self.notes)) for line in _wrapped(visible(words), width)]


def _wrapped(words: str, width: int) -> list[str]:
    """Words in lines; one that is wider than a line is cut."""
    lines: list[str] = []
    for word in words.split():
        if lines and _columns(lines[-1]) + 1 + _columns(word) <= width:
            lines[-1] += f" {word}"
            continue
        lines.append("")
        for start, stop in clusters(word):
            if _columns(lines[-1]) + columns(word[start:stop]) > width:
                lines.append("")
            lines[-1] += word[start:stop]
    return lines


def _columns(text: str) -> int:
    return sum(columns(text[start:stop]) for start, stop in clusters(text))
