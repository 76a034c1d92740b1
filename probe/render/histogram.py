"""The histogram of a unit's activations, split by whether a pattern holds."""

import shutil
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from probe.errors import UserError
from probe.render.fonts import drawable
from probe.render.graphemes import visible
from probe.render.notebook import picture
from probe.render.paper import COLUMN, LINES, paper_style
from probe.render.wrapping import cut, wrapped

if TYPE_CHECKING:
    from matplotlib.figure import Figure

BARS = " ▁▂▃▄▅▆▇█"
# Letters of the legend that fit into an inch, and lines that a name may take.
LETTERS, MOST_LINES = 15, 2


@dataclass(frozen=True, eq=False)
class Histogram:
    """How often a unit had each activation, inside a pattern and outside it.

    Shares are of each class by itself, so that a rare pattern is seen beside a frequent one.

    Attributes:
        inside, outside: (K,) counts of K equal bins from ``low`` to ``high``.
        low, high: range of the activation, low < high.
        unit: whose it is.
        pattern: the pattern in words.

    Raises:
        UserError: the counts are not of equally many bins, or there is no range.
    """

    inside: np.ndarray
    outside: np.ndarray
    low: float
    high: float
    unit: str
    pattern: str

    def __post_init__(self) -> None:
        if np.ndim(self.inside) != 1 or np.shape(self.inside) != np.shape(self.outside) or not self.low < self.high:
            raise UserError(
                f"a histogram needs as many bins inside as outside and a range: received shapes "
                f"{np.shape(self.inside)} and {np.shape(self.outside)} from {self.low:g} to {self.high:g}")

    @property
    def classes(self) -> tuple[tuple[str, np.ndarray], ...]:
        """Name and shares (K,) float64 of each class; those of an empty one are 0."""
        pairs = ((self.pattern, self.inside), (f"not {self.pattern}", self.outside))
        return tuple((f"{name}, {int(counts.sum()):,} characters", counts / max(1, int(counts.sum())))
                     for name, counts in pairs)

    def __str__(self) -> str:
        """Return bars of text, as wide as the terminal."""
        return self.to_terminal(shutil.get_terminal_size().columns)

    def to_terminal(self, width: int) -> str:
        """Return a row of bars for each class as lines of at most ``width`` columns, or of a column a bin."""
        most = max(float(shares.max()) for _, shares in self.classes) or 1.0
        lines = wrapped(visible(self.unit), width)
        for name, shares in self.classes:
            bars = "".join(BARS[int(np.ceil(share / most * (len(BARS) - 1)))] for share in shares)
            lines += [bars, *wrapped(visible(name), width)]
        ends = f"{self.low:.2f}", f"{self.high:.2f}"
        gap = " " * max(1, len(self.inside) - sum(map(len, ends)))
        return "\n".join([*lines, gap.join(ends).replace("-", "−")])

    def _repr_html_(self) -> str:
        """Return the view that a notebook shows."""
        return picture(self.figure(), f"Histogram of {self.unit}, split by {self.pattern}")

    def figure(self, width: float = COLUMN) -> "Figure":
        """Return a matplotlib figure; :func:`probe.render.save_figure` writes it.

        Args:
            width: inches; that of a column of a page in two unless told.
        """
        from matplotlib.figure import Figure

        edges, letters = np.linspace(self.low, self.high, len(self.inside) + 1), int(width * LETTERS)
        unit, pattern = (cut(drawable(name), MOST_LINES * letters) for name in (self.unit, self.pattern))
        with paper_style():
            figure = Figure(figsize=(width, width * 0.62), layout="constrained")
            axes = figure.add_subplot()
            lines = []
            for (name, shares), (colour, dashes) in zip(replace(self, pattern=pattern).classes, (LINES[1], LINES[0]),
                                                       strict=True):
                axes.stairs(shares, edges, fill=True, color=colour, alpha=0.22, linewidth=0)
                lines.append(axes.stairs(shares, edges, color=colour, linewidth=1.1, linestyle=dashes,
                                         label="\n".join(wrapped(name, letters))))
            axes.set(xlim=(self.low, self.high), ylim=(0, None), ylabel="share of its class",
                     xlabel="\n".join(wrapped(f"activation of {unit}", letters)))
            # Told one by one: of those that it finds itself, it leaves out names that begin with _.
            figure.legend(lines, [str(line.get_label()) for line in lines], loc="outside upper left",
                          handlelength=2.4, borderaxespad=0)
        return figure
