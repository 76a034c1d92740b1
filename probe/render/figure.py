"""Coloured text as a matplotlib figure, for a paper or a slide."""

from dataclasses import dataclass
from typing import Any

from matplotlib.collections import PatchCollection
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.patches import Rectangle

from probe.errors import UserError
from probe.render.graphemes import clusters, columns, visible
from probe.render.shown import Shown

FONTS = ("DejaVu Sans Mono", "DejaVu Sans")  # matplotlib ships both, so a figure looks the same everywhere
POINTS = 9.0
CELL = (0.602 * POINTS / 72, 1.75 * POINTS / 72)  # inches; 0.602 em is the advance of DejaVu Sans Mono
MISSING = "\u25a1"


def text_figure(shown: Shown, line_columns: int) -> Figure:
    """Return a coloured text as a figure of cells, ``line_columns`` to a line, caption and notes above.

    Letters stand in the order of the text, one a cell: right-to-left scripts are neither reordered nor joined, and a
    character that the fonts lack is drawn as a box.

    Args:
        shown: the text.
        line_columns: characters of ordinary width in a line.

    Raises:
        UserError: ``line_columns`` is below 10.
    """
    if line_columns < 10:
        raise UserError(f"a figure needs at least 10 characters a line; received {line_columns}")
    pieces = _placed(shown, line_columns)
    lines = 1 + max((piece.row for piece in pieces), default=0)
    heading = shown.heading(line_columns)
    size = (line_columns * CELL[0] + 0.2, (lines + len(heading)) * CELL[1] + 0.2)
    figure = Figure(figsize=size)
    axes = figure.add_axes((0.1 / size[0], 0.1 / size[1], 1 - 0.2 / size[0], 1 - 0.2 / size[1]))
    axes.set(xlim=(0, line_columns), ylim=(lines, -len(heading)))
    axes.axis("off")
    cells = [Rectangle((piece.column, piece.row + 0.06), columns(piece.letters), 0.88) for piece in pieces]
    axes.add_collection(PatchCollection(cells, facecolors=[piece.colour for piece in pieces], linewidths=0))
    drawable = _drawable()
    style: dict[str, Any] = {
        "fontfamily": list(FONTS), "fontsize": POINTS, "va": "center_baseline", "parse_math": False,
    }
    ink = shown.palette.light.ink
    if marked := [piece for piece in pieces if piece.marked]:
        ends = [(piece.column, piece.column + columns(piece.letters)) for piece in marked]
        axes.hlines([piece.row + 0.92 for piece in marked], *zip(*ends, strict=True), color=ink, linewidth=0.9)
    for piece in pieces:
        if piece.letters.strip():
            place = piece.column + columns(piece.letters) / 2
            axes.text(place, piece.row + 0.5, _letters(piece.letters, drawable), color=ink, ha="center", **style)
    for row, line in enumerate(heading, start=-len(heading)):
        axes.text(0, row + 0.5, _letters(line, drawable), color="#444444", ha="left", **style)
    return figure


@dataclass(frozen=True)
class Piece:
    """A visible character in its place: ``column`` and ``row``, what is drawn, its colour, whether it is underlined."""

    column: int
    row: int
    letters: str
    colour: str
    marked: bool


def _placed(shown: Shown, line_columns: int) -> list[Piece]:
    column = row = 0
    pieces = []
    colours = shown.palette.colours(shown.scaled)
    for start, stop in clusters(shown.text):
        cluster = shown.text[start:stop]
        letters = {"\n": "↵", "\t": "→   "}.get(cluster) or visible(cluster)
        if column + columns(letters) > line_columns:
            column, row = 0, row + 1
        pieces.append(Piece(column, row, letters, colours[stop - 1], shown.marked(stop - 1)))
        column += columns(letters)
        if cluster == "\n":
            column, row = 0, row + 1
    return pieces


def _letters(text: str, drawable: set[int]) -> str:
    return "".join(
        text[start:stop] if {ord(letter) for letter in text[start:stop]} <= drawable else MISSING
        for start, stop in clusters(text)
    )


def _drawable() -> set[int]:
    return {code for name in FONTS for code in get_font(findfont(FontProperties(family=name))).get_charmap()}
