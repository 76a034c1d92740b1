"""A page of tables about a network's attention, and maps as examples below them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from probe.files import read_text, replace_text
from probe.render.map_html import maps_context, maps_style
from probe.render.map_panel import MapPanel
from probe.render.notebook import notebook_style
from probe.render.page import TEMPLATES, render_page
from probe.render.table import cell, numeric


@dataclass(frozen=True)
class ReportTable:
    """One table of a page.

    Attributes:
        caption: what it shows.
        headers: a word or two a column.
        rows: cells, as many in each as there are headers; numbers as :func:`probe.render.table` writes them.
    """

    caption: str
    headers: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]

    @property
    def flush(self) -> list[bool]:
        """Of each column whether it holds numbers alone."""
        return [bool(self.rows) and all(numeric(row[place]) for row in self.rows) for place in range(len(self.headers))]

    @property
    def cells(self) -> list[list[str]]:
        """What stands in each row."""
        return [[cell(value) for value in row] for row in self.rows]


def write_report(path: Path, title: str, tables: Sequence[ReportTable], *, findings: Sequence[str] = (),
                 notes: Sequence[str] = (), panels: Sequence[MapPanel] = (), maps_title: str = "") -> Path:
    """Write tables and maps as one offline page to ``path``, atomically; return it.

    Args:
        path: of the page.
        title: stands above.
        tables: one below the other.
        findings: paragraphs below the tables.
        notes: smaller ones below these: how to read the tables.
        panels: maps, shown last; there may be none.
        maps_title: stands above the maps.

    Raises:
        UserError: the page cannot be written.
    """
    context = maps_context(panels, "") if panels else {"panels": []}
    style = (maps_style() if panels else read_text(TEMPLATES / "map.css")) + notebook_style() + read_text(
        TEMPLATES / "map_report.css")
    page = render_page("map_report.html", style=style, script=read_text(TEMPLATES / "map.js") if panels else "",
                       **{**context, "title": title, "sheets": tables, "findings": findings, "notes": notes,
                          "maps_title": maps_title})
    replace_text(path, page)
    return path
