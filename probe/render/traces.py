"""Activations as lines under their text, for a paper or a slide."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from probe.errors import UserError
from probe.render.bounds import Bounds
from probe.render.fonts import MONO, SANS, drawable
from probe.render.graphemes import visible
from probe.render.paper import FAINT, GROUND, LINES
from probe.render.sheet import NOTE_POINTS, POINTS, cells_of, draw_heading, draw_text, heading_of, sheet
from probe.render.shown import Shown
from probe.render.wrapping import wrapped

# Rows of a line of text: its letters, its traces, and what keeps it apart from the next.
LETTERS, HEIGHT, APART = 1.1, 2.2, 0.5
# Columns to the left of the text for a scale, and to the left of a name for a sample of its line.
MARGIN, SAMPLE = 4.5, 4
SCALE_POINTS = 5.5


def trace_figure(texts: Sequence[Shown], bounds: Sequence[Bounds], line_columns: int) -> Figure:
    """Return a text coloured by the first of some units, with the activations of all as lines under it.

    The text flows: its newlines are shown and break no line. All traces have one scale: the bounds of the signals where
    there are such, else the range of the values.

    Args:
        texts: the same characters with the values of each unit, at most four.
        bounds: of each unit's signal.
        line_columns: characters of ordinary width in a line.

    Raises:
        UserError: the texts differ, there are more than four, or ``line_columns`` is below 10.
    """
    if not 1 <= len(texts) <= len(LINES):
        raise UserError(f"traces of 1 to {len(LINES)} units are told apart in one figure; received {len(texts)}")
    if len({shown.text for shown in texts}) > 1:
        raise UserError("traces must lie on the same characters; received texts or alignments that differ")
    low, high = _scale(texts, bounds)
    first, lines = texts[0], cells_of(texts[0].text, line_columns, flowing=True)
    several, pitch = len(texts) > 1, LETTERS + HEIGHT + APART
    heading = heading_of(replace(first, caption="The colours are those of the first unit.") if several else first,
                         line_columns)
    names = _names(texts, line_columns) if several else []
    above = (len(heading) + len(names) + 0.6) * NOTE_POINTS / POINTS
    figure, axes = sheet(line_columns, above, max(1, len(lines)) * pitch, margin=MARGIN)
    draw_heading(axes, heading, -above)
    _draw_names(axes, names, -(len(names) + 0.6) * NOTE_POINTS / POINTS)
    draw_text(axes, first, [cell for line in lines for cell in line], pitch)
    for row, line in enumerate(lines):
        _draw_scale(axes, row * pitch + LETTERS, line[-1].stop, low, high)
        for shown, (colour, dashes) in zip(texts, LINES, strict=False):
            falls = (high - shown.values[[cell.piece.place for cell in line]]) / (high - low)
            axes.stairs(row * pitch + LETTERS + falls * HEIGHT, [cell.start for cell in line] + [line[-1].stop],
                        baseline=None, color=colour, linewidth=0.9, linestyle=dashes)
    return figure


def _scale(texts: Sequence[Shown], bounds: Sequence[Bounds]) -> tuple[float, float]:
    """The lowest and the highest value that there is room for."""
    if all(each.finite for each in bounds):
        return min(each.low for each in bounds), max(each.high for each in bounds)
    values = np.concatenate([shown.values for shown in texts])
    low, high = (float(values.min()), float(values.max())) if len(values) else (0.0, 0.0)
    return (low, high) if high > low else (low - 0.5, low + 0.5)


def _draw_scale(axes: Axes, top: float, end: int, low: float, high: float) -> None:
    """Draw the frame of one line's traces: its ends, and zero where that lies between them."""
    marks = [low, *([0.0] if low < 0 < high else []), high]
    for value in marks:
        place = top + (high - value) / (high - low) * HEIGHT
        axes.plot([0, end], [place, place], color=GROUND, linewidth=0.5, zorder=1)
        axes.text(-0.6, place, f"{value:.3g}".replace("-", "−"), color=FAINT, fontsize=SCALE_POINTS, ha="right",
                  va="center", fontfamily=SANS)


def _names(texts: Sequence[Shown], line_columns: int) -> list[tuple[int | None, str]]:
    """The captions in lines, the first line of each with the index of its unit."""
    width = int((line_columns - SAMPLE) * POINTS / NOTE_POINTS)
    return [(unit if number == 0 else None, line) for unit, shown in enumerate(texts)
            for number, line in enumerate(wrapped(visible(shown.caption), width) or [""])]


def _draw_names(axes: Axes, names: Sequence[tuple[int | None, str]], top: float) -> None:
    colour = ""
    for row, (unit, line) in enumerate(names):
        middle = top + (row + 0.5) * NOTE_POINTS / POINTS
        if unit is not None:
            colour, dashes = LINES[unit]
            axes.plot([0, SAMPLE - 1], [middle, middle], color=colour, linestyle=dashes, linewidth=1.1)
        axes.text(SAMPLE, middle, drawable(line), color=colour, fontsize=NOTE_POINTS, va="center_baseline", ha="left",
                  fontfamily=[MONO, SANS], parse_math=False)
