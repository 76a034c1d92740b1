"""Coloured text: what one unit does on a text, in four views."""

import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from probe.errors import UserError
from probe.render.html import fragment, write_page
from probe.render.palette import DIVERGING, Palette
from probe.render.scaling import RAW, Scaling
from probe.render.terminal import colour_depth, terminal_lines

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True, eq=False)
class ColouredText:
    """A text whose every character has a number behind it, shown as a colour.

    Attributes:
        text: N characters.
        values: (N,) finite numbers, for example the activations of one unit; row t belongs to ``text[t]``.
        scaling: brings ``values`` to [0, 1].
        palette: gives each scaled value its colour.
        caption: a line that says whose values these are.

    Raises:
        UserError: ``values`` has another length than ``text``, or a number that is not finite.
    """

    text: str
    values: np.ndarray
    scaling: Scaling = RAW
    palette: Palette = DIVERGING
    caption: str = ""

    def __post_init__(self) -> None:
        if np.shape(self.values) != (len(self.text),):
            raise UserError(
                f"coloured text needs one value a character: received values of shape {np.shape(self.values)} "
                f"for {len(self.text):,} characters"
            )
        if not np.isfinite(self.values).all():
            place = int(np.flatnonzero(~np.isfinite(self.values))[0])
            raise UserError(
                f"coloured text needs finite values: received {self.values[place]} at character {place:,}"
            )

    @property
    def scaled(self) -> np.ndarray:
        """The values (N,) float64 in [0, 1]."""
        return self.scaling(self.values)

    def _repr_html_(self) -> str:
        """Return the view that a notebook shows."""
        return fragment(self.text, self.values, self.scaling, self.palette, self.caption)

    def to_html(self, path: Path) -> Path:
        """Write one offline HTML page to ``path``, atomically, and return ``path``."""
        return write_page(path, self.text, self.values, self.scaling, self.palette, self.caption)

    def to_terminal(self, width: int, depth: str) -> str:
        """Return lines of at most ``width`` columns for a terminal of colour ``depth``: none, 256 or truecolor."""
        return terminal_lines(self.text, self.scaled, self.palette, self.caption, width, depth)

    def __str__(self) -> str:
        """Return the view for standard output as it is now: its width, and the colours it takes."""
        depth = colour_depth(sys.stdout.isatty(), os.environ)
        return self.to_terminal(shutil.get_terminal_size().columns, depth)

    def figure(self, columns: int = 80) -> "Figure":
        """Return a matplotlib figure with ``columns`` characters a line, ready for ``savefig``."""
        from probe.render.figure import text_figure

        return text_figure(self.text, self.scaled, self.palette, self.caption, columns)
