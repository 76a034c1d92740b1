"""The heat map of a layer stretched over the tokens that the network read, as a strip for a paper."""

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from probe.render.fonts import drawable, inches_of
from probe.render.palette import FOR_AGAINST
from probe.render.paper import FAINT, GROUND, PAGE, paper_style
from probe.render.weighted_table import percent
from probe.render.wrapping import cut, width_of, wrapped

# Inches: a row of the strip, the most that a map of several rows takes, a letter of a token, and what stands around.
ROW, MOST, LETTER, AROUND = 0.28, 2.5, 0.062, 0.55
# Tokens that are named; of more the names would lie on each other. Letters of a name; inches of one of a caption's.
NAMED, LONGEST, CAPTION = 64, 16, 0.066
# Points of a token's name. Letters of a layer's name, and of what stands behind it.
POINTS, LAYER, AFTER = 6.5, 24, 11
# The most that a bar of pads takes, as a share of the other tokens, and in cells where these are few.
BAR, LEAST = 0.12, 2.0
# Cells from which on a row is drawn as pixels.
MANY = 4000
# The line below what is against: red, and dark enough to be seen on red.
LINE = "#a03a14"
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
    what was laid on each token. In a single row, what is against is underlined. A run of pads is one grey bar, named by
    how many there are; the heat map above it is drawn together as far. Tokens are named where there are at most 64.

    Args:
        strips: at least one, each with a token or more.
        width: inches.
    """
    maps = [_rows(strip) for strip in strips]
    names = [_names(strip) for strip in strips]
    inches = width - LETTER * max(width_of(cut(drawable(strip.layer), LAYER)) + AFTER for strip in strips)
    captions = [wrapped(drawable(strip.caption), int(inches / CAPTION)) for strip in strips]
    room = [max((max(LETTER * width_of(name), inches_of(name, POINTS)) for _, name in each), default=3 * LETTER)
            + AROUND + 0.13 * max(0, len(lines) - 1)
            for each, lines in zip(names, captions, strict=True)]
    heights = [(0.0 if drawn is None else min(MOST, ROW * len(drawn))) + ROW for drawn in maps]
    with paper_style():
        figure = Figure(figsize=(width, sum(room) + sum(heights)), layout="constrained")
        grid = figure.subplots(len(strips), 1, squeeze=False, gridspec_kw={
            "height_ratios": [high + need for high, need in zip(heights, room, strict=True)]})
        for axes, strip, drawn, words, high, lines in zip(grid[:, 0], strips, maps, names, heights, captions,
                                                          strict=True):
            _draw(axes, strip, drawn, words, ROW / high)
            axes.set_title("\n".join(lines), loc="left", parse_math=False)
    return figure


def _names(strip: Strip) -> list[tuple[float, str]]:
    """Where names stand and what they say: of bars always, of the other tokens where these are few."""
    borders, runs = _borders(strip.pads), _stretches(strip.pads)
    bars = [((borders[start] + borders[stop]) / 2, f"{stop - start:,} pad{'s' * (stop > start + 1)}")
            for start, stop in runs]
    words = [((borders[place] + borders[place + 1]) / 2, cut(drawable(strip.names[place]), LONGEST))
             for place in np.flatnonzero(~strip.pads).tolist()]
    return sorted(bars + (words if len(words) <= NAMED else []))


def _borders(pads: np.ndarray) -> np.ndarray:
    """(T + 1,) float64: where each token begins and the last one ends; tokens are 1 wide, pads in long runs less."""
    wide, most = np.ones(len(pads)), max(LEAST, BAR * float((~pads).sum()))
    for start, stop in _stretches(pads):
        wide[start:stop] = min(1.0, most / (stop - start))
    return np.concatenate([[0.0], np.cumsum(wide)])


def _rows(strip: Strip) -> np.ndarray | None:
    """The heat map as (K, T'), in shares of its largest magnitude."""
    if strip.heatmap is None or not strip.heatmap.size:
        return None
    rows = strip.heatmap.reshape(len(strip.heatmap), -1).T
    return rows / (np.abs(rows).max() or 1.0)


def _draw(axes: Axes, strip: Strip, drawn: np.ndarray | None, names: list[tuple[float, str]], share: float) -> None:
    """Draw one strip: the weights in the lowest ``share`` of the height, the heat map above them."""
    count, borders = len(strip.names), _borders(strip.pads)
    _cells(axes, np.where(strip.pads, 0.0, strip.weights)[None] / strip.scale, borders, (0, share))
    marks, words = [share / 2], [f"tokens (±{strip.scale:.3g})"]
    if drawn is not None:
        _cells(axes, drawn, np.interp(np.linspace(0, count, drawn.shape[1] + 1), np.arange(count + 1), borders),
               (share, 1))
        axes.axhline(share, color="white", linewidth=1.2)
        marks.append((1 + share) / 2)
        most = float(np.abs(strip.heatmap).max()) if strip.heatmap is not None else 0.0
        words.append(f"{cut(drawable(strip.layer or 'heat map'), LAYER)} (±{most:.3g})")
    axes.set(xlim=(0, borders[-1]), ylim=(-0.06, 1))
    axes.set_yticks(marks, words)
    for start, stop in _stretches(strip.pads):
        axes.add_patch(Rectangle((borders[start], 0), borders[stop] - borders[start], share, facecolor=GROUND,
                                 edgecolor="white", linewidth=0.6))
    axes.set_xticks([place for place, _ in names], [name for _, name in names], rotation=90, parse_math=False)
    all_weight = float(np.abs(strip.weights).sum())
    on_pads = float(np.abs(strip.weights[strip.pads]).sum()) / (all_weight or 1.0)
    padding = f"; grey: padding, with {percent(on_pads)} of the sum of |weight|" if strip.pads.any() else ""
    axes.set_xlabel(f"{count:,} tokens{padding}; {FOR_AGAINST.last}: for; {FOR_AGAINST.first} and underlined: against",
                    color=FAINT, fontsize=6.5)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)


def _cells(axes: Axes, shares: np.ndarray, borders: np.ndarray, up: tuple[float, float]) -> None:
    """Draw shares (K, T) in [−1, 1] as colours between ``borders`` (T + 1,) and over ``up``, the first row on top."""
    high = len(shares)
    axes.add_patch(Rectangle((borders[0], up[0]), borders[-1] - borders[0], up[1] - up[0], fill=False,
                             edgecolor=GROUND, linewidth=0.6, clip_on=False))
    if high == 1:
        against = FOR_AGAINST.indices(0.5 + shares[0] / 2) < MIDDLE
        axes.hlines([up[0] + UNDER] * int(against.sum()), borders[:-1][against], borders[1:][against],
                    color=LINE, linewidth=0.9)
    axes.pcolormesh(borders, np.linspace(up[1], up[0], high + 1), shares, vmin=-1, vmax=1,
                    cmap=ListedColormap(FOR_AGAINST.light.colours), edgecolors="face", linewidth=0.1,
                    rasterized=shares.size > MANY)


def _stretches(pads: np.ndarray) -> list[tuple[int, int]]:
    """The ranges [start, stop) in which ``pads`` (T,) are true."""
    borders = np.flatnonzero(np.diff(np.concatenate([[0], pads.astype(np.int8), [0]])))
    return [(int(start), int(stop)) for start, stop in borders.reshape(-1, 2)]
