"""Maps of attention as a matplotlib figure, for a paper or a slide."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure

from probe.render.fonts import MONO, SANS, drawable, fonts_for
from probe.render.graphemes import visible
from probe.render.map_panel import MapGrid, MapPanel, MapScale, probability
from probe.render.palette import ATTENTION, DIVERGING, Palette
from probe.render.paper import FAINT, GROUND, PAGE, paper_style
from probe.render.token_label import TokenLabel
from probe.render.wrapping import cut, width_of, wrapped

# Inches: a cell as high and at most as wide as this, and as narrow as letters allow; the most that all rows take.
HIGH, WIDE, NARROW, TALLEST = 0.145, 0.15, 0.088, 7.5
# Inches around the figure, between grids, between maps, of a line of words, and of the name above a grid.
MARGIN, APART, BETWEEN, LINE, NAME = 0.06, 0.16, 0.2, 0.13, 0.15
# Inches of a letter of a label and of words; columns of a label that stands upright, and the most of any.
LETTER, WORD, UPRIGHT, LONGEST = 0.062, 0.062, 2, 20
# Inches for probabilities in front of labels; the least that words take across; as narrow or low as no label fits;
# letters of a grid's name.
PROBABILITIES, LEAST, UNNAMED, NAMED = 0.24, 2.2, 0.05, 28
# Points of labels, of words and of probabilities; the line below what helps when it is hidden, and a doubtful output.
POINTS, WORDS, SMALL, HELPS = 6.5, 7.0, 5.0, "#a03a14"
# Cells from which on a grid is drawn as pixels.
MANY = 4000
# Inches of the ramps below: high, wide, a line of them, a letter beside them.
RAMP, RAMP_WIDE, RAMP_LINE, RAMP_LETTER = 0.08, 0.9, 0.17, 0.05


@dataclass(frozen=True)
class Layout:
    """How the grids of a map stand, in inches unless told.

    Attributes:
        wide, high: of a cell.
        left, above: in front of the cells and over them, for labels.
        slot: what a grid takes across, with its labels and its name.
        across: grids that stand side by side.
        heading, remarks: lines of words above and below.
        size: of all, (width, height).
    """

    wide: float
    high: float
    left: float
    above: float
    slot: float
    across: int
    heading: list[str]
    remarks: list[str]
    size: tuple[float, float]


def maps_figure(panels: Sequence[MapPanel], width: float = PAGE) -> Figure:
    """Return maps beside and below each other, as many as find room, and so the grids of each.

    Arabic letters have the form that they have in the word; what no installed font has is drawn as a box.

    Args:
        panels: at least one.
        width: inches; maps that need less make the figure narrower.
    """
    scale, fonts = MapScale.of(panels), fonts_for("".join(text for panel in panels for text in (
        panel.title, *panel.source, *panel.target, *panel.remarks)))
    layouts = [_layout(panel, width - 2 * MARGIN, fonts) for panel in panels]
    places, right, down = _flow([layout.size for layout in layouts], width - 2 * MARGIN)
    ramps = _ramps(scale, any(panel.effects is not None for panel in panels))
    wide = min(width, 2 * MARGIN + max(right, *(_ramp_width(*ramp) for ramp in ramps)))
    spots, _, ramps_down = _flow([(_ramp_width(*ramp), RAMP_LINE) for ramp in ramps], wide - 2 * MARGIN, BETWEEN, 0)
    high = 2 * MARGIN + down + BETWEEN + ramps_down
    with paper_style():
        figure = Figure(figsize=(wide, high))
        for panel, layout, (left, top) in zip(panels, layouts, places, strict=True):
            _panel(figure, panel, layout, MARGIN + left, high - MARGIN - top, scale, fonts)
        for ramp, (left, top) in zip(ramps, spots, strict=True):
            _ramp(figure, *ramp, MARGIN + left, MARGIN + ramps_down - top - RAMP_LINE)
    return figure


def _layout(panel: MapPanel, room: float, fonts: Sequence[str]) -> Layout:
    """Grids side by side if their columns can be as narrow as that needs, else as many as find room."""
    columns, rows, count = max(1, len(panel.source)), max(1, len(panel.target)), len(panel.grids)
    left = 0.08 + LETTER * max((width_of(_cut(label)) for label in panel.rows), default=1)
    left += PROBABILITIES if panel.probabilities is not None else 0
    upright = max((width_of(_cut(label)) for label in panel.columns), default=1)
    above = NAME + (LETTER * upright + 0.04 if upright > UPRIGHT else HIGH)
    name = LETTER * max(width_of(_name(grid)) for grid in panel.grids)
    across = next((many for many in range(count, 0, -1)
                   if (room - APART * (many - 1)) / many >= max(name, left + NARROW * columns)), 1)
    wide, high = min(WIDE, ((room - APART * (across - 1)) / across - left) / columns), min(HIGH, TALLEST / rows)
    slot = max(name, left + wide * columns)
    grids = across * slot + APART * (across - 1)
    words = int(max(grids, min(room, LEAST)) / WORD)
    heading = wrapped(drawable(panel.title, fonts), words)
    remarks = [line for remark in panel.remarks for line in wrapped(drawable(remark, fonts), words)]
    lines = -(-count // across)
    tall = lines * (above + high * rows) + APART * (lines - 1) + LINE * (len(heading) + len(remarks)) + 0.08
    longest = WORD * max(map(width_of, [*heading, *remarks]), default=0)
    return Layout(wide, high, left, above, slot, across, heading, remarks, (max(grids, longest), tall))


def _flow(sizes: Sequence[tuple[float, float]], room: float, apart: float = 2 * BETWEEN,
          between: float = BETWEEN) -> tuple[list[tuple[float, float]], float, float]:
    """Where boxes stand that follow each other like words, and how far they reach to the right and down."""
    places: list[tuple[float, float]] = []
    left, top, tall, right = 0.0, 0.0, 0.0, 0.0
    for wide, high in sizes:
        if places and left + wide > room + 1e-9:
            left, top, tall = 0.0, top + tall + between, 0.0
        places.append((left, top))
        right, tall = max(right, left + wide), max(tall, high)
        left += wide + apart
    return places, right, top + tall


def _panel(figure: Figure, panel: MapPanel, layout: Layout, left: float, top: float, scale: MapScale,
           fonts: Sequence[str]) -> None:
    """Draw a map whose upper left corner is ``left`` and ``top``, in inches from the figure's lower left one."""
    _words(figure, layout.heading, left, top, fonts, weight="bold")
    top -= LINE * len(layout.heading)
    inside, rows = layout.wide * max(1, len(panel.source)), layout.high * max(1, len(panel.target))
    width, height = figure.get_size_inches()
    for number, grid in enumerate(panel.grids):
        line, place = divmod(number, layout.across)
        begin = left + place * (layout.slot + APART) + layout.left
        bottom = top - line * (layout.above + rows + APART) - layout.above - rows
        axes = figure.add_axes((begin / width, bottom / height, inside / width, rows / height))
        _cells(axes, grid, scale)
        _labels(axes, panel, layout, fonts, first=number == 0)
        inputs = "" if layout.wide >= UNNAMED else f"; {len(panel.source):,} inputs across"
        axes.annotate(drawable(_name(grid) + inputs, fonts), (0, 1), (-72 * layout.left, 72 * (layout.above - 0.11)),
                      xycoords="axes fraction", textcoords="offset points", fontsize=POINTS, color=FAINT,
                      **_letters(fonts, SANS))
    lines = -(-len(panel.grids) // layout.across)
    _words(figure, layout.remarks, left, top - lines * (layout.above + rows) - APART * (lines - 1) - 0.05, fonts,
           color=FAINT)


def _cells(axes: Axes, grid: MapGrid, scale: MapScale) -> None:
    many = grid.values.size > MANY
    axes.pcolormesh(grid.scaled(scale), cmap=ListedColormap(grid.palette.light.colours), vmin=0, vmax=1,
                    edgecolors="none" if many else GROUND, linewidth=0.25, rasterized=many, clip_on=False)
    axes.set(xlim=(0, max(1, grid.values.shape[1])), ylim=(max(1, grid.values.shape[0]), 0))
    axes.set_axis_off()
    if (helps := np.argwhere(grid.helps(scale))).size and not many:
        axes.hlines(helps[:, 0] + 0.82, helps[:, 1] + 0.15, helps[:, 1] + 0.85, color=HELPS, linewidth=0.8)


def _labels(axes: Axes, panel: MapPanel, layout: Layout, fonts: Sequence[str], *, first: bool) -> None:
    """Write the labels of columns and of rows, and before the ``first`` grid the probabilities, if cells leave room."""
    style = _letters(fonts)
    for place, label in enumerate(panel.columns if layout.wide >= UNNAMED else ()):
        words = drawable(_cut(label), fonts)
        upright = width_of(words) > UPRIGHT
        axes.text(place + 0.5, -0.25, words, fontsize=POINTS * min(1.0, layout.wide / 0.1), ha="center",
                  va="bottom" if upright else "baseline", rotation=90 if upright else 0, **style)
    for place, label in enumerate(panel.rows if layout.high >= UNNAMED else ()):
        points = min(1.0, layout.high / 0.1)
        axes.annotate(drawable(_cut(label), fonts), (0, place + 0.5), (-3, 0), textcoords="offset points", ha="right",
                      va="center_baseline", fontsize=POINTS * points, **style)
        if first and panel.probabilities is not None:
            doubt = panel.doubtful(place)
            axes.annotate(probability(panel.probabilities[place]), (0, place + 0.5),
                          (72 * (PROBABILITIES - layout.left), 0), textcoords="offset points", ha="right",
                          va="center_baseline", fontsize=SMALL * points, color=HELPS if doubt else FAINT,
                          weight="bold" if doubt else "normal")


def _name(grid: MapGrid) -> str:
    return cut(f"{grid.name}, in nats" if grid.effect else visible(grid.name), NAMED)


def _cut(label: TokenLabel) -> str:
    return cut(label.printed, LONGEST)


def _letters(fonts: Sequence[str], first: str = MONO) -> dict[str, Any]:
    return {"fontfamily": [first, SANS, *fonts], "parse_math": False}


def _words(figure: Figure, lines: list[str], left: float, top: float, fonts: Sequence[str], **style: Any) -> None:
    """Write lines from ``top`` downwards."""
    width, height = figure.get_size_inches()
    for number, line in enumerate(lines):
        figure.text(left / width, (top - LINE * number - 0.1) / height, line, fontsize=WORDS, **_letters(fonts, SANS),
                    **style)


def _ramps(scale: MapScale, effects: bool) -> list[tuple[Palette, str, str]]:
    """Each palette with the words before its first and behind its last colour."""
    (none, most), (hurts, helps) = scale.attention_ends, scale.nats_ends
    return [(ATTENTION, f"attention {none}", most), *([(DIVERGING, f"effect {hurts}", helps)] if effects else [])]


def _ramp_width(_: Palette, before: str, behind: str) -> float:
    return RAMP_LETTER * len(before + behind) + RAMP_WIDE + 0.12


def _ramp(figure: Figure, palette: Palette, before: str, behind: str, left: float, bottom: float) -> None:
    width, height = figure.get_size_inches()
    begin = left + RAMP_LETTER * len(before) + 0.06
    axes = figure.add_axes((begin / width, bottom / height, RAMP_WIDE / width, RAMP / height))
    axes.pcolormesh(np.arange(palette.steps)[None], cmap=ListedColormap(palette.light.colours), edgecolors="face",
                    linewidth=0.1)
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set(visible=True, color=GROUND, linewidth=0.4)
    for words, place, side in ((before, begin - 0.06, "right"), (behind, begin + RAMP_WIDE + 0.06, "left")):
        figure.text(place / width, bottom / height, words, fontsize=POINTS, color=FAINT, ha=side)
