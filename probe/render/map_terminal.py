"""Maps of attention on a terminal: shades and digits, folded into blocks of columns where a map is too wide."""

from collections.abc import Iterator, Sequence
from itertools import accumulate, groupby
from operator import itemgetter

from probe.render.graphemes import visible
from probe.render.map_panel import MapGrid, MapPanel, MapScale, probability, sums_in_words
from probe.render.terminal import RESET, UNDERLINED, check_terminal, terminal_style
from probe.render.token_label import TokenLabel
from probe.render.wrapping import cut, width_of, wrapped

# The most columns of a terminal that a label takes, and what a cell takes at least: of attention, of an effect.
LONGEST, LEAST, LEAST_EFFECT = 12, 1, 2
# What stands for less than a tenth, or less than half a nat; what keeps a letter in its column on terminals that
# themselves lay out scripts that run to the left.
NEXT_TO_NOTHING, LEFT_TO_RIGHT_MARK = "·", "\u200e"
MOST_DIGIT = 9


def maps_text(panels: Sequence[MapPanel], width: int, depth: str) -> str:
    """Return maps as lines of at most ``width`` columns.

    A digit in each cell tells tenths of attention, or whole nats of an effect with their sign, with colours and
    without. Nothing from a text reaches the terminal that it would obey.

    Args:
        panels: at least one.
        width: columns of the terminal.
        depth: ``"none"``, ``"256"`` or ``"truecolor"``.

    Raises:
        UserError: ``depth`` is none of the three, or ``width`` is below 10.
    """
    check_terminal(width, depth)
    scale, lines = MapScale.of(panels), []
    for panel in panels:
        lines += wrapped(visible(panel.title), width)
        if panel.heading:
            lines += wrapped(visible(panel.text), width)
        for number, grid in enumerate(panel.grids):
            lines += ["", *_grid(panel, grid, scale, width, depth, first=number == 0)]
        lines += [line for remark in panel.remarks for line in wrapped(visible(remark), width)]
        lines.append("")
    effects = any(panel.effects is not None for panel in panels)
    return "\n".join(lines + wrapped(_legend(panels, effects), width))


def _grid(panel: MapPanel, grid: MapGrid, scale: MapScale, width: int, depth: str, *, first: bool) -> Iterator[str]:
    """The lines of a grid: its name, and for each block of columns their labels and the rows below them."""
    rows = [cut(label.printed, LONGEST) for label in panel.rows]
    chances = ["" if panel.probabilities is None or not first else probability(panel.probabilities[label.place])
               for label in panel.rows]
    fronts = [" ".join(filter(None, pair)) for pair in zip(chances, rows, strict=True)]
    front = min(max(map(width_of, fronts), default=0), width // 2)
    fronts = [" " * (front - width_of(words)) + words for words in (cut(words, front) for words in fronts)]
    heads = [cut(label.printed, min(LONGEST, width - front - 2)) for label in panel.columns]
    wide = [1 + max(LEAST_EFFECT if grid.effect else LEAST, width_of(head)) for head in heads]
    blocks = list(_blocks(wide, width - front))
    steps, helps = grid.steps(scale), grid.helps(scale)
    shades = grid.palette.light
    styles = [terminal_style(colour, shades.ink, depth) for colour in shades.colours]
    for start, stop in blocks:
        part = "" if len(blocks) == 1 else f", columns {start + 1} to {stop} of {len(wide)}"
        yield from wrapped(f"{visible(grid.name)}{', in nats' if grid.effect else ''}{part}", width)
        labels = map(_head, panel.columns[start:stop], heads[start:stop], wide[start:stop])
        yield " " * front + "".join(labels)
        for row, words in enumerate(fronts):
            cells = [(f"{_nats(value) if grid.effect else _tenths(value):>{room}}",
                      styles[step] + (UNDERLINED if styles[step] and helped else ""))
                     for value, room, step, helped in zip(
                         grid.values[row, start:stop].tolist(), wide[start:stop], steps[row, start:stop].tolist(),
                         helps[row, start:stop].tolist(), strict=True)]
            yield _kept(panel.rows[row], words) + _styled(cells)


def _blocks(wide: Sequence[int], room: int) -> Iterator[tuple[int, int]]:
    """The ranges [start, stop) of columns that find room side by side."""
    ends, start = [0, *accumulate(wide)], 0
    while start < len(wide):
        stop = start + 1
        while stop < len(wide) and ends[stop + 1] - ends[start] <= room:
            stop += 1
        yield start, stop
        start = stop


def _head(label: TokenLabel, words: str, room: int) -> str:
    return " " * (room - width_of(words)) + _kept(label, words)


def _kept(label: TokenLabel, words: str) -> str:
    """A label in its place, whatever the terminal knows of scripts that run to the left."""
    return f"{LEFT_TO_RIGHT_MARK}{words}{LEFT_TO_RIGHT_MARK}" if label.leftward else words


def _styled(cells: Sequence[tuple[str, str]]) -> str:
    """Cells with their styles, one after the other; the whole grid is as light as paper, on any terminal."""
    parts = []
    for style, run in groupby(cells, key=itemgetter(1)):
        words = "".join(cell for cell, _ in run)
        parts.append(f"{style}{words}{RESET}" if style else words)
    return "".join(parts)


def _tenths(weight: float) -> str:
    digit = min(MOST_DIGIT, int(weight * 10 + 1e-9))
    return str(digit) if digit else NEXT_TO_NOTHING


def _nats(effect: float) -> str:
    digit = min(MOST_DIGIT, round(abs(effect)))
    return f"{'+' if effect > 0 else '−'}{digit}" if digit else NEXT_TO_NOTHING


def _legend(panels: Sequence[MapPanel], effects: bool) -> str:
    words = (f"across what was read, downwards what was put out; a digit is tenths of attention: 7 from 0.70 on, 9 "
             f"from 0.90, {NEXT_TO_NOTHING} below 0.10; {sums_in_words(panels)}")
    return words + ("; effect: −2 is about 2 nats less log-probability when the input is hidden (9: or more), "
                    f"{NEXT_TO_NOTHING} below a half" if effects else "")
