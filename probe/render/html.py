"""Coloured text as HTML: a fragment for notebooks and a page of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from markupsafe import Markup

from probe.files import read_text, replace_text
from probe.render.graphemes import clusters, visible
from probe.render.page import TEMPLATES, cell_style, palette_style, render_fragment, render_page
from probe.render.palette import Palette
from probe.render.shown import Shown


@dataclass(frozen=True)
class Cell:
    """One visible character on a page: what stands there, its classes, and what hovering says."""

    text: str
    classes: str
    title: str


def fragment(shown: Shown) -> str:
    """Return a coloured text as HTML that brings its own colours, for a notebook's cell."""
    return render_fragment("fragment.html", style=Markup(_style(shown.palette)), **_context(shown))


def write_page(path: Path, texts: Sequence[Shown]) -> Path:
    """Write coloured texts as one offline page to ``path``, atomically; return it."""
    style = "".join(_style(palette) for palette in dict.fromkeys(shown.palette for shown in texts))
    contexts = [_context(shown) for shown in texts]
    title = next((shown.caption for shown in texts if shown.caption), "Coloured text")
    replace_text(path, render_page("coloured_text.html", style=style, title=title, texts=contexts))
    return path


def cells(shown: Shown) -> list[Cell]:
    """Return the visible characters of a coloured text; a cluster wears the value after its last code point."""
    indices = shown.palette.indices(shown.scaled)
    result = []
    for start, stop in clusters(shown.text):
        cluster, last = shown.text[start:stop], stop - 1
        mark = {"\n": " newline", "\t": " tab"}.get(cluster, "") + (" on" if shown.marked(last) else "")
        name = {"\n": "newline", "\t": "tab", " ": "space"}.get(cluster, visible(cluster))
        title = f"{name}: {shown.values[last]:.3f}, scaled {shown.scaled[last]:.3f}"
        result.append(Cell(cluster, f"c{indices[last]}{mark}", title))
    return result


def _context(shown: Shown) -> dict[str, Any]:
    return {"caption": shown.caption, "cells": cells(shown), "palette": shown.palette, "notes": shown.notes,
            "remark": shown.remark}


def _style(palette: Palette) -> str:
    base = read_text(TEMPLATES / "coloured_text.css")
    scope = f".probe-text.{palette.name}"  # a notebook may show texts of several palettes
    return base + palette_style(palette, scope) + cell_style(palette.steps, scope)
