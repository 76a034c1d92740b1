"""What every view in a notebook is made of: pictures, tables and coloured texts that stand by themselves in a cell.

A cell's HTML brings its own style, in classes that begin with ``probe-``, has no script and no ids, and is escaped. It
is light or dark as the notebook says (JupyterLab, VS Code, Colab), else as the reader's system does; light on paper.
"""

import base64
from collections.abc import Sequence
from typing import TYPE_CHECKING

from markupsafe import Markup

from probe.files import read_text
from probe.render.page import TEMPLATES, render_fragment
from probe.render.paper import figure_bytes
from probe.render.table import cell, numeric
from probe.render.theme import DARK, LIGHT, themed

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def picture(figure: "Figure", words: str) -> str:
    """Return a figure as an image in a cell, on white ground whatever the notebook's.

    Args:
        figure: of any of the views.
        words: what it shows, for those who do not see it.
    """
    drawn = base64.b64encode(figure_bytes(figure, ".svg")).decode("ascii")
    width = round(figure.get_figwidth() * 96)
    return render_fragment("picture.html", source=f"data:image/svg+xml;base64,{drawn}", words=words, width=width,
                           style=Markup(notebook_style()))


def table_fragment(headers: Sequence[str], rows: Sequence[Sequence[object]], caption: str = "") -> str:
    """Return a table as a cell shows it, numbers as :func:`probe.render.table` writes them.

    Args:
        headers: a word or two a column.
        rows: cells, as many in each row as there are headers.
        caption: stands above.
    """
    flush = [bool(rows) and all(numeric(row[place]) for row in rows) for place in range(len(headers))]
    return render_fragment("table.html", headers=headers, rows=rows, caption=caption, cell=cell, flush=flush,
                           style=Markup(notebook_style()))


def stacked(*fragments: str) -> str:
    """Return fragments one below the other in one cell; a plain string is escaped, what this room made is not again."""
    return Markup().join(fragments)


def notebook_style() -> str:
    """Return the style sheet that the fragments of a cell share."""
    return read_text(TEMPLATES / "notebook.css") + themed(".probe-cell", LIGHT, DARK)
