"""A text laid out in cells on a matplotlib figure: what coloured text and traces are drawn on."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from matplotlib.axes import Axes
from matplotlib.collections import PatchCollection
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from probe.errors import UserError
from probe.render.fonts import MONO, SANS, drawable
from probe.render.lines import Piece, text_lines
from probe.render.paper import FAINT
from probe.render.shown import Shown

POINTS, NOTE_POINTS = 8.5, 7.0
CELL = (0.602 * POINTS / 72, 1.7 * POINTS / 72)  # inches; 0.602 em is the advance of DejaVu Sans Mono
MARGIN = 0.08


@dataclass(frozen=True)
class Cell:
    """A piece of text in its place: where its line is, and the columns from ``start`` to ``stop``."""

    piece: Piece
    row: int
    start: int

    @property
    def stop(self) -> int:
        """The column behind it."""
        return self.start + self.piece.width


def cells_of(text: str, line_columns: int, *, flowing: bool = False) -> list[list[Cell]]:
    """Return the lines of a text, each a list of its cells.

    Args:
        text: N characters.
        line_columns: columns of a line.
        flowing: whether newlines break no line.

    Raises:
        UserError: ``line_columns`` is below 10.
    """
    if line_columns < 10:
        raise UserError(f"a figure needs at least 10 characters a line; received {line_columns}")
    lines = text_lines(text, line_columns, flowing=flowing)
    starts = [accumulate((piece.width for piece in line), initial=0) for line in lines]
    return [[Cell(piece, row, start) for piece, start in zip(line, begins, strict=False)]
            for row, (line, begins) in enumerate(zip(lines, starts, strict=True))]


def sheet(line_columns: int, heading: float, rows: float, *, margin: float = 0.0) -> tuple[Figure, Axes]:
    """Return a figure and its axes in units of cells: rows from −``heading`` to ``rows`` downwards.

    Args:
        line_columns: columns of the text.
        heading, rows: rows above the text, and of it.
        margin: columns to the left of the text.
    """
    width, height = (line_columns + margin) * CELL[0] + 2 * MARGIN, (heading + rows) * CELL[1] + 2 * MARGIN
    figure = Figure(figsize=(width, height))
    axes = figure.add_axes((MARGIN / width, MARGIN / height, 1 - 2 * MARGIN / width, 1 - 2 * MARGIN / height))
    axes.set(xlim=(-margin, line_columns), ylim=(rows, -heading))
    axes.axis("off")
    return figure, axes


def heading_of(shown: Shown, line_columns: int) -> list[str]:
    """Return caption and notes as lines that fit above a text of ``line_columns``."""
    return shown.heading(int(line_columns * POINTS / NOTE_POINTS))


def draw_heading(axes: Axes, lines: Sequence[str], top: float) -> None:
    """Write lines from row ``top`` downwards, in letters smaller than the text's."""
    for row, line in enumerate(lines):
        axes.text(0, top + (row + 0.5) * NOTE_POINTS / POINTS, drawable(line), color=FAINT, ha="left",
                  fontsize=NOTE_POINTS, **_letter_style())


def draw_text(axes: Axes, shown: Shown, cells: Sequence[Cell], pitch: float = 1.0, top: float = 0.0) -> None:
    """Draw the cells and letters of a text, and a line under those that are marked.

    Letters stand in the order of the text, one a cell: right-to-left scripts are neither reordered nor joined, and a
    character that the fonts lack is drawn as a box.

    Args:
        axes: of :func:`sheet`.
        shown: the text.
        cells: of :func:`cells_of`, all lines.
        pitch: rows from one line to the next.
        top: row at which the first line begins.
    """
    indices, light = shown.palette.indices(shown.scaled), shown.palette.light
    grounds = [Rectangle((cell.start, top + cell.row * pitch + 0.06), cell.piece.width, 0.88) for cell in cells]
    axes.add_collection(PatchCollection(grounds, linewidths=0, facecolors=[light.colours[indices[cell.piece.place]]
                                                                           for cell in cells]))
    if marked := [cell for cell in cells if shown.marked(cell.piece.place)]:
        axes.hlines([top + cell.row * pitch + 0.92 for cell in marked], [cell.start for cell in marked],
                    [cell.stop for cell in marked], color=light.ink, linewidth=0.9)
    for cell in cells:
        if cell.piece.letters.strip():
            axes.text((cell.start + cell.stop) / 2, top + cell.row * pitch + 0.5, drawable(cell.piece.letters),
                      color=light.ink, ha="center", fontsize=POINTS, **_letter_style())


def _letter_style() -> dict[str, Any]:
    return {"fontfamily": [MONO, SANS, "monospace"], "va": "center_baseline", "parse_math": False}
