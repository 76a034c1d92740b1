"""Weighted texts as a matplotlib figure, for a paper or a slide."""

from dataclasses import replace

from matplotlib.figure import Figure

from probe.render.figure import draw_ramp
from probe.render.sheet import NOTE_POINTS, POINTS, cells_of, draw_heading, draw_text, heading_of, sheet
from probe.render.weighted_text import WeightedText, captions_of, shared_notes

# Rows between two texts, and those that the ramp takes.
APART, RAMP = 0.8, 1.4
# The share of a line that notes fill: at few dots an inch their letters are drawn wider than they are.
FILLED = 0.88


def weighted_figure(texts: tuple[WeightedText, ...], line_columns: int, *, notes: bool = True) -> Figure:
    """Return weighted texts one below the other, ``line_columns`` characters to a line.

    Args:
        texts: at least one; the ramp and what all must be told stand above the first.
        line_columns: characters of ordinary width in a line.
        notes: whether captions, facts, notes and the ramp stand above.

    Raises:
        UserError: ``line_columns`` is below 10.
    """
    blocks, row, shared = [], 0.0, shared_notes(texts)
    ends = texts[0].ends if len({text.scale for text in texts}) == 1 else ("against", "for")
    for number, (text, caption) in enumerate(zip(texts, captions_of(texts), strict=True)):
        own = tuple(note for note in text.last_notes if note not in shared)
        shown = replace(text.shown, caption=caption)
        shown = replace(shown, notes=tuple(filter(None, (text.warning, text.fact_words, *own)))) if number else shown
        heading = heading_of(shown, int(FILLED * line_columns)) if notes else []
        lines = cells_of(shown.text, line_columns)
        above = len(heading) * NOTE_POINTS / POINTS + (RAMP if notes and number == 0 else 0.2)
        blocks.append((shown, heading, [cell for line in lines for cell in line], row, row + above))
        row += above + max(1, len(lines)) + APART
    figure, axes = sheet(line_columns, 0, row - APART)
    for number, (shown, heading, cells, top, first) in enumerate(blocks):
        draw_heading(axes, heading, top)
        draw_text(axes, shown, cells, top=first)
        if notes and number == 0:
            draw_ramp(axes, shown.palette, ends, first - 1.3)
    return figure
