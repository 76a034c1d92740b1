"""The loss of a training over its steps, for a page, a terminal, or a figure."""

import math
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from probe.render.fonts import drawable
from probe.render.notebook import picture
from probe.render.paper import COLUMN, GROUND, paper_style
from probe.render.plot import Plot
from probe.render.wrapping import cut

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Letters of a title that fit into an inch.
LETTERS = 13
SERIES = {"training": "loss", "validation": "validation_loss"}
COLOURS = {"training": "#8a8a8a", "validation": "#2a68a8"}


@dataclass(frozen=True, eq=False)
class Series:
    """One line of the drawing: its name, steps (K,) and losses (K,) float64 in bits a character, K ≥ 2."""

    name: str
    steps: np.ndarray
    bits: np.ndarray


@dataclass(frozen=True, eq=False)
class LossCurve:
    """What was logged of a training's loss, and the axes that hold it.

    Attributes:
        series: those that have at least two points.
        low, high: bounds of the axis in bits a character, halves.
        last: the last step.
    """

    series: tuple[Series, ...]
    low: float
    high: float
    last: int

    @classmethod
    def of(cls, log: Sequence[Mapping[str, Any]]) -> "LossCurve | None":
        """Return the curve of a run's log; None if fewer than two finite losses were logged.

        Args:
            log: records with ``step`` and ``loss`` or ``validation_loss`` in nats a character, oldest first;
                those that are not finite are left out.
        """
        series = []
        for name, key in SERIES.items():
            logged = [(record["step"], record[key]) for record in log if key in record]
            points = np.array(logged, np.float64).reshape(-1, 2)
            points = points[np.isfinite(points).all(axis=1)]  # a training that diverged logs what no axis holds
            if len(points) > 1:
                series.append(Series(name, points[:, 0], points[:, 1] / math.log(2)))
        if not series:
            return None
        low = math.floor(min(each.bits.min() for each in series) * 2) / 2
        high = math.ceil(max(each.bits.max() for each in series) * 2) / 2
        high = max(high, low + 0.5, math.nextafter(low, math.inf))  # beyond 2**53 a half is nothing
        return cls(tuple(series), low, high, int(max(each.steps[-1] for each in series)))

    def to_terminal(self, width: int, height: int, *, unicode: bool = True) -> str:
        """Return lines of at most ``width`` columns, ``height`` of them for the drawing itself.

        Args:
            width: at least 30.
            height: at least 2.
            unicode: whether the output can show more than ASCII.
        """
        plot = Plot((0, max(self.last, 1)), (self.low, self.high), width, height, unicode=unicode)
        ways = {"training": (plot.line, plot.signs[0]), "validation": (plot.marks, plot.signs[1])}
        legend = []
        for each in self.series:
            draw, sign = ways[each.name]
            draw(each.steps, each.bits)
            legend.append(f"{sign} {each.name} {each.bits[-1]:.3f}")
        return f"bits a character: {', '.join(legend)}\n{plot.text('steps')}"

    def figure(self, title: str = "", width: float = COLUMN) -> "Figure":
        """Return a matplotlib figure with the best validation marked; :func:`probe.render.save_figure` writes it.

        Args:
            title: shown as it is.
            width: inches; that of a column of a page in two unless told.
        """
        from matplotlib.figure import Figure

        with paper_style():
            figure = Figure(figsize=(width, width * 0.6), layout="constrained")
            axes = figure.add_subplot()
            for each in self.series:
                axes.plot(each.steps, each.bits, color=COLOURS[each.name], label=f"{each.name} {each.bits[-1]:.3f}",
                          linewidth=1.1, marker="o" if each.name == "validation" else "", markersize=2)
                if each.name == "validation":
                    best = each.bits.argmin()
                    axes.plot(each.steps[best], each.bits[best], color=COLOURS[each.name], linestyle="", marker="o",
                              markersize=6, fillstyle="none", clip_on=False,
                              label=f"best {each.bits[best]:.3f} at step {each.steps[best]:,.0f}")
            axes.set_title(cut(drawable(title), int(width * LETTERS)), parse_math=False)
            axes.set(xlabel="steps", ylabel="bits a character", xlim=(0, max(self.last, 1)), ylim=(self.low, self.high))
            axes.grid(axis="y", color=GROUND, linewidth=0.5)
            axes.legend()
        return figure

    def _repr_html_(self) -> str:
        """Return the view that a notebook shows."""
        ends = ", ".join(f"{each.name} {each.bits[-1]:.3f}" for each in self.series)
        return picture(self.figure(), f"Loss in bits a character over {self.last:,} steps, at the end: {ends}")

    def __str__(self) -> str:
        """Return the drawing for a terminal, as wide as it is."""
        return self.to_terminal(max(30, shutil.get_terminal_size().columns), 12)
