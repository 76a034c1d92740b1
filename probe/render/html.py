"""Coloured text as HTML: a fragment for notebooks and a page of its own."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from probe.files import read_text, replace_text
from probe.render.graphemes import clusters, visible
from probe.render.page import TEMPLATES, cell_style, palette_style, render_fragment, render_page

if TYPE_CHECKING:
    from probe.render.coloured_text import ColouredText


@dataclass(frozen=True)
class Cell:
    """One visible character on a page: what stands there, its classes, and what hovering says."""

    text: str
    classes: str
    title: str


def fragment(coloured: "ColouredText") -> str:
    """Return ``coloured`` as HTML that brings its own colours, for a notebook's cell."""
    return render_fragment("fragment.html", style=Markup(_style(coloured)), **_context(coloured))


def write_page(coloured: "ColouredText", path: Path) -> Path:
    """Write ``coloured`` as one offline page to ``path``, atomically, and return ``path``."""
    replace_text(path, render_page("coloured_text.html", style=_style(coloured), **_context(coloured)))
    return path


def cells(coloured: "ColouredText") -> list[Cell]:
    """Return the visible characters of ``coloured``; a cluster wears the value after its last code point."""
    scaled = coloured.scaled
    indices = coloured.palette.indices(scaled)
    result = []
    for start, stop in clusters(coloured.text):
        cluster, last = coloured.text[start:stop], stop - 1
        mark = {"\n": " newline", "\t": " tab"}.get(cluster, "")
        name = {"\n": "newline", "\t": "tab", " ": "space"}.get(cluster, visible(cluster))
        title = f"{name}: {coloured.values[last]:.3f}, scaled {scaled[last]:.3f}"
        result.append(Cell(cluster, f"c{indices[last]}{mark}", title))
    return result


def _context(coloured: "ColouredText") -> dict[str, Any]:
    values = coloured.values
    span = f"{values.min():.2f} to {values.max():.2f}".replace("-", "−") if len(values) else "none"
    return {
        "title": coloured.caption or "Coloured text", "caption": coloured.caption, "cells": cells(coloured),
        "palette": coloured.palette, "scaling": coloured.scaling.meaning, "span": span,
    }


def _style(coloured: "ColouredText") -> str:
    base = read_text(TEMPLATES / "coloured_text.css")
    scope = f".probe-text.{coloured.palette.name}"  # a notebook may show texts of several palettes
    return base + palette_style(coloured.palette, scope) + cell_style(coloured.palette.steps, scope)
