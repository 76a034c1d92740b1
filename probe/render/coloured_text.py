"""Coloured text: what one unit does on a text, in four views."""

import os
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from probe.errors import UserError
from probe.render.alignment import READ, Alignment
from probe.render.graphemes import visible
from probe.render.html import fragment, write_page
from probe.render.palette import DIVERGING, Palette
from probe.render.remark import remark_on, span
from probe.render.scaling import RAW, Scaling
from probe.render.shown import Shown
from probe.render.terminal import colour_depth, terminal_lines

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True, eq=False)
class ColouredText:
    """A text whose every character has a number behind it, shown as a colour.

    Text and numbers are kept as they are; scaling, palette and alignment are laid over them when they are looked at.

    Attributes:
        text: N characters.
        values: (N,) finite numbers, for example the activations of one unit; row t is what it did once ``text[t]`` was
            read.
        scaling: brings ``values`` to [0, 1].
        palette: gives each scaled value its colour.
        caption: a line that says whose values these are.
        alignment: on which character row t is laid.
        marks: (N,) bool, characters that are underlined whatever the alignment; None for none.
        marked: what the marks stand for.
        flowing: whether newlines are shown and break no line.

    Raises:
        UserError: ``values`` or ``marks`` have another length than ``text``, or a number is not finite.
    """

    text: str
    values: np.ndarray
    scaling: Scaling = RAW
    palette: Palette = DIVERGING
    caption: str = ""
    alignment: Alignment = READ
    marks: np.ndarray | None = None
    marked: str = ""
    flowing: bool = False

    def __post_init__(self) -> None:
        for name, array in (("value", self.values), ("mark", self.marks)):
            if array is not None and np.shape(array) != (len(self.text),):
                raise UserError(
                    f"coloured text needs one {name} a character: received {name}s of shape {np.shape(array)} "
                    f"for {len(self.text):,} characters"
                )
        if not np.isfinite(self.values).all():
            place = int(np.flatnonzero(~np.isfinite(self.values))[0])
            raise UserError(
                f"coloured text needs finite values: received {self.values[place]} at character {place:,}"
            )

    def part(self, start: int, stop: int) -> "ColouredText":
        """Return characters [start, stop) of the text; what looks at the whole text then looks at these alone."""
        marks = None if self.marks is None else self.marks[start:stop]
        return replace(self, text=self.text[start:stop], values=self.values[start:stop], marks=marks)

    @property
    def shown(self) -> Shown:
        """What is seen, after alignment."""
        text, values = self.alignment.lay(self.text, self.values)
        marks = None if self.marks is None else self.marks[self.alignment.shift:]
        notes = (f"colour: {self.scaling.meaning}", self.palette.ends, f"laid on {self.alignment.meaning}",
                 *([f"underlined: {self.marked}"] if marks is not None and self.marked else []),
                 *([f"values on this text: {span(values)}"] if len(values) else []))
        return Shown(text, values, self.scaled, self.palette, self.caption, notes, marks,
                     remark_on(values, self.scaling, self.palette), self.flowing)

    @property
    def scaled(self) -> np.ndarray:
        """The values that are laid on a character, (N,) or fewer float64 in [0, 1]."""
        return self.scaling(self.alignment.lay(self.text, self.values)[1])

    def _repr_html_(self) -> str:
        """Return the view that a notebook shows."""
        return fragment([self.shown])

    def to_html(self, path: str | Path) -> Path:
        """Write one offline HTML page to ``path``, atomically, and return ``path``."""
        return write_texts(path, [self])

    def to_terminal(self, width: int, depth: str) -> str:
        """Return lines of at most ``width`` columns for a terminal of colour ``depth``: none, 256 or truecolor."""
        return terminal_lines(self.shown, width, depth)

    def __str__(self) -> str:
        """Return the view for standard output as it is now: its width, and the colours it takes."""
        depth = colour_depth(sys.stdout.isatty(), os.environ)
        return self.to_terminal(shutil.get_terminal_size().columns, depth)

    def __repr__(self) -> str:
        """Return one line; ``print`` shows the text."""
        return f"ColouredText({visible(self.caption)!r}, {len(self.text):,} characters)"

    def figure(self, columns: int = 80, *, notes: bool = True) -> "Figure":
        """Return a matplotlib figure with ``columns`` characters a line.

        80 of them are 5.8 inches wide and 42 a column of a page in two; :func:`probe.render.save_figure` writes it.

        Args:
            columns: at least 10.
            notes: whether caption and notes stand above; a paper may have its own.
        """
        from probe.render.figure import text_figure

        return text_figure(self.shown, columns, notes=notes)

    def trace_figure(self, *others: "ColouredText", columns: int = 80) -> "Figure":
        """Return a figure with the values as lines under the coloured text, and those of other units if given.

        Args:
            others: at most three, on the same characters and with the same alignment.
            columns: characters a line, at least 10.
        """
        from probe.render.traces import trace_figure

        texts = (self, *others)
        return trace_figure([text.shown for text in texts], [text.scaling.bounds for text in texts], columns)


def write_texts(path: str | Path, texts: Sequence[ColouredText]) -> Path:
    """Write coloured texts one below the other as one offline HTML page to ``path``, atomically; return it."""
    return write_page(Path(path), [text.shown for text in texts])
