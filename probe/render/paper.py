"""Figures for a paper: sizes, letters and lines as one style, and files whose bytes depend on what is drawn alone."""

import io
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from probe.errors import UserError
from probe.files import replace_bytes
from probe.render.fonts import MONO, SANS

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Inches: a column of a page in two columns, and its whole width.
COLUMN, PAGE = 3.3, 6.9
ENDINGS = (".png", ".svg", ".pdf")
DPI = 300
# Of a .png, along each side and in all, for which four bytes each are held.
MOST_DOTS, MOST_DOTS_IN_ALL = 65_000, 100_000_000
# Okabe and Ito (2008), told apart by every kind of colour vision; lines differ in their dashes too.
LINES = (("#0072b2", "solid"), ("#d55e00", (0, (4, 1.2))), ("#007a58", (0, (1, 1))), ("#aa4499", (0, (5, 1, 1, 1))))
FAINT, GROUND = "#5c5852", "#dcd7cc"
_STYLE: Any = {
    "font.family": [SANS, MONO], "font.size": 7.5, "axes.titlesize": 8, "axes.labelsize": 7.5, "xtick.labelsize": 6.5,
    "ytick.labelsize": 6.5, "legend.fontsize": 7, "axes.linewidth": 0.6, "xtick.major.width": 0.6,
    "ytick.major.width": 0.6, "axes.spines.top": False, "axes.spines.right": False, "legend.frameon": False,
    "axes.formatter.use_mathtext": False, "text.parse_math": False,
}
# Letters stay letters, which are searched and copied; ids do not change from one drawing to the next.
_FILES: Any = {"svg.fonttype": "none", "pdf.fonttype": 42, "svg.hashsalt": "probe"}
_UNDATED: dict[str, dict[str, None]] = {
    ".png": {"Software": None}, ".svg": {"Date": None}, ".pdf": {"CreationDate": None, "ModDate": None},
}


def paper_style() -> AbstractContextManager[None]:
    """Return a context in which figures are made: small letters, thin lines, names never read as formulas."""
    import matplotlib

    return matplotlib.rc_context(_STYLE)


def figure_bytes(figure: "Figure", ending: str) -> bytes:
    """Return a figure as a file of kind ``ending``; the same figure gives the same bytes at any time.

    Args:
        figure: of any of the views.
        ending: ``".png"`` (300 dots an inch), ``".svg"`` or ``".pdf"``, both with letters as letters.

    Raises:
        UserError: it has more dots than a drawing of dots can have.
    """
    import matplotlib

    width, height = (round(float(inches) * DPI) for inches in figure.get_size_inches())
    if ending == ".png" and (max(width, height) > MOST_DOTS or width * height > MOST_DOTS_IN_ALL):
        raise UserError(f"a drawing of {width:,} × {height:,} dots is too large for .png; draw less, or take .svg or "
                        ".pdf")
    drawing = io.BytesIO()
    with matplotlib.rc_context(_FILES):
        figure.savefig(drawing, format=ending[1:], dpi=DPI, metadata=_UNDATED[ending])
    return drawing.getvalue()


def save_figure(figure: "Figure", path: str | Path) -> Path:
    """Write a figure to ``path``, atomically, and return ``path``.

    Example::

        save_figure(findings.histogram(findings.findings[0]).figure(), "quotes.pdf")

    Args:
        figure: of any of the views.
        path: ends in ``.png``, ``.svg`` or ``.pdf``.

    Raises:
        UserError: it ends in something else, or cannot be written.
    """
    path = Path(path)
    if path.suffix.lower() not in ENDINGS:
        raise UserError(f"a figure's file must end in {', '.join(ENDINGS)}; received {path.name!r}")
    replace_bytes(path, figure_bytes(figure, path.suffix.lower()))
    return path
