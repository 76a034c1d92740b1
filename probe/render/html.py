"""Coloured text as HTML: a fragment for notebooks and a page of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from markupsafe import Markup

from probe.files import read_text, replace_text
from probe.render.page import TEMPLATES, cell_style, render_fragment, render_page, shade_properties
from probe.render.palette import Palette
from probe.render.shown import Shown
from probe.render.signs import name_of, signed
from probe.render.theme import DARK, LIGHT, themed


@dataclass(frozen=True)
class Cell:
    """One visible character on a page: what stands there, its classes, and what hovering says."""

    text: str
    classes: str
    title: str


def fragment(texts: Sequence[Shown]) -> str:
    """Return coloured texts one below the other as HTML that brings its own colours, for a notebook's cell."""
    return render_fragment("fragment.html", style=Markup(_styles(texts)), texts=list(map(_context, texts)))


def write_page(path: Path, texts: Sequence[Shown]) -> Path:
    """Write coloured texts as one offline page to ``path``, atomically; return it."""
    title = next((shown.caption for shown in texts if shown.caption), "Coloured text")
    page = render_page("coloured_text.html", style=_styles(texts), title=title, texts=list(map(_context, texts)))
    replace_text(path, page)
    return path


def cells(shown: Shown) -> list[Cell]:
    """Return the visible characters of a coloured text; a cluster wears the value after its last code point."""
    indices = shown.palette.indices(shown.scaled)
    result = []
    for start, stop, sign in signed(shown.text):
        cluster, last = shown.text[start:stop], stop - 1
        classes = " ".join(filter(None, (f"c{indices[last]}", sign, "on" if shown.marked(last) else "")))
        title = f"{name_of(cluster)}: {shown.values[last]:.3f}, scaled {shown.scaled[last]:.3f}"
        result.append(Cell(cluster, classes, title))
    return result


def _context(shown: Shown) -> dict[str, Any]:
    return {"caption": shown.caption, "cells": cells(shown), "palette": shown.palette, "notes": shown.notes,
            "remark": shown.remark, "flowing": shown.flowing}


def _styles(texts: Sequence[Shown]) -> str:
    base = read_text(TEMPLATES / "coloured_text.css") + themed(".probe-text", LIGHT, DARK)
    return base + "".join(map(_colours, dict.fromkeys(shown.palette for shown in texts)))


def _colours(palette: Palette) -> str:
    scope = f".probe-text.{palette.name}"  # a notebook may show texts of several palettes
    colours = themed(scope, shade_properties(palette.light), shade_properties(palette.dark))
    return colours + cell_style(palette.steps, scope)
