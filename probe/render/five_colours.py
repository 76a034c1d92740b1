"""Tokens in five colours by how strong they are, under a heat map's strip, as Talentpair's article draws them."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from probe.errors import UserError
from probe.render.fonts import MONO, drawable
from probe.render.paper import FAINT, PAGE, paper_style
from probe.render.wrapping import cut, width_of

# From the weakest fifth of [0, 1] to the strongest.
COLOURS = {"blue": "#9db8ff", "cyan": "#8fe3ee", "green": "#a5dd8f", "yellow": "#ffe066", "red": "#ff8f80"}
NONE = -1
# Columns of a line, inches of a line and of a column, points of a letter, letters of a token.
COLUMNS, LINE, POINTS, LONGEST = 112, 0.25, 7.0, 24
STRIP = 0.32


def bands(weights: np.ndarray) -> np.ndarray:
    """Return the colour of each weight (T,) in [0, 1], int64: 0 is blue, 4 is red; −1 for 0, which gets none."""
    indices = np.minimum((np.asarray(weights, np.float64) * len(COLOURS)).astype(np.int64), len(COLOURS) - 1)
    return np.where(np.asarray(weights) > 0, indices, NONE)


def five_colours_figure(tokens: Sequence[str], weights: np.ndarray, heatmap: np.ndarray | None, pads: np.ndarray,
                        width: float = PAGE) -> Figure:
    """Return the map of one row as a strip, and below it the tokens on their colours.

    Args:
        tokens: T.
        weights: (T,) float64 in [0, 1].
        heatmap: (T',) float64 in [0, 1], stretched over the width; None for no strip.
        pads: (T,) bool, which tokens are padding; they are not drawn.
        width: inches.

    Raises:
        UserError: a weight lies outside [0, 1].
    """
    weights = np.asarray(weights, np.float64)
    if weights.size and not (weights.min() >= 0 and weights.max() <= 1):
        raise UserError(f"the five colours are for weights from 0 to 1; received {weights.min():.3g} to "
                        f"{weights.max():.3g}")
    shown = [(cut(drawable(token), LONGEST), int(band)) for token, band, pad
             in zip(tokens, bands(weights), pads, strict=True) if not pad]
    lines = _lines([word for word, _ in shown])
    rows = (lines[-1][0] if lines else 0) + 1
    with paper_style():
        figure = Figure(figsize=(width, STRIP + 0.45 + LINE * (rows + 1)), layout="constrained")
        grid = figure.subplots(2, 1, gridspec_kw={"height_ratios": [STRIP, LINE * (rows + 1)]})
        if heatmap is not None:
            grid[0].imshow(heatmap[None], aspect="auto", cmap="viridis", vmin=0, vmax=1, interpolation="nearest")
            grid[0].set_title(f"map over {len(heatmap)} positions of the layer, in shares of its largest", loc="left")
        grid[0].set_axis_off()
        grid[1].set(xlim=(-0.5, COLUMNS), ylim=(rows + 1, 0))
        grid[1].set_axis_off()
        for (row, column), (word, band) in zip(lines, shown, strict=True):
            _word(grid[1], word, row, column, band)
        _legend(grid[1], rows + 0.2)
    return figure


def _lines(words: list[str]) -> list[tuple[int, int]]:
    """The line and the column of each word."""
    places, row, column = [], 0, 0
    for word in words:
        if column and column + width_of(word) > COLUMNS:
            row, column = row + 1, 0
        places.append((row, column))
        column += width_of(word) + 1
    return places


def _word(axes: Axes, word: str, row: float, column: float, band: int) -> None:
    if band != NONE:
        axes.add_patch(Rectangle((column - 0.3, row + 0.08), width_of(word) + 0.6, 0.84, linewidth=0,
                                 facecolor=list(COLOURS.values())[band]))
    axes.text(column, row + 0.5, word, fontsize=POINTS, fontfamily=MONO, va="center_baseline", parse_math=False)


def _legend(axes: Axes, row: float) -> None:
    column = 0.3
    for band, name in enumerate(COLOURS):
        words = f"{name}: {'above ' if band == 0 else ''}{band / len(COLOURS):.1f} to {(band + 1) / len(COLOURS):.1f}"
        axes.add_patch(Rectangle((column, row + 0.25), 1.2, 0.5, linewidth=0, facecolor=COLOURS[name]))
        axes.text(column + 1.8, row + 0.5, words, color=FAINT, fontsize=5.5, va="center_baseline")
        column += COLUMNS / len(COLOURS)
