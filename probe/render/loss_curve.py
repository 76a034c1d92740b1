"""The loss of a training over its steps, for a page, a terminal, or a figure."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from probe.render.plot import Plot

if TYPE_CHECKING:
    from matplotlib.figure import Figure

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
        """Return the curve of a run's log; None if fewer than two losses were logged.

        Args:
            log: records with ``step`` and ``loss`` or ``validation_loss`` in nats a character, oldest first.
        """
        series = []
        for name, key in SERIES.items():
            points = np.array([(record["step"], record[key]) for record in log if key in record], np.float64)
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

    def figure(self, title: str = "") -> "Figure":
        """Return a matplotlib figure with the best validation marked, ready for ``savefig``.

        Args:
            title: shown as it is.
        """
        from matplotlib.figure import Figure

        figure = Figure(figsize=(7, 3.6), layout="constrained")
        axes = figure.add_subplot()
        for each in self.series:
            axes.plot(each.steps, each.bits, color=COLOURS[each.name], label=f"{each.name} {each.bits[-1]:.3f}",
                      linewidth=1.6, marker="o" if each.name == "validation" else "", markersize=3)
            if each.name == "validation":
                best = each.bits.argmin()
                axes.plot(each.steps[best], each.bits[best], color=COLOURS[each.name], linestyle="", marker="o",
                          markersize=9, fillstyle="none",
                          label=f"best {each.bits[best]:.3f} at step {each.steps[best]:,.0f}")
        axes.set_title(title, parse_math=False)
        axes.set(xlabel="steps", ylabel="bits a character", xlim=(0, max(self.last, 1)), ylim=(self.low, self.high))
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(axis="y", color="#e4e4e4", linewidth=0.8)
        axes.legend(frameon=False)
        return figure
