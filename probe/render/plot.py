"""A line plot made of characters."""

import numpy as np

# A braille character has 2 × 4 dots, whose bits are numbered in this odd order (Unicode, Braille Patterns).
DOTS = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]])
BRAILLE, ACROSS, DOWN = 0x2800, 2, 4
LINE_MARK, POINT_MARK = {True: "⣀", False: "."}, {True: "●", False: "o"}
CORNER = {True: ("┤", "│", "└", "─"), False: ("+", "|", "+", "-")}


class Plot:
    """A drawing area with axes: lines in dots of braille, or of ASCII where there is no more, and marks on top.

    Args:
        x, y: (lowest, highest) value of each axis, lowest < highest.
        width: columns in all.
        height: rows of the area; two more hold the axis.
        unicode: whether more than ASCII may be used.
    """

    def __init__(self, x: tuple[float, float], y: tuple[float, float], width: int, height: int, *,
                 unicode: bool = True) -> None:
        self._x, self._y, self._unicode = x, y, unicode
        self._margin = max(len(_number(bound)) for bound in y)
        self._shape = (height, max(2, width - self._margin - 2))
        self._across, self._down = (ACROSS, DOWN) if unicode else (1, 1)
        self._dots = np.zeros((height * self._down, self._shape[1] * self._across), bool)
        self._marked = np.zeros(self._shape, bool)

    def line(self, x: np.ndarray, y: np.ndarray) -> None:
        """Draw a line through points x (K,) ascending, y (K,)."""
        columns, rows = self._place(x, y, self._dots.shape)
        for place in range(1, len(columns)):
            left, right, start, stop = *columns[place - 1:place + 1], *rows[place - 1:place + 1]
            count = 1 + round(max(abs(right - left), abs(stop - start)))
            self._dots[np.rint(np.linspace(start, stop, count)).astype(int),
                       np.rint(np.linspace(left, right, count)).astype(int)] = True

    def marks(self, x: np.ndarray, y: np.ndarray) -> None:
        """Mark points x (K,), y (K,)."""
        columns, rows = self._place(x, y, self._shape)
        self._marked[np.rint(rows).astype(int), np.rint(columns).astype(int)] = True

    @property
    def signs(self) -> tuple[str, str]:
        """How a line and a mark look, for a legend."""
        return LINE_MARK[self._unicode], POINT_MARK[self._unicode]

    def text(self, x_name: str) -> str:
        """Return the drawing with its axes, whose horizontal one measures ``x_name``."""
        tick, wall, corner, floor = CORNER[self._unicode]
        cells = self._cells()
        height, width = self._shape
        labelled = {0: self._y[1], height - 1: self._y[0]} | ({height // 2: self._middle} if height > 4 else {})
        lines = []
        for row in range(height):
            label = _number(labelled[row]) if row in labelled else ""
            lines.append(f"{label:>{self._margin}} {tick if label else wall}{''.join(cells[row])}".rstrip())
        end = f"{self._x[1]:,.0f} {x_name}"
        lines.append(" " * (self._margin + 1) + corner + floor * width)
        lines.append(" " * (self._margin + 2) + f"{self._x[0]:,.0f}" + f"{end:>{width - 1}}")
        return "\n".join(lines)

    @property
    def _middle(self) -> float:
        """The value at the row that is labelled in the middle."""
        height = self._shape[0]
        return self._y[1] - (self._y[1] - self._y[0]) * (height // 2) / (height - 1)

    def _place(self, x: np.ndarray, y: np.ndarray, shape: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
        """Fractional columns and rows (K,) of points, the highest value in row 0."""
        columns = (np.asarray(x, np.float64) - self._x[0]) / (self._x[1] - self._x[0]) * (shape[1] - 1)
        rows = (self._y[1] - np.asarray(y, np.float64)) / (self._y[1] - self._y[0]) * (shape[0] - 1)
        return np.clip(columns, 0, shape[1] - 1), np.clip(rows, 0, shape[0] - 1)

    def _cells(self) -> np.ndarray:
        """The characters (height, width) of the area."""
        height, width = self._shape
        if self._unicode:
            bits = (self._dots.reshape(height, DOWN, width, ACROSS) * DOTS[:, None]).sum(axis=(1, 3))
            cells = np.array([[chr(BRAILLE + bit) if bit else " " for bit in row] for row in bits])
        else:
            cells = np.where(self._dots, LINE_MARK[False], " ")
        cells[self._marked] = POINT_MARK[self._unicode]
        return cells


def _number(value: float) -> str:
    return f"{value:.2f}"
