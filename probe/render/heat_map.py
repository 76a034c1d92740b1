"""Units × patterns: how each unit goes with each pattern, like beside like."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from probe.errors import UserError
from probe.render.fonts import drawable
from probe.render.notebook import picture
from probe.render.palette import DIVERGING
from probe.render.paper import COLUMN, PAGE, paper_style
from probe.render.seriation import order
from probe.render.table import cell, table
from probe.render.wrapping import cut, width_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Inches: a row, a column, what stands above the rows, and a letter of the names below.
ROW, ACROSS, ABOVE, LETTER = 0.1, 0.2, 0.75, 0.06
# Rows that are named; of more the names would lie on each other. Letters of a name.
NAMED, LONGEST = 120, 44
NOWHERE = "#e4e0d8"


@dataclass(frozen=True, eq=False)
class HeatMap:
    """A table of numbers around 0 as colours.

    Attributes:
        values: (U, P) float64; NaN where there is no number.
        units: U names.
        patterns: P names.
        meaning: what the numbers are.

    Raises:
        UserError: there are not as many names as rows and columns, or no numbers at all.
    """

    values: np.ndarray
    units: Sequence[str]
    patterns: Sequence[str]
    meaning: str = "correlation"

    def __post_init__(self) -> None:
        if np.shape(self.values) != (len(self.units), len(self.patterns)):
            raise UserError(f"a heat map needs a row a unit and a column a pattern: received {np.shape(self.values)} "
                            f"for {len(self.units)} units and {len(self.patterns)} patterns")
        if not np.isfinite(self.values).any():
            raise UserError(f"a heat map needs a number: received none of {self.meaning}")

    @property
    def most(self) -> float:
        """The largest magnitude, at which the colours end."""
        return float(np.nanmax(np.abs(self.values))) or 1.0

    def clustered(self) -> "HeatMap":
        """Return the same table with rows and columns in an order in which what is alike lies together."""
        numbers = np.nan_to_num(self.values)
        rows, columns = order(numbers), order(numbers.T)
        return HeatMap(self.values[np.ix_(rows, columns)], [self.units[row] for row in rows],
                       [self.patterns[column] for column in columns], self.meaning)

    def strongest(self) -> list[tuple[str, str, float]]:
        """Return each pattern with the unit whose number is largest in magnitude, the largest first."""
        there = np.flatnonzero(np.isfinite(self.values).any(axis=0))
        best = np.nanargmax(np.abs(self.values[:, there]), axis=0)
        rows = [(self.patterns[p], self.units[u], float(self.values[u, p]))
                for u, p in zip(best.tolist(), there.tolist(), strict=True)]
        return sorted(rows, key=lambda row: -abs(row[2]))

    def __str__(self) -> str:
        """Return the strongest unit of each pattern as a table, as wide as the terminal."""
        return table(("pattern", "unit", self.meaning), self.strongest(), shutil.get_terminal_size().columns)

    def _repr_html_(self) -> str:
        """Return the view that a notebook shows."""
        words = "; ".join(f"{pattern}: {unit} {cell(value)}" for pattern, unit, value in self.strongest())
        return picture(self.figure(), f"Heat map of {self.meaning}. Strongest: {words}")

    def figure(self, width: float | None = None) -> "Figure":
        """Return a matplotlib figure; :func:`probe.render.save_figure` writes it.

        Args:
            width: inches; as wide as its columns need unless told, a page at most.
        """
        from matplotlib.colors import ListedColormap
        from matplotlib.figure import Figure

        colours = ListedColormap(DIVERGING.light.colours).with_extremes(bad=NOWHERE)
        units = [cut(drawable(name), LONGEST // 2) for name in self.units]
        patterns = [cut(drawable(name.replace("_", " ")), LONGEST) for name in self.patterns]
        count, wide = len(units), max(COLUMN, min(PAGE, 0.8 + ACROSS * len(patterns)))
        high = ABOVE + ROW * min(count, NAMED) + LETTER * max(map(width_of, patterns))
        with paper_style():
            figure = Figure(figsize=(width or wide, high), layout="constrained")
            axes = figure.add_subplot()
            drawn = axes.pcolormesh(np.ma.masked_invalid(self.values), cmap=colours, vmin=-self.most, vmax=self.most,
                                    edgecolors="face", linewidth=0.1, rasterized=self.values.size > 10_000)
            axes.invert_yaxis()
            axes.set_xticks(np.arange(len(patterns)) + 0.5, patterns, rotation=90, parse_math=False)
            if count <= NAMED:
                axes.set_yticks(np.arange(count) + 0.5, units, fontsize=5.5, parse_math=False)
            else:
                axes.set(yticks=[], ylabel=f"{count:,} units")
            axes.tick_params(length=0)
            axes.spines[:].set_visible(False)
            bar = figure.colorbar(drawn, ax=axes, location="top", shrink=0.4, aspect=24, pad=0.01)
            bar.set_label(cut(drawable(self.meaning), LONGEST)
                          + ("" if np.isfinite(self.values).all() else "; grey: none"))
            bar.outline.set_linewidth(0.4)
        return figure
