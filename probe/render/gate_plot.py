"""The scatter plot of gates: how often each unit's gate is saturated, as in Karpathy, Johnson and Fei-Fei (2016)."""

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from markupsafe import Markup

from probe.files import read_text, replace_text
from probe.render.fonts import drawable
from probe.render.graphemes import visible
from probe.render.page import TEMPLATES, render_fragment, render_page
from probe.render.paper import GROUND, PAGE, paper_style
from probe.render.table import cell, table
from probe.render.theme import DARK, LIGHT, themed
from probe.render.wrapping import cut, wrapped

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SIDE = 200.0
COLOURS = {"input_gate": "#b0542f", "forget_gate": "#2a68a8", "output_gate": "#4d7a3a"}
OTHER = "#6a665f"
# Columns of a title that fit over a panel.
LONGEST = 34


@dataclass(frozen=True, eq=False)
class GatePanel:
    """One gate of one layer: a point a unit.

    Attributes:
        layer: name of the layer.
        gate: name of the signal.
        units: index in its layer of each of the U units.
        right, left: fraction (U,) of characters at which the gate is right- and left-saturated, each in [0, 1].
    """

    layer: str
    gate: str
    units: Sequence[int]
    right: np.ndarray
    left: np.ndarray

    @property
    def title(self) -> str:
        """What stands above the panel."""
        return f"layer {self.layer}, {self.gate.replace('_', ' ')}"

    def points(self) -> Iterator[tuple[float, float, str]]:
        """Yield for each unit x and y in a square of ``SIDE`` whose origin is above, and what hovering says."""
        for unit, right, left in zip(self.units, self.right, self.left, strict=True):
            yield (round(float(right) * SIDE, 1), round((1 - float(left)) * SIDE, 1),
                   f"{self.layer}:{unit}: right {right:.3f}, left {left:.3f}")


@dataclass(frozen=True)
class GateTable:
    """A table beside the plot: ``title``, ``headers``, ``rows`` of as many cells, and its ``meaning`` in a line."""

    title: str
    headers: tuple[str, ...]
    rows: Sequence[Sequence[object]]
    meaning: str = ""


@dataclass(frozen=True, eq=False)
class GatePlot:
    """Panels and tables, in four views.

    Attributes:
        panels: in the order in which they are shown; those of a layer stand in one row.
        caption: over which text.
        tables: what to read off the plot.
    """

    panels: tuple[GatePanel, ...]
    caption: str
    tables: tuple[GateTable, ...] = ()

    @property
    def layers(self) -> dict[str, list[GatePanel]]:
        """Layer → its panels."""
        rows: dict[str, list[GatePanel]] = {}
        for panel in self.panels:
            rows.setdefault(panel.layer, []).append(panel)
        return rows

    def _repr_html_(self) -> str:
        """Return the view that a notebook shows."""
        return render_fragment("gates_fragment.html", style=Markup(_style()), **self._context())

    def to_html(self, path: str | Path) -> Path:
        """Write one offline HTML page to ``path``, atomically, and return ``path``."""
        replace_text(path := Path(path), render_page("gates_page.html", style=_style(), **self._context()))
        return path

    def __str__(self) -> str:
        """Return the tables for a terminal, as wide as it is."""
        return self.to_terminal(shutil.get_terminal_size().columns)

    def to_terminal(self, width: int) -> str:
        """Return the tables as lines of at most ``width`` columns, or as wide as their narrowest columns need."""
        return "\n\n".join("\n".join([
            *wrapped(visible(f"{each.title} ({self.caption})"), width), *wrapped(visible(each.meaning), width),
            table(each.headers, each.rows, width)]) for each in self.tables)

    def figure(self) -> "Figure":
        """Return a matplotlib figure of the panels; :func:`probe.render.save_figure` writes it."""
        from matplotlib.figure import Figure

        layers = self.layers
        across, down = max((len(panels) for panels in layers.values()), default=1), max(1, len(layers))
        with paper_style():
            figure = Figure(figsize=(PAGE / 3 * across, (PAGE / 3 + 0.15) * down), layout="constrained")
            grid = figure.subplots(down, across, squeeze=False)
            for axes in grid.flat:
                axes.axis("off")
            for row, panels in zip(grid, layers.values(), strict=False):
                for axes, panel in zip(row, panels, strict=False):
                    axes.axis("on")
                    axes.plot([0, 1], [1, 0], color=GROUND, linewidth=0.9, zorder=1)
                    axes.scatter(panel.right, panel.left, s=9, alpha=0.55, linewidths=0, zorder=2,
                                 color=COLOURS.get(panel.gate, OTHER))
                    axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), aspect="equal",
                             xlabel="fraction right-saturated (> 0.9)", ylabel="fraction left-saturated (< 0.1)")
                    axes.set_title(cut(drawable(panel.title), LONGEST), parse_math=False)
        return figure

    def _context(self) -> dict[str, Any]:
        return {"title": "Gates", "caption": self.caption, "layers": self.layers, "tables": self.tables, "side": SIDE,
                "cell": cell}


def _style() -> str:
    colours = "".join(f".probe-gates .{gate} circle{{fill:{colour}}}" for gate, colour in COLOURS.items())
    theme = themed(".probe-gates", f"{LIGHT};--glow:none", f"{DARK};--glow:brightness(1.5)")
    return read_text(TEMPLATES / "gates.css") + theme + colours
