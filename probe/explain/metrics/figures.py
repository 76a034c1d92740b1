"""Drawings of faithfulness: curves, and the fall of a rank correlation; a panel a method."""

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from probe.errors import UserError
from probe.explain.metrics.faithfulness import MethodFaithfulness, mean
from probe.render.fonts import drawable
from probe.render.paper import FAINT, GROUND, LINES, PAGE, paper_style
from probe.render.wrapping import cut, wrapped

if TYPE_CHECKING:
    from probe.explain.metrics.curves import Curves
    from probe.explain.metrics.faithfulness import Faithfulness

ACROSS = 4
SHARES = np.linspace(0, 1, 101)
# Letters of a title, of a layer's name, and of an inch of what stands beside the panels.
TITLE, LAYER, LETTERS = 30, 16, 12


def curve_figure(found: "Faithfulness") -> Figure:
    """Return the mean curves of each method, over those of random orders."""
    by_chance = {"deletion": _band(found.deletions), "insertion": _band(found.insertions)}

    def draw(axes: Axes, method: MethodFaithfulness) -> None:
        for (low, high) in by_chance.values():
            axes.fill_between(SHARES, low, high, color=GROUND, linewidth=0)
        for name, curves, (colour, dashes) in (("deletion", method.deletion, LINES[1]),
                                               ("insertion", method.insertion, LINES[0])):
            axes.plot(SHARES, curves.at(SHARES).mean(axis=0), color=colour, linestyle=dashes, linewidth=1.2, label=name)
        axes.set(xlim=(0, 1), xticks=(0, 0.5, 1), xticklabels=("0", "½", "1"))

    return _panels(found.methods, draw, f"mean {found.scored} of {found.caption}",
                   "share of the tokens that are deleted or inserted; grey: random orders")


def cascade_figure(found: "Faithfulness") -> Figure:
    """Return the mean rank correlations of each method over the layers, from the last to the first.

    Raises:
        UserError: they were not measured.
    """
    measured = [(each, each.randomisation) for each in found.methods if each.randomisation is not None]
    if not measured:
        raise UserError("random weights were left out; randomise=True compares with them")
    layers = measured[0][1].layers
    falls = {each.method: [np.array([mean(values) for values in kind], np.float64)
                           for kind in (made.cascading_sizes, made.independent_sizes)] for each, made in measured}
    lowest = float(np.nanmin(list(falls.values()), initial=0.0))

    def draw(axes: Axes, method: MethodFaithfulness) -> None:
        places = np.arange(len(layers))
        axes.axhline(0, color=FAINT, linewidth=0.5)
        for name, values, (colour, dashes) in zip(("from the last layer to this one", "this layer alone"),
                                                  falls[method.method], (LINES[1], LINES[0]), strict=True):
            axes.plot(places, values, color=colour, linestyle=dashes, linewidth=1.2, marker="o", markersize=2.5,
                      label=name)
        axes.set(ylim=(lowest - 0.1, 1.05), xlim=(-0.3, len(places) - 0.7))
        axes.set_xticks(places, [cut(drawable(name), LAYER) for name in layers], rotation=90, fontsize=5.5)

    return _panels([each for each, _ in measured], draw, "rank correlation of |weights|", "layers with random weights")


def _band(curves: "Sequence[Curves]") -> tuple[np.ndarray, np.ndarray]:
    """Between which scores the mean curves of random orders lie."""
    means = np.array([each.at(SHARES).mean(axis=0) for each in curves])
    low, high = np.quantile(means, (0.025, 0.975), axis=0)
    return low, high


def _panels(methods: Sequence[MethodFaithfulness], draw: Callable[[Axes, MethodFaithfulness], None], across: str,
            below: str) -> Figure:
    columns = min(ACROSS, len(methods))
    rows = math.ceil(len(methods) / columns)
    with paper_style():
        high = 0.5 + 1.35 * rows
        figure = Figure(figsize=(max(PAGE * columns / ACROSS, PAGE / 2), high), layout="constrained")
        grid = figure.subplots(rows, columns, squeeze=False, sharex=True, sharey=True)
        for axes, method in zip(grid.flat, methods, strict=False):
            draw(axes, method)
            axes.set_title(cut(drawable(method.method), TITLE), parse_math=False)
            axes.grid(axis="y", color=GROUND, linewidth=0.4)
        for axes in grid.flat[len(methods):]:
            axes.axis("off")
        for axes in grid.flat[max(0, len(methods) - columns):len(methods)]:
            axes.tick_params(labelbottom=True)
        figure.supylabel("\n".join(wrapped(drawable(across), int(LETTERS * high))), fontsize=7.5)
        figure.supxlabel(drawable(below), fontsize=7.5)
        figure.legend(*grid.flat[0].get_legend_handles_labels(), loc="outside upper left", ncols=2, borderaxespad=0)
    return figure
