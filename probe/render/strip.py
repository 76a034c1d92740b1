"""The heat map of a layer stretched over the tokens that the network read, as a strip for a paper."""

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from probe.render.fonts import drawable
from probe.render.palette import FOR_AGAINST
from probe.render.paper import FAINT, GROUND, PAGE, paper_style
from probe.render.wrapping import cut, width_of

# Inches: a row of the strip, the most that a map of several rows takes, a letter of a token, and what stands around.
ROW, MOST, LETTER, AROUND = 0.28, 2.5, 0.062, 0.55
# Tokens that are named; of more the names would lie on each other. Letters of a name.
NAMED, LONGEST = 64, 16
# Cells from which on a row is drawn as pixels.
MANY = 4000
# The colour that is neither for nor against, and how high in a row, of the whole height, the line below a cell lies.
MIDDLE, UNDER = FOR_AGAINST.steps // 2, 0.02


@dataclass(frozen=True, eq=False)
class Strip:
    """One text's rows of a strip.

    Attributes:
        names: T tokens as the network read them.
        weights: (T,) float64.
        pads: (T,) bool.
        scale: the magnitude of a weight that gets the full colour.
        heatmap: (T',) float64, or (T', K) over the units of a layer too; None if there is none.
        caption: whose they are.
        layer: whose the heat map is.
    """

    names: tuple[str, ...]
    weights: np.ndarray
    pads: np.ndarray
    scale: float
    heatmap: np.ndarray | None = None
    caption: str = ""
    layer: str = ""


def strip_figure(strips: tuple[Strip, ...], width: float = PAGE) -> Figure:
    """Return strips one below the other: the heat map on its own scale, below it the weights of the tokens.

    A heat map's T' positions are stretched evenly over the T tokens, whatever they saw of them; the row of weights says
    what was laid on each token. In a single row, what is against is underlined. Tokens are named where there are at
    most 64; what is padding has a line below.

    Args:
        strips: at least one, each with a token or more.
        width: inches.
    """
    maps = [_rows(strip) for strip in strips]
    names = [[cut(drawable(name), LONGEST) for name in strip.names] if len(strip.names) <= NAMED else []
             for strip in strips]
    room = [LETTER * max(map(width_of, each), default=3) + AROUND for each in names]
    heights = [(0.0 if drawn is None else min(MOST, ROW * len(drawn))) + ROW for drawn in maps]
    with paper_style():
        figure = Figure(figsize=(width, sum(room) + sum(heights)), layout="constrained")
        grid = figure.subplots(len(strips), 1, squeeze=False, gridspec_kw={
            "height_ratios": [high + need for high, need in zip(heights, room, strict=True)]})
        for axes, strip, drawn, words, high in zip(grid[:, 0], strips, maps, names, heights, strict=True):
            _draw(axes, strip, drawn, words, ROW / high)
    return figure


def _rows(strip: Strip) -> np.ndarray | None:
    """The heat map as (K, T'), in shares of its largest magnitude."""
    if strip.heatmap is None or not strip.heatmap.size:
        return None
    rows = strip.heatmap.reshape(len(strip.heatmap), -1).T
    return rows / (np.abs(rows).max() or 1.0)


def _draw(axes: Axes, strip: Strip, drawn: np.ndarray | None, names: list[str], share: float) -> None:
    """Draw one strip: the weights in the lowest ``share`` of the height, the heat map above them."""
    count = len(strip.names)
    _cells(axes, strip.weights[None] / strip.scale, (0, count), (0, share))
    marks, words = [share / 2], [f"tokens (±{strip.scale:.3g})"]
    if drawn is not None:
        _cells(axes, drawn, (0, count), (share, 1))
        axes.axhline(share, color="white", linewidth=1.2)
        marks.append((1 + share) / 2)
        most = float(np.abs(strip.heatmap).max()) if strip.heatmap is not None else 0.0
        words.append(f"{cut(drawable(strip.layer or 'heat map'), 24)} (±{most:.3g})")
    axes.set(xlim=(0, count), ylim=(-0.06, 1))
    axes.set_yticks(marks, words)
    for start, stop in _stretches(strip.pads):
        axes.plot([start, stop], [-0.04, -0.04], color=FAINT, linewidth=1.6, solid_capstyle="butt", clip_on=False)
    if names:
        axes.set_xticks(np.arange(count) + 0.5, names, rotation=90, parse_math=False)
    words_below = (f"{count:,} tokens{'; grey line: padding' if strip.pads.any() else ''}; "
                   f"{FOR_AGAINST.last}: for; {FOR_AGAINST.first} and underlined: against")
    axes.set_xlabel(words_below, color=FAINT, fontsize=6.5)
    axes.set_title(drawable(strip.caption), loc="left", parse_math=False)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)


def _cells(axes: Axes, shares: np.ndarray, across: tuple[float, float], up: tuple[float, float]) -> None:
    """Draw shares (K, T) in [−1, 1] as colours over the range ``across`` by ``up``, the first row on top."""
    high, wide = shares.shape
    borders = np.linspace(*across, wide + 1)
    axes.add_patch(Rectangle((across[0], up[0]), across[1] - across[0], up[1] - up[0], fill=False, edgecolor=GROUND,
                             linewidth=0.6, clip_on=False))
    if high == 1:
        against = FOR_AGAINST.indices(0.5 + shares[0] / 2) < MIDDLE
        axes.hlines([up[0] + UNDER] * int(against.sum()), borders[:-1][against], borders[1:][against],
                    color=FOR_AGAINST.light.ink, linewidth=0.9)
    axes.pcolormesh(borders, np.linspace(up[1], up[0], high + 1), shares, vmin=-1, vmax=1,
                    cmap=ListedColormap(FOR_AGAINST.light.colours), edgecolors="face", linewidth=0.1,
                    rasterized=shares.size > MANY)


def _stretches(pads: np.ndarray) -> list[tuple[int, int]]:
    """The ranges [start, stop) in which ``pads`` (T,) are true."""
    borders = np.flatnonzero(np.diff(np.concatenate([[0], pads.astype(np.int8), [0]])))
    return [(int(start), int(stop)) for start, stop in borders.reshape(-1, 2)]
