"""Coloured text as a matplotlib figure, for a paper or a slide."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from probe.render.fonts import MONO
from probe.render.palette import Palette
from probe.render.paper import FAINT
from probe.render.sheet import NOTE_POINTS, POINTS, cells_of, draw_heading, draw_text, heading_of, sheet
from probe.render.shown import Shown

# Columns of a step of the ramp, and how many it lies behind the letters of its first word.
STEP, BEHIND = 0.4, 1.53


def text_figure(shown: Shown, line_columns: int, *, notes: bool = True) -> Figure:
    """Return a coloured text as a figure of cells, ``line_columns`` to a line.

    Args:
        shown: the text.
        line_columns: characters of ordinary width in a line.
        notes: whether caption, notes and the ladder of colours stand above.

    Raises:
        UserError: ``line_columns`` is below 10.
    """
    lines = cells_of(shown.text, line_columns, flowing=shown.flowing)
    heading = heading_of(shown, line_columns) if notes else []
    above = 1.4 + len(heading) * NOTE_POINTS / POINTS if notes else 0.0
    figure, axes = sheet(line_columns, above, max(1, len(lines)))
    draw_text(axes, shown, [cell for line in lines for cell in line])
    if notes:
        draw_heading(axes, heading, -above)
        draw_ramp(axes, shown.palette, shown.ends, -1.3)
    return figure


def draw_ramp(axes: Axes, palette: Palette, ends: tuple[str, str], row: float) -> None:
    """Draw the ladder of a palette's colours, one row high, between the words for its ends."""
    start = BEHIND + len(ends[0]) * NOTE_POINTS / POINTS
    end = start + STEP * palette.steps
    for step, colour in enumerate(palette.light.colours):
        axes.add_patch(Rectangle((start + step * STEP, row + 0.2), STEP, 0.6, facecolor=colour, linewidth=0))
    axes.add_patch(Rectangle((start, row + 0.2), end - start, 0.6, fill=False, edgecolor=FAINT, linewidth=0.3))
    for word, place, side in ((ends[0], start - 0.6, "right"), (ends[1], end + 0.6, "left")):
        axes.text(place, row + 0.5, word, color=FAINT, fontsize=NOTE_POINTS, ha=side, va="center_baseline",
                  fontfamily=MONO)
