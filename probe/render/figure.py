"""Coloured text as a matplotlib figure, for a paper or a slide."""

from typing import Any

import numpy as np
from matplotlib.collections import PatchCollection
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.patches import Rectangle

from probe.errors import UserError
from probe.render.graphemes import clusters, columns, visible
from probe.render.palette import Palette

FONTS = ("DejaVu Sans Mono", "DejaVu Sans")  # matplotlib ships both, so a figure looks the same everywhere
POINTS = 9.0
CELL = (0.602 * POINTS / 72, 1.75 * POINTS / 72)  # inches; 0.602 em is the advance of DejaVu Sans Mono
MISSING = "\u25a1"


def text_figure(text: str, scaled: np.ndarray, palette: Palette, caption: str, line_columns: int) -> Figure:
    """Return a coloured text as a figure of cells, ``line_columns`` to a line.

    Letters stand in the order of the text, one a cell: right-to-left scripts are neither reordered nor joined, and a
    character that the fonts lack is drawn as a box.

    Args:
        text: N characters.
        scaled: (N,) values in [0, 1].
        palette: gives each value its colour.
        caption: a line above, or nothing.
        line_columns: characters of ordinary width in a line.

    Raises:
        UserError: ``line_columns`` is below 10.
    """
    if line_columns < 10:
        raise UserError(f"a figure needs at least 10 characters a line; received {line_columns}")
    pieces = _placed(text, palette.colours(scaled), line_columns)
    lines = 1 + max((row for _, row, _, _ in pieces), default=0)
    above = 1 if caption else 0
    size = (line_columns * CELL[0] + 0.2, (lines + above) * CELL[1] + 0.2)
    figure = Figure(figsize=size)
    axes = figure.add_axes((0.1 / size[0], 0.1 / size[1], 1 - 0.2 / size[0], 1 - 0.2 / size[1]))
    axes.set(xlim=(0, line_columns), ylim=(lines, -above))
    axes.axis("off")
    cells = [Rectangle((column, row + 0.06), columns(shown), 0.88) for column, row, shown, _ in pieces]
    axes.add_collection(PatchCollection(cells, facecolors=[colour for *_, colour in pieces], linewidths=0))
    drawable = _drawable()
    style: dict[str, Any] = {
        "fontfamily": list(FONTS), "fontsize": POINTS, "va": "center_baseline", "parse_math": False,
    }
    ink = palette.light.ink
    for column, row, shown, _ in pieces:
        if shown.strip():
            place = column + columns(shown) / 2
            axes.text(place, row + 0.5, _letters(shown, drawable), color=ink, ha="center", **style)
    if caption:
        above_text = _letters(visible(caption).replace("\n", " "), drawable)
        axes.text(0, -0.5, above_text, color="#444444", ha="left", **style)
    return figure


def _placed(text: str, colours: list[str], line_columns: int) -> list[tuple[int, int, str, str]]:
    """Return column, row, what is drawn and its colour, for each visible character."""
    column = row = 0
    pieces = []
    for start, stop in clusters(text):
        cluster = text[start:stop]
        shown = {"\n": "↵", "\t": "→   "}.get(cluster) or visible(cluster)
        if column + columns(shown) > line_columns:
            column, row = 0, row + 1
        pieces.append((column, row, shown, colours[stop - 1]))
        column += columns(shown)
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
