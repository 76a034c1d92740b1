"""What is seen of a coloured text: each character with its number, whatever the medium."""

from dataclasses import dataclass, replace

import numpy as np

from probe.render.graphemes import visible
from probe.render.palette import Palette
from probe.render.wrapping import wrapped


@dataclass(frozen=True, eq=False)
class Shown:
    """Characters with the values laid on them, and what must be said of them.

    Attributes:
        text: N characters.
        values: (N,) finite raw values.
        scaled: (N,) float64 in [0, 1].
        palette: gives each scaled value its colour.
        caption: whose values these are, or nothing.
        notes: how to read the colours: scaling, palette, alignment, the range of the values, what is underlined.
        remark: what is wrong with this view and how to mend it, or nothing.
        marks: (N,) bool, characters that are underlined; None for none.
        flowing: whether newlines are shown and break no line.
        ends: what stands beside the first and the last colour of the ramp.
    """

    text: str
    values: np.ndarray
    scaled: np.ndarray
    palette: Palette
    caption: str
    notes: tuple[str, ...]
    marks: np.ndarray | None = None
    remark: str = ""
    flowing: bool = False
    ends: tuple[str, str] = ("low", "high")

    @property
    def bare(self) -> "Shown":
        """The same without notes and remark, for one of several texts that share them."""
        return replace(self, notes=(), remark="")

    def marked(self, place: int) -> bool:
        """Whether the character at ``place`` is underlined."""
        return self.marks is not None and bool(self.marks[place])

    def heading(self, width: int) -> list[str]:
        """Return caption, notes and remark as lines of at most ``width`` columns, nothing a terminal would obey."""
        return [line for words in (self.caption, "; ".join(self.notes), self.remark)
                for line in wrapped(visible(words), width)]
